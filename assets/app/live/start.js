// Starts live sessions.

import { Problem, requestJson } from "../api.js";

// A server without capacity may have some when the frame of the preview is done.
const TRIES = 4;
const LONGEST_WAIT_SECS = 3;
const TIMEOUT_MILLIS = 30_000;

/**
 * @param {Record<string, any>} json a document, or the id of a saved workout
 * @param {string} [query]
 * @returns {Promise<any>} the addresses of the session, and the right to control it
 */
export async function startSession(json, query = "") {
  for (let tries = 1; ; tries += 1) {
    try {
      return await requestJson("POST", `api/live${query}`, { json, timeoutMillis: TIMEOUT_MILLIS });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 503 || tries === TRIES) {
        throw error;
      }
      const wait = Math.min(Math.max(error.retryAfterSecs, 1), LONGEST_WAIT_SECS);
      await new Promise((done) => setTimeout(done, wait * 1000));
    }
  }
}
