// A workout as the builder edits it: the document of the API, with a key for each of its exercises. Fields that the builder does
// not show, such as `audio`, stay as they are.

/**
 * @typedef {object} Item an exercise of a workout
 * @property {number} key unique in its workout, and kept when the item moves
 * @property {string} id of the catalogue
 * @property {number | string} [duration] seconds; the catalogue's without it
 * @property {number | string} [rest] seconds
 * @property {number | string} [speed]
 * @property {string} [group] the id of its group
 */

/**
 * @typedef {object} Workout
 * @property {readonly Item[]} exercises
 * @property {number} next the key of the next item
 * @property {readonly import("./groups.js").Group[]} [groups]
 * @property {string} [title]
 * @property {string} [intensity]
 * @property {number} [rounds]
 * @property {number | string} [rest_between_rounds] seconds
 * @property {string} [format]
 * @property {string | Record<string, unknown>} [theme]
 * @property {string} [language]
 * @property {number} [fps]
 * @property {number | boolean | string} [intro] seconds, or true
 * @property {number | boolean | string} [get_ready] seconds, or true
 * @property {number | boolean | string} [outro] seconds, or true
 */

/** @typedef {Record<string, any>} WorkoutDocument the JSON of the API */

/** The seconds of an exercise for which neither the document nor the catalogue has a duration. */
export const DEFAULT_SECS = 30;

/** The most exercises of a document. */
export const MOST_EXERCISES = 1000;

/** @type {Workout} */
export const EMPTY = Object.freeze({ exercises: Object.freeze([]), next: 1 });

/**
 * The workout of a document.
 * @param {WorkoutDocument} document
 * @returns {Workout}
 */
export function fromDocument(document) {
  const exercises = (document.exercises ?? []).map((/** @type {any} */ item, /** @type {number} */ index) => {
    return { key: index + 1, ...item };
  });
  return { ...document, exercises, next: exercises.length + 1 };
}

/**
 * The document of a workout.
 * @param {Workout} workout
 * @returns {WorkoutDocument}
 */
export function toDocument({ next: _, ...workout }) {
  return { ...workout, exercises: workout.exercises.map(({ key: _key, ...item }) => item) };
}

/** The document in its smallest size, which looks the same in a preview and costs the server least. @param {WorkoutDocument} document @returns {WorkoutDocument} */
export const toPreview = (document) => ({ ...document, resolution: "720p" });

/**
 * A number of the document, which may be a fraction such as "30000/1001".
 * @param {unknown} value
 * @param {number} fallback
 */
export function numeric(value, fallback) {
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : fallback;
  }
  if (typeof value === "string") {
    const [numerator, denominator = "1"] = value.split("/");
    const quotient = Number(numerator) / Number(denominator);
    return value !== "" && Number.isFinite(quotient) ? quotient : fallback;
  }
  return fallback;
}

/** Seconds and factors have at most three decimals here. @param {number} value */
export const rounded = (value) => Math.round(value * 1000) / 1000;

/** Values that mean the same as their absence. @type {Readonly<Record<string, unknown>>} */
const USUAL = Object.freeze({
  rest: 0,
  speed: 1,
  rounds: 1,
  rest_between_rounds: 0,
  intensity: "moyen",
  format: "16:9",
  theme: "midnight",
  language: "en",
  title: "",
});

/** A value without what is usual, its fields in order. @param {any} value @returns {any} */
function plain(value) {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const fields = Object.entries(value).filter(([name, field]) => field !== undefined && field !== null && USUAL[name] !== field);
  return Object.fromEntries(fields.sort(([one], [two]) => (one < two ? -1 : 1)).map(([name, field]) => [name, plain(field)]));
}

/** Whether two documents say the same; the server leaves out what is usual. @param {WorkoutDocument} one @param {WorkoutDocument} two */
export const isSame = (one, two) => JSON.stringify(plain(one)) === JSON.stringify(plain(two));
