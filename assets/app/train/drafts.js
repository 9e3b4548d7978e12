// What the builder keeps on this device: the history of edits for as long as the tab lives, and unsaved work until it is saved.

import { read, write } from "../storage.js";
import { parseHistory } from "./history.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("./workout.js").WorkoutDocument} WorkoutDocument */
/** @typedef {{document: WorkoutDocument, etag: string | null, at: number}} Draft `at`: milliseconds since 1970 */

const HISTORY = "repcast.train.history.";
const DRAFT = "repcast.train.draft.";
const CURRENT = "repcast.train.current";
const NEW = "new";

/** @param {string | null} id */
const name = (id) => id ?? NEW;

/** The workout that was open last in this tab; null for a new one. */
export const currentId = () => read(CURRENT, sessionStorage);

/** @param {string | null} id */
export const rememberCurrent = (id) => write(CURRENT, id, sessionStorage);

/** @param {string | null} id @returns {{history: History, etag: string | null} | null} */
export function readHistory(id) {
  const text = read(HISTORY + name(id), sessionStorage);
  const history = parseHistory(text);
  return history === null ? null : { history, etag: JSON.parse(text ?? "{}").etag ?? null };
}

/** Where the storage is full, older edits are left out. @param {string | null} id @param {History | null} history @param {string | null} etag */
export function writeHistory(id, history, etag) {
  if (history === null) {
    write(HISTORY + name(id), null, sessionStorage);
    return;
  }
  let { past, future } = history;
  while (!write(HISTORY + name(id), JSON.stringify({ present: history.present, past, future, etag }), sessionStorage)) {
    if (past.length === 0 && future.length === 0) {
      return;
    }
    past = past.slice(Math.ceil(past.length / 2));
    future = future.slice(Math.ceil(future.length / 2));
  }
}

/** @param {string | null} id @returns {Draft | null} */
export function readDraft(id) {
  try {
    const draft = JSON.parse(read(DRAFT + name(id)) ?? "null");
    return Array.isArray(draft?.document?.exercises) ? draft : null;
  } catch {
    return null;
  }
}

/** @param {string | null} id @param {Draft | null} draft */
export const writeDraft = (id, draft) => write(DRAFT + name(id), draft === null ? null : JSON.stringify(draft));
