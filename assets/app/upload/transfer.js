// Sends one file in chunks (tus 1.0) and survives interruptions: after one, it asks the server how much has arrived. No DOM; the
// server and the clock are given.
//
//   waiting -> sending <-> retrying        the connection is lost
//                      <-> paused          by the user
//   sent, failed, canceled                 final

import { Rate } from "./rate.js";

/** @typedef {"waiting" | "sending" | "retrying" | "paused" | "sent" | "failed" | "canceled"} TransferState */

/**
 * @typedef {object} UploadServer each call fails with a Problem
 * @property {(name: string, length: number, signal: AbortSignal) => Promise<string>} create the id of a new upload
 * @property {(id: string, signal: AbortSignal) => Promise<number>} offset the bytes that have arrived
 * @property {(id: string, offset: number, chunk: Blob, onSent: (bytes: number) => void, signal: AbortSignal) => Promise<number>} send
 *   the bytes that have arrived after a chunk
 * @property {(id: string) => Promise<unknown>} remove
 * @property {() => number} now milliseconds
 * @property {(millis: number, signal: AbortSignal) => Promise<void>} wait ends early when the connection may be back
 */

export const CHUNK_BYTES = 8_000_000;
// Short at first, because most interruptions are; the last one is repeated.
const WAITS_MILLIS = [1000, 2000, 5000, 10_000, 20_000];

export class Transfer {
  /** @type {TransferState} */
  state = "waiting";
  /** The bytes that have arrived, those on the way included. */
  sent = 0;
  /** @type {unknown} */
  problem = null;
  #server;
  #file;
  #name;
  #onChange;
  /** @type {string | null} */
  #id;
  #offset = 0;
  #tries = 0;
  #rate = new Rate();
  #running = new AbortController();

  /**
   * @param {UploadServer} server
   * @param {{file: Blob, name: string, id?: string | null}} what with the id of an upload that was interrupted
   * @param {() => void} onChange
   */
  constructor(server, { file, name, id = null }, onChange) {
    this.#server = server;
    this.#file = file;
    this.#name = name;
    this.#id = id;
    this.#onChange = onChange;
  }

  /** The id at the server; null before it has one. */
  get id() {
    return this.#id;
  }

  /** Bytes per second; 0 before it is known. */
  get rate() {
    return this.state === "sending" ? this.#rate.value : 0;
  }

  /** Seconds until the file is sent; null when that is not known. */
  get secondsLeft() {
    return this.rate > 0 ? (this.#file.size - this.sent) / this.rate : null;
  }

  /** Starts, or goes on after a pause or a failure. Resolves when it has stopped for whatever reason. */
  async start() {
    if (!["waiting", "paused", "failed"].includes(this.state)) {
      return;
    }
    this.problem = null;
    this.#running = new AbortController();
    const { signal } = this.#running;
    // What has arrived is not known of an upload that was interrupted.
    let isKnown = this.#id === null;
    for (;;) {
      this.#become("sending");
      this.#rate = new Rate();
      try {
        await this.#sendAll(isKnown, signal);
        this.#become("sent");
        return;
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (!(await this.#recovers(error, signal))) {
          return;
        }
        isKnown = false;
      }
    }
  }

  pause() {
    if (this.state === "sending" || this.state === "retrying" || this.state === "waiting") {
      this.#become("paused");
      this.#running.abort();
    }
  }

  /** Stops, and removes what has arrived. */
  async cancel() {
    this.#become("canceled");
    this.#running.abort();
    if (this.#id !== null) {
      await this.#server.remove(this.#id).catch(() => undefined);
    }
  }

  /** @param {boolean} isKnown whether the offset is @param {AbortSignal} signal */
  async #sendAll(isKnown, signal) {
    if (this.#id === null) {
      this.#offset = 0;
      this.#id = await this.#server.create(this.#name, this.#file.size, signal);
      this.#onChange();
    } else if (!isKnown) {
      this.#offset = await this.#server.offset(this.#id, signal);
    }
    while (this.#offset < this.#file.size) {
      const from = this.#offset;
      const chunk = this.#file.slice(from, from + CHUNK_BYTES);
      this.#moved(from);
      this.#offset = await this.#server.send(this.#id, from, chunk, (bytes) => signal.aborted || this.#moved(from + bytes), signal);
      this.#tries = 0;
    }
    this.#moved(this.#offset);
  }

  /** @param {number} sent */
  #moved(sent) {
    this.sent = sent;
    this.#rate.add(sent, this.#server.now());
    this.#onChange();
  }

  /** Waits for another try; false when there is none. @param {any} error @param {AbortSignal} signal */
  async #recovers(error, signal) {
    const { status, isTemporary } = error;
    // Uploads that are not completed expire.
    const isGone = this.#id !== null && (status === 404 || status === 410);
    if (isGone) {
      this.#id = null;
    }
    // Another offset than the server's: the answer to a chunk was lost.
    const isRepaired = isGone || status === 409;
    if (!isRepaired && !isTemporary) {
      this.problem = error;
      this.#become("failed");
      return false;
    }
    this.#become("retrying");
    const wait = WAITS_MILLIS[Math.min(this.#tries, WAITS_MILLIS.length - 1)] ?? 0;
    this.#tries += 1;
    await this.#server.wait(Math.max(wait, 1000 * (error.retryAfterSecs ?? 0)), signal);
    return !signal.aborted;
  }

  /** @param {TransferState} state */
  #become(state) {
    this.state = state;
    this.#onChange();
  }
}
