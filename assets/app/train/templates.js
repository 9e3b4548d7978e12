// Templates: interval structures that fill the times of a workout and keep its exercises.

/** @typedef {import("./workout.js").Workout} Workout */

/**
 * @typedef {object} Template
 * @property {(index: number, count: number) => {duration: number, rest: number, speed?: number}} item the times of an exercise
 * @property {(count: number) => number} rounds
 * @property {number} between the rest between rounds, in seconds
 */

const EMOM_MINUTES = 10;
const AMRAP_SECS = 720;
const AMRAP_ITEM_SECS = 40;
const TABATA_INTERVALS = 8;
const PYRAMID_LOW_SECS = 20;
const PYRAMID_STEP_SECS = 10;
const PYRAMID_HIGH_SECS = 60;

/** @type {Readonly<Record<string, Template>>} */
const TEMPLATES = Object.freeze({
  // Eight intervals in each block, all exercises in turn.
  tabata: {
    item: () => ({ duration: 20, rest: 10 }),
    rounds: (count) => Math.max(1, Math.ceil(TABATA_INTERVALS / count)),
    between: 60,
  },
  // An exercise starts on each minute.
  emom: {
    item: () => ({ duration: 40, rest: 20 }),
    rounds: (count) => Math.max(1, Math.round(EMOM_MINUTES / count)),
    between: 0,
  },
  // Without rests, until the time is over.
  amrap: {
    item: () => ({ duration: AMRAP_ITEM_SECS, rest: 0 }),
    rounds: (count) => Math.max(1, Math.round(AMRAP_SECS / (AMRAP_ITEM_SECS * count))),
    between: 0,
  },
  forty: {
    item: () => ({ duration: 40, rest: 20 }),
    rounds: () => 3,
    between: 60,
  },
  pyramid: {
    item: (index, count) => {
      const step = Math.min(index, count - 1 - index);
      return { duration: Math.min(PYRAMID_LOW_SECS + PYRAMID_STEP_SECS * step, PYRAMID_HIGH_SECS), rest: 15 };
    },
    rounds: () => 1,
    between: 0,
  },
  stretch: {
    item: () => ({ duration: 45, rest: 10, speed: 0.5 }),
    rounds: () => 1,
    between: 0,
  },
});

/** The names of the templates, in the order in which they are shown. */
export const TEMPLATE_NAMES = Object.freeze(Object.keys(TEMPLATES));

const MOST_ROUNDS = 100;

/**
 * The workout with the times of a template, without its groups; the same one when it is empty. Only at full intensity are times as stated, so that a
 * gentle workout becomes a medium one.
 * @param {Workout} workout
 * @param {string} name
 * @returns {Workout}
 */
export function applyTemplate(workout, name) {
  const template = TEMPLATES[name];
  const count = workout.exercises.length;
  if (template === undefined || count === 0) {
    return workout;
  }
  const exercises = workout.exercises.map(({ group: _, ...item }, index) => ({ ...item, ...template.item(index, count) }));
  const isGentle = workout.intensity === "facile" || workout.intensity === "easy";
  const { groups: _, ...rest } = workout;
  return {
    ...rest,
    ...(isGentle ? { intensity: "moyen" } : {}),
    exercises,
    rounds: Math.min(template.rounds(count), MOST_ROUNDS, Math.floor(1000 / count)),
    rest_between_rounds: template.between,
  };
}
