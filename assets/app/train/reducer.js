// The edits of a workout. Pure: an action and a workout give the next workout, or the same one when nothing changes.

import { dissolve, joinAbove, leaveGroup, shapeGroup, withGroups } from "./groups.js";
import { applyTemplate } from "./templates.js";
import { MOST_EXERCISES, fromDocument } from "./workout.js";

/** @typedef {import("./workout.js").Item} Item */
/** @typedef {import("./workout.js").Workout} Workout */

/**
 * @typedef {{type: "add", items: Partial<Item>[], at?: number}
 *   | {type: "remove", key: number}
 *   | {type: "duplicate", key: number}
 *   | {type: "move", key: number, to: number}
 *   | {type: "change", key: number, fields: Partial<Item>}
 *   | {type: "changeAll", fields: Partial<Item>}
 *   | {type: "swap", key: number, id: string}
 *   | {type: "group", key: number}
 *   | {type: "ungroup", key: number}
 *   | {type: "dissolve", id: string}
 *   | {type: "shape", id: string, name: string, secsOf: (item: Item) => number}
 *   | {type: "changeGroup", id: string, fields: Partial<import("./groups.js").Group>}
 *   | {type: "set", fields: Partial<Workout>}
 *   | {type: "template", name: string}
 *   | {type: "replace", document: Record<string, any>}} Action
 */

/** The bounds of the fields, as the server has them. */
export const BOUNDS = Object.freeze({
  duration: [0.1, 43_200],
  rest: [0, 43_200],
  speed: [0.1, 16],
  rounds: [1, 100],
  rest_between_rounds: [0, 43_200],
  every: [0.1, 43_200],
});

/**
 * @param {Workout} workout
 * @param {Action} action
 * @returns {Workout}
 */
export function reduce(workout, action) {
  switch (action.type) {
    case "add":
      return add(workout, action.items, action.at ?? workout.exercises.length);
    case "remove": {
      const exercises = workout.exercises.filter(({ key }) => key !== action.key);
      return exercises.length === workout.exercises.length ? workout : withGroups(workout, exercises);
    }
    case "duplicate": {
      const index = indexOf(workout, action.key);
      return index < 0 ? workout : add(workout, [workout.exercises[index]], index + 1);
    }
    case "move":
      return move(workout, action.key, action.to);
    case "change":
      return changeItems(workout, (item) => (item.key === action.key ? action.fields : null));
    case "changeAll":
      return changeItems(workout, () => action.fields);
    case "swap":
      return changeItems(workout, (item) => (item.key === action.key ? { id: action.id } : null));
    case "group":
      return joinAbove(workout, indexOf(workout, action.key));
    case "ungroup":
      return leaveGroup(workout, indexOf(workout, action.key));
    case "dissolve":
      return dissolve(workout, action.id);
    case "shape":
      return shapeGroup(workout, action.id, action.name, action.secsOf);
    case "changeGroup":
      return changeGroup(workout, action.id, action.fields);
    case "set":
      return changed(workout, action.fields);
    case "template":
      return applyTemplate(workout, action.name);
    case "replace":
      return renumbered(workout, action.document);
  }
}

/** The index of the item with this key, or -1. @param {Workout} workout @param {number} key */
export const indexOf = (workout, key) => workout.exercises.findIndex((item) => item.key === key);

/** @param {Workout} workout @param {Partial<Item>[]} items @param {number} at */
function add(workout, items, at) {
  const fitting = items.slice(0, Math.max(0, MOST_EXERCISES - workout.exercises.length));
  if (fitting.length === 0) {
    return workout;
  }
  const made = fitting.map((item, index) => /** @type {Item} */ ({ ...item, key: workout.next + index }));
  const exercises = workout.exercises.toSpliced(Math.min(Math.max(at, 0), workout.exercises.length), 0, ...made);
  return { ...withGroups(workout, exercises, new Set(made.map(({ key }) => key))), next: workout.next + made.length };
}

/** @param {Workout} workout @param {number} key @param {number} to */
function move(workout, key, to) {
  const from = indexOf(workout, key);
  const target = Math.min(Math.max(to, 0), workout.exercises.length - 1);
  if (from < 0 || from === target) {
    return workout;
  }
  const exercises = workout.exercises.toSpliced(from, 1).toSpliced(target, 0, workout.exercises[from]);
  return withGroups(workout, exercises, new Set([key]));
}

/** @param {Workout} workout @param {(item: Item) => Partial<Item> | null} fieldsOf */
function changeItems(workout, fieldsOf) {
  let isChanged = false;
  const exercises = workout.exercises.map((item) => {
    const fields = fieldsOf(item);
    const next = fields === null ? item : changed(item, fields);
    isChanged ||= next !== item;
    return next;
  });
  return isChanged ? { ...workout, exercises } : workout;
}

/** @param {Workout} workout @param {string} id @param {Partial<import("./groups.js").Group>} fields */
function changeGroup(workout, id, fields) {
  const groups = (workout.groups ?? []).map((group) => (group.id === id ? changed(group, fields) : group));
  return groups.every((group, index) => group === workout.groups?.[index]) ? workout : { ...workout, groups };
}

/**
 * The object with other values of some fields; undefined removes a field.
 * @template {object} T
 * @param {T} object
 * @param {Partial<T>} fields
 * @returns {T}
 */
function changed(object, fields) {
  const names = /** @type {(keyof T)[]} */ (Object.keys(fields));
  if (names.every((name) => JSON.stringify(object[name]) === JSON.stringify(fields[name]))) {
    return object;
  }
  const next = { ...object, ...fields };
  names.filter((name) => fields[name] === undefined).forEach((name) => delete next[name]);
  return next;
}

/** The workout of another document, with keys that no item had before. @param {Workout} workout @param {any} document */
function renumbered(workout, document) {
  const other = fromDocument(document);
  const exercises = other.exercises.map((item, index) => ({ ...item, key: workout.next + index }));
  return { ...other, exercises, next: workout.next + exercises.length };
}
