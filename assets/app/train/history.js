// Undo and redo: a stack of workouts. They share what is equal, so that an edit costs little memory.

import { reduce } from "./reducer.js";

/** @typedef {import("./workout.js").Workout} Workout */

/**
 * @typedef {object} History
 * @property {Workout} present
 * @property {readonly Workout[]} past the newest last
 * @property {readonly Workout[]} future the next one last
 * @property {string | null} tag of the edit that made the present; an edit with the same tag joins it
 */

/** The number of edits that can be undone. */
export const DEPTH = 100;

/** @param {Workout} present @returns {History} */
export const startHistory = (present) => ({ present, past: [], future: [], tag: null });

/**
 * The history after an edit. Edits with the same tag that follow one another, such as steps of one value, are undone together.
 * @param {History} history
 * @param {import("./reducer.js").Action} action
 * @param {string | null} [tag]
 * @returns {History}
 */
export function edit(history, action, tag = null) {
  const present = reduce(history.present, action);
  if (present === history.present) {
    return history;
  }
  const joins = tag !== null && tag === history.tag;
  const past = joins ? history.past : [...history.past, history.present].slice(-DEPTH);
  return { present, past, future: [], tag };
}

/** The next edit does not join the last one. @param {History} history @returns {History} */
export const seal = (history) => (history.tag === null ? history : { ...history, tag: null });

/** @param {History} history @returns {History} */
export function undo(history) {
  const present = history.past.at(-1);
  if (present === undefined) {
    return history;
  }
  return { present, past: history.past.slice(0, -1), future: [...history.future, history.present], tag: null };
}

/** @param {History} history @returns {History} */
export function redo(history) {
  const present = history.future.at(-1);
  if (present === undefined) {
    return history;
  }
  return { present, past: [...history.past, history.present], future: history.future.slice(0, -1), tag: null };
}

/**
 * The history from the JSON of one; null if it is none.
 * @param {string | null} text
 * @returns {History | null}
 */
export function parseHistory(text) {
  try {
    const { present, past, future } = JSON.parse(text ?? "");
    const all = [present, ...past, ...future];
    const isValid = all.every(({ exercises, next }) => Array.isArray(exercises) && Number.isInteger(next));
    return isValid ? { present, past, future, tag: null } : null;
  } catch {
    return null;
  }
}
