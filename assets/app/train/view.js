// Where the builder looks: the selected item, and the cursor, which stays in its item while times change.

import { Store } from "../store.js";
import { lastFrameAt, stepAt } from "./schedule.js";

/** @typedef {import("./schedule.js").Schedule} Schedule */

/** The key of the selected item. */
export const selected = new Store(/** @type {number | null} */ (null));

/** Seconds of the workout. */
export const cursor = new Store(0);

// Within the first frame of a step, whatever the rounding of its start.
const INSIDE_SECS = 0.001;

/** @type {{key: number, kind: string, round: number, set: number, offset: number} | null} */
let anchor = null;

/** Moves the cursor. @param {Schedule} times @param {number} at @param {boolean} [selects] the item there is selected, too */
export function moveCursor(times, at, selects = true) {
  const inside = Math.min(Math.max(at, 0), lastFrameAt(times));
  const step = stepAt(times, inside);
  anchor = step === null ? null : { key: step.key, kind: step.kind, round: step.round, set: step.set, offset: inside - step.start };
  cursor.set(inside);
  if (selects && step !== null) {
    selected.set(step.key);
  }
}

/** Selects an item and moves the cursor to its start, unless it is in it. @param {Schedule} times @param {number} key */
export function selectItem(times, key) {
  selected.set(key);
  const current = stepAt(times, cursor.value);
  const start = times.steps.find((step) => step.key === key && step.kind === "exercise")?.start;
  if (start !== undefined && current?.key !== key) {
    moveCursor(times, start + INSIDE_SECS, false);
  }
}

/** Keeps the cursor in its item after an edit. @param {Schedule} times */
export function keepCursor(times) {
  const held = anchor;
  const same = (/** @type {import("./schedule.js").Step} */ step) => step.key === held?.key && step.kind === held.kind;
  const step = times.steps.find((other) => same(other) && other.round === held?.round && other.set === held.set) ?? times.steps.find(same);
  if (held !== null && step !== undefined) {
    const at = Math.min(step.start + held.offset, step.end - 1 / times.fps / 2);
    cursor.set(Math.min(Math.max(at, step.start + INSIDE_SECS), lastFrameAt(times)));
  } else {
    moveCursor(times, cursor.value, false);
  }
}
