// Live sessions: those that this browser has started, whose right to control it has, and those that the server lists.

import { request, requestJson } from "../api.js";
import { read, write } from "../storage.js";
import { startSession } from "./start.js";

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string} state
 * @property {string | null} [title]
 * @property {number} position_secs
 * @property {number} duration_secs
 * @property {number} viewers
 * @property {string} join_code
 * @property {{name: string} | null} current
 * @property {boolean} isOwn
 */

const OWN = "repcast.live.own";
const MOST_OWN = 20;

/** @returns {string[]} */
function ownIds() {
  try {
    const ids = JSON.parse(read(OWN) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string[]} ids */
const keepOwn = (ids) => write(OWN, JSON.stringify(ids.slice(0, MOST_OWN)));

/**
 * Starts a session that waits for the coach. The right to control it becomes a cookie, so that no script keeps the token.
 * @param {Record<string, any>} json a document, or the id of a saved workout
 */
export async function startClass(json) {
  const started = await startSession(json, "?start_paused=true");
  const headers = { authorization: `Bearer ${started.control_token}` };
  await request("POST", `api/live/${started.id}/control`, { headers }).catch(() => undefined);
  keepOwn([started.id, ...ownIds()]);
  return started;
}

/** The sessions that this browser knows. The list of the server needs a right that not everybody has. @returns {Promise<Session[]>} */
export async function listSessions() {
  const own = ownIds();
  const listed = await requestJson("GET", "api/live", { anonymous: true }).catch(() => []);
  const missing = own.filter((id) => !listed.some((/** @type {Session} */ session) => session.id === id));
  const found = await Promise.all(missing.map((id) => requestJson("GET", `api/live/${id}`).catch((error) => (error.status === 0 ? undefined : null))));
  keepOwn(own.filter((id) => found[missing.indexOf(id)] !== null));
  return [...found.filter(Boolean), ...listed].map((session) => ({ ...session, isOwn: own.includes(session.id) }));
}

/** Ends a session by the cookie. @param {string} id */
export const endSession = (id) => request("DELETE", `api/live/${id}`, { timeoutMillis: 20_000 });
