// Groups of exercises that are repeated together: supersets and circuits, EMOM, AMRAP. Pure, as the reducer.

import { numeric } from "./workout.js";

/** @typedef {import("./workout.js").Workout} Workout */
/** @typedef {import("./workout.js").Item} Item */

/**
 * @typedef {object} Group
 * @property {string} id what its exercises have as their `group`
 * @property {string} [title]
 * @property {number} [rounds]
 * @property {number | string} [rest_between_rounds] seconds
 * @property {number | string} [every] seconds from the start of an exercise to the start of the next
 * @property {number | string} [duration] seconds, in place of rounds
 * @property {number | string} [rest] seconds after the group
 */

/** @typedef {"rounds" | "emom" | "amrap"} GroupKind */

/** What a group becomes; undefined removes a field. @type {Readonly<Record<string, {fields: Partial<Group>, item?: Partial<Item>}>>} */
const SHAPES = Object.freeze({
  rounds: { fields: { rounds: 3, every: undefined, duration: undefined } },
  emom: { fields: { rounds: 5, every: 60, duration: undefined, rest_between_rounds: undefined } },
  amrap: { fields: { rounds: undefined, every: undefined, duration: 720, rest_between_rounds: undefined } },
  tabata: {
    fields: { rounds: 8, every: undefined, duration: undefined, rest_between_rounds: undefined },
    item: { duration: 20, rest: 10 },
  },
});

/** The names of the shapes, in the order in which they are shown. */
export const SHAPE_NAMES = Object.freeze(Object.keys(SHAPES));

/** An exercise of an EMOM that would be longer than its interval has this part of it. */
const EMOM_WORK = 2 / 3;

/** @param {Group} group @returns {GroupKind} */
export const kindOf = ({ every, duration }) => (duration !== undefined ? "amrap" : every !== undefined ? "emom" : "rounds");

/** The group of each exercise, by its id. @param {Workout} workout @returns {ReadonlyMap<string, Group>} */
export const groupsById = (workout) => new Map((workout.groups ?? []).map((group) => [group.id, group]));

/** Puts an item into the group of the one above; without one, both get a new group. @param {Workout} workout @param {number} index */
export function joinAbove(workout, index) {
  const [above, item] = [workout.exercises[index - 1], workout.exercises[index]];
  if (above === undefined || item === undefined || (item.group !== undefined && item.group === above.group)) {
    return workout;
  }
  const made = above.group ?? item.group ?? freeId(workout);
  const isNew = above.group === undefined && item.group === undefined;
  const groups = isNew ? [...(workout.groups ?? []), stated({ id: made, ...SHAPES["rounds"].fields })] : workout.groups;
  // All of two groups that touch become one.
  const joins = (/** @type {Item} */ other) =>
    other === above || other === item || (item.group !== undefined && other.group === item.group);
  const exercises = workout.exercises.map((other) => (joins(other) ? inGroup(other, made) : other));
  return withGroups({ ...workout, ...(groups === undefined ? {} : { groups }) }, exercises);
}

/** Takes an item out of its group; from its middle, it goes behind it. @param {Workout} workout @param {number} index */
export function leaveGroup(workout, index) {
  const item = workout.exercises[index];
  if (item?.group === undefined) {
    return workout;
  }
  const last = workout.exercises.findLastIndex(({ group }) => group === item.group);
  const isFirst = workout.exercises[index - 1]?.group !== item.group;
  const exercises = workout.exercises.toSpliced(index, 1).toSpliced(isFirst ? index : last, 0, inGroup(item, undefined));
  return withGroups(workout, exercises);
}

/** Ends a group; its exercises stay. @param {Workout} workout @param {string} id */
export const dissolve = (workout, id) =>
  withGroups(workout, workout.exercises.map((item) => (item.group === id ? inGroup(item, undefined) : item)));

/** Gives a group the shape of this name: how often, and for how long. @param {Workout} workout @param {string} id @param {string} name @param {(item: Item) => number} secsOf */
export function shapeGroup(workout, id, name, secsOf) {
  const { fields, item: times } = SHAPES[name] ?? {};
  if (fields === undefined || !workout.groups?.some((group) => group.id === id)) {
    return workout;
  }
  const count = workout.exercises.filter(({ group }) => group === id).length;
  const rounds = name === "tabata" ? Math.max(1, Math.ceil((fields.rounds ?? 1) / count)) : fields.rounds;
  const groups = workout.groups.map((group) => (group.id === id ? stated({ ...group, ...fields, rounds }) : group));
  const every = numeric(fields.every, Infinity);
  const exercises = workout.exercises.map((item) => {
    if (item.group !== id) {
      return item;
    }
    return secsOf(item) > every ? { ...item, duration: Math.round(every * EMOM_WORK) } : { ...item, ...times };
  });
  return { ...workout, groups, exercises };
}

/**
 * The workout with these exercises, where each group is whole: an item between two of a group belongs to it, one away from its
 * group does not, and a group without exercises is gone.
 * @param {Workout} workout
 * @param {readonly Item[]} exercises
 * @param {ReadonlySet<number>} [moved] the keys of items that have another place
 * @returns {Workout}
 */
export function withGroups(workout, exercises, moved = new Set()) {
  const { groups: all = [], ...rest } = workout;
  const groupAt = (/** @type {number} */ index, /** @type {number} */ by) => {
    let at = index + by;
    while (moved.has(exercises[at]?.key ?? -1)) {
      at += by;
    }
    return exercises[at]?.group;
  };
  const placed = exercises.map((item, index) => {
    if (!moved.has(item.key)) {
      return item;
    }
    const [before, after] = [groupAt(index, -1), groupAt(index, 1)];
    if (before === after && before !== undefined) {
      return inGroup(item, before);
    }
    // Of a group that is gone, an item is put back alone.
    const isThere = all.some(({ id }) => id === item.group);
    const isOnly = exercises.every(({ key, group }) => moved.has(key) || group !== item.group);
    return isThere && (isOnly || item.group === before || item.group === after) ? item : inGroup(item, undefined);
  });
  const used = new Set(placed.map(({ group }) => group));
  const groups = all.filter(({ id }) => used.has(id));
  return { ...rest, ...(groups.length === 0 ? {} : { groups }), exercises: placed };
}

/** The item in a group, or in none. @param {Item} item @param {string | undefined} id @returns {Item} */
function inGroup(item, id) {
  if (item.group === id) {
    return item;
  }
  const { group: _, ...alone } = item;
  return id === undefined ? alone : { ...alone, group: id };
}

/** An id that no group has. @param {Workout} workout */
function freeId({ groups = [] }) {
  let number = groups.length + 1;
  while (groups.some(({ id }) => id === `group-${number}`)) {
    number += 1;
  }
  return `group-${number}`;
}

/** The group without fields that are not stated. @param {Group} group @returns {Group} */
const stated = (group) => /** @type {Group} */ (Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined)));
