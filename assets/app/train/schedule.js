// The times of a workout, with the arithmetic of the server (crates/model/src/workout/schedule.rs): exact sums, boundaries
// rounded to frames, steps shorter than a frame left out, consecutive rests joined.

import { groupsById } from "./groups.js";
import { DEFAULT_SECS, numeric } from "./workout.js";

/** @typedef {import("./workout.js").Workout} Workout */
/** @typedef {import("../catalogue.js").Exercise} Exercise */

/**
 * @typedef {object} Step
 * @property {"intro" | "get_ready" | "exercise" | "rest" | "outro"} kind
 * @property {number} key of the item, before a rest of the one before it
 * @property {number} index of the item in its round
 * @property {number} round from 1
 * @property {number} set the round of the item's group, from 1; 1 without a group
 * @property {number} start seconds
 * @property {number} end seconds
 */

/**
 * @typedef {object} Schedule
 * @property {Step[]} steps
 * @property {number} total seconds
 * @property {number} work seconds
 * @property {number} rest seconds, of rests and of the screens before and after the exercises
 * @property {number} fps
 */

// Sums are whole numbers of ticks: a microsecond, which is the precision of a document, times 0.7 is seven ticks.
const TICKS_PER_SEC = 10_000_000;
const DEFAULT_FPS = 30;
const INTRO_SECS = 4;
const GET_READY_SECS = 5;
const OUTRO_SECS = 6;
// The server has a fault for more, of which this is the first that is not shown.
const MOST_PLAYED = 1000;

/** @param {number} secs @param {number} tenths the factor of the duration, in tenths */
const ticks = (secs, tenths) => Math.round(secs * 1_000_000) * tenths;

/** @param {string | undefined} intensity */
export const isEasy = (intensity) => intensity === "facile" || intensity === "easy";

/** A screen before or after the exercises: seconds, or true for the usual ones. @param {unknown} value @param {number} usual */
const screenSecs = (value, usual) => (value === true ? usual : numeric(value, 0));

/**
 * @param {Workout} workout
 * @param {ReadonlyMap<string, Exercise>} exercises the catalogue
 * @returns {Schedule}
 */
export function schedule(workout, exercises) {
  const fps = numeric(workout.fps, DEFAULT_FPS);
  const tenths = isEasy(workout.intensity) ? 7 : 10;
  const rounds = Math.min(Math.max(Math.trunc(numeric(workout.rounds, 1)), 1), 100);
  /** @type {Step[]} */
  const steps = [];
  let elapsed = 0;
  /** @param {Step["kind"]} kind @param {number} index @param {number} round @param {number} set @param {number} length in ticks */
  const add = (kind, index, round, set, length) => {
    const start = Math.round((elapsed * fps) / TICKS_PER_SEC) / fps;
    elapsed += length;
    const end = Math.round((elapsed * fps) / TICKS_PER_SEC) / fps;
    const last = steps.at(-1);
    if (end <= start) {
      return;
    }
    if (kind === "rest" && last?.kind === "rest") {
      last.end = end;
    } else {
      steps.push({ kind, key: workout.exercises[index].key, index, round, set, start, end });
    }
  };
  const count = workout.exercises.length;
  if (count === 0) {
    return { steps, total: 0, work: 0, rest: 0, fps };
  }
  const groups = groupsById(workout);
  const lengths = workout.exercises.map(({ id, duration, rest, group }) => {
    const work = ticks(numeric(duration, exercises.get(id)?.default_duration ?? DEFAULT_SECS), tenths);
    const every = groups.get(group ?? "")?.every;
    return [work, every === undefined ? ticks(numeric(rest, 0), 10) : Math.max(0, ticks(numeric(every, 0), 10) - work)];
  });
  const blocks = blocksOf(workout);
  let played = 0;
  /** The rounds of a group, or an exercise alone. @param {Block} block @param {number} round */
  const addBlock = ({ start, end, group }, round) => {
    let left = group?.duration === undefined ? Infinity : ticks(numeric(group.duration, 0), 10);
    const spend = (/** @type {number} */ length) => {
      const spent = Math.min(length, left);
      left -= spent;
      return spent;
    };
    const sets = group?.duration === undefined ? numeric(group?.rounds, 1) : Infinity;
    for (let set = 1; set <= sets && left > 0 && played < MOST_PLAYED; set += 1) {
      for (let index = start; index < end && left > 0; index += 1) {
        const [work, rest] = lengths[index];
        add("exercise", index, round, set, spend(work));
        add("rest", index, round, set, spend(rest));
        played += 1;
      }
      if (set < sets) {
        add("rest", end - 1, round, set, spend(ticks(numeric(group?.rest_between_rounds, 0), 10)));
      }
    }
    add("rest", end - 1, round, 1, ticks(numeric(group?.rest, 0), 10));
  };
  add("intro", 0, 1, 1, ticks(screenSecs(workout.intro, INTRO_SECS), 10));
  add("get_ready", 0, 1, 1, ticks(screenSecs(workout.get_ready, GET_READY_SECS), 10));
  const between = ticks(numeric(workout.rest_between_rounds, 0), 10);
  for (let round = 1; round <= rounds; round += 1) {
    blocks.forEach((block) => addBlock(block, round));
    if (round < rounds) {
      add("rest", count - 1, round, 1, between);
    }
  }
  add("outro", count - 1, rounds, 1, ticks(screenSecs(workout.outro, OUTRO_SECS), 10));
  const total = steps.at(-1)?.end ?? 0;
  const work = steps.filter(({ kind }) => kind === "exercise").reduce((sum, { start, end }) => sum + end - start, 0);
  return { steps, total, work, rest: total - work, fps };
}

/** @typedef {{start: number, end: number, group: import("./groups.js").Group | undefined}} Block consecutive exercises of a group, or one alone */

/** @param {Workout} workout @returns {Block[]} */
function blocksOf(workout) {
  const groups = groupsById(workout);
  /** @type {Block[]} */
  const blocks = [];
  workout.exercises.forEach(({ group: id }, index) => {
    const group = groups.get(id ?? "");
    const last = blocks.at(-1);
    if (group !== undefined && last?.group === group) {
      last.end = index + 1;
    } else {
      blocks.push({ start: index, end: index + 1, group });
    }
  });
  return blocks;
}

/** The step at a time, or the last one. @param {Schedule} times @param {number} at */
export const stepAt = ({ steps }, at) => steps.find(({ end }) => at < end) ?? steps.at(-1) ?? null;

/** The largest time at which there is a frame. @param {Schedule} times */
export const lastFrameAt = ({ total, fps }) => Math.max(0, total - 1 / fps);

/**
 * The work of each muscle in seconds, the largest first. Muscles that help count half. Where the catalogue has no muscles, the
 * categories stand for them.
 * @param {Workout} workout
 * @param {Schedule} times
 * @param {ReadonlyMap<string, Exercise>} exercises
 * @returns {{muscle: string, secs: number}[]}
 */
export function muscleBalance(workout, times, exercises) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { kind, index, start, end } of times.steps) {
    const exercise = kind === "exercise" ? exercises.get(workout.exercises[index].id) : undefined;
    if (exercise === undefined) {
      continue;
    }
    const primary = exercise.muscles.length > 0 ? exercise.muscles : exercise.categories;
    primary.forEach((name) => sums.set(name, (sums.get(name) ?? 0) + end - start));
    exercise.secondary_muscles.forEach((name) => sums.set(name, (sums.get(name) ?? 0) + (end - start) / 2));
  }
  return [...sums].map(([muscle, secs]) => ({ muscle, secs })).sort((one, two) => two.secs - one.secs);
}
