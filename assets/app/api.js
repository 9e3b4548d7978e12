// Requests to the server. Each failure is a Problem: what happened in words, and where.

import { Store } from "./store.js";

/** @typedef {{place: string, message: string}} Fault */

/** A failed request (RFC 9457). The status is 0 when the server did not respond. */
export class Problem extends Error {
  /** @param {number} status @param {{detail?: string, place?: string, faults?: Fault[]}} body @param {number} [retryAfterSecs] */
  constructor(status, body, retryAfterSecs = 0) {
    super(body.detail ?? `HTTP ${status}`);
    this.status = status;
    this.place = body.place ?? "";
    /** @type {Fault[]} */
    this.faults = body.faults ?? [];
    this.retryAfterSecs = retryAfterSecs;
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Whether the last request reached the server. */
export const online = new Store(true);

/** Whether the server asks for a sign-in. */
export const signedOut = new Store(false);

/**
 * @typedef {object} Options
 * @property {unknown} [json] the body
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] the request outlives the page
 * @property {number} [timeoutMillis] 0 for none
 * @property {boolean} [anonymous] a 401 is an answer, not the end of the sign-in
 */

const TIMEOUT_MILLIS = 15_000;

/**
 * The response to a request; an address of the server is relative to the base of the page.
 * @param {string} method
 * @param {string} address
 * @param {Options} [options]
 * @returns {Promise<Response>}
 * @throws {Problem}
 */
export async function request(method, address, options = {}) {
  let response = await send(method, address, options);
  if (response.status === 401 && !options.anonymous) {
    const renewed = await renew();
    response = renewed ? await send(method, address, options) : response;
    signedOut.set(response.status === 401);
  }
  if (!response.ok) {
    throw await problemOf(response);
  }
  return response;
}

/**
 * The JSON of a response, null when it has none.
 * @param {string} method
 * @param {string} address
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export async function requestJson(method, address, options) {
  const response = await request(method, address, options);
  return response.status === 204 ? null : response.json();
}

/** @param {string} method @param {string} address @param {Options} options */
async function send(method, address, { json, headers = {}, signal, keepalive = false, timeoutMillis = TIMEOUT_MILLIS }) {
  const limit = timeoutMillis > 0 ? [AbortSignal.timeout(timeoutMillis)] : [];
  const signals = signal === undefined ? limit : [signal, ...limit];
  /** @type {RequestInit} */
  const init = {
    method,
    credentials: "same-origin",
    keepalive,
    headers: { accept: "application/json", ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
  };
  try {
    const response = await fetch(new URL(address, document.baseURI), init);
    online.set(true);
    return response;
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    online.set(false);
    throw new Problem(0, { detail: "" });
  }
}

/** @type {Promise<boolean> | null} */
let renewal = null;

/** Asks for a new access token by the cookie of the refresh token; requests that fail together ask once. */
function renew() {
  renewal ??= send("POST", "api/auth/refresh", {})
    .then(({ ok }) => ok)
    .catch(() => false)
    .finally(() => (renewal = null));
  return renewal;
}

/** @param {Response} response */
async function problemOf(response) {
  const retryAfter = Number(response.headers.get("retry-after") ?? 0);
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, typeof body === "object" && body !== null ? body : {}, retryAfter || 0);
}
