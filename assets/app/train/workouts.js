// The calls for saved workouts.

import { request, requestJson } from "../api.js";

/** @typedef {import("./autosave.js").Saved} Saved */
/** @typedef {import("./workout.js").WorkoutDocument} WorkoutDocument */

/**
 * @typedef {object} Summary
 * @property {string} sessionId
 * @property {string} title
 * @property {number} exercises
 * @property {number} total_duration seconds
 * @property {string} updatedAt
 * @property {string} etag
 */

/** @param {string} id */
const address = (id) => `api/workouts/${encodeURIComponent(id)}`;

/** @param {Response} response @returns {Promise<Saved>} */
async function saved(response) {
  const body = await response.json();
  const etag = response.headers.get("etag") ?? body.etag ?? "";
  return { id: body.sessionId, etag, updatedAt: body.updatedAt, document: body.document };
}

/** @param {string} id */
export const loadWorkout = async (id) => saved(await request("GET", address(id)));

/** Saves a new workout, or another version of one. @param {WorkoutDocument} document @param {string | null} id @param {string | null} etag */
export async function saveWorkout(document, id, etag) {
  if (id === null) {
    return saved(await request("POST", "api/workouts", { json: document }));
  }
  const headers = { "if-match": etag ?? "*" };
  const response = await request("PUT", address(id), { json: document, headers });
  // An answer without a body means that only the ETag is new.
  const body = response.status === 204 ? {} : await response.json().catch(() => ({}));
  const fresh = response.headers.get("etag") ?? body.etag;
  return fresh === undefined || fresh === null
    ? loadWorkout(id)
    : { id, etag: fresh, updatedAt: body.updatedAt ?? new Date().toISOString(), document };
}

const PAGE_SIZE = 50;

/** The saved workouts, the newest first. @returns {Promise<Summary[]>} */
export async function listWorkouts() {
  /** @type {Summary[]} */
  const all = [];
  for (let page = 0; ; page += 1) {
    const { workouts, total } = await requestJson("GET", `api/workouts?page=${page}&size=${PAGE_SIZE}`);
    all.push(...workouts);
    if (workouts.length < PAGE_SIZE || all.length >= (total ?? 0)) {
      return all.sort((one, two) => two.updatedAt.localeCompare(one.updatedAt));
    }
  }
}

/** @param {string} id @param {boolean} [isLast] the page is being closed */
export const deleteWorkout = (id, isLast = false) => request("DELETE", address(id), { keepalive: isLast });
