// The exercises of the server: their fields, filters, and which can take the place of another. No DOM and no network.

/**
 * @typedef {object} Exercise
 * @property {string} id
 * @property {string} name
 * @property {string} description
 * @property {string} clip address of its clip
 * @property {string} poster address of its image
 * @property {number} default_duration seconds
 * @property {string | null} difficulty
 * @property {string[]} categories
 * @property {string[]} muscles
 * @property {string[]} secondary_muscles
 * @property {string[]} equipment
 * @property {string | null} pattern
 * @property {string | null} impact
 * @property {number | null} duration seconds of its clip; null when the server does not tell
 * @property {boolean} own whether the user may change it
 * @property {string} text name, description and labels for the search
 */

/**
 * @typedef {object} Filter an empty string selects everything
 * @property {string} text
 * @property {string} muscle
 * @property {string} equipment `none`: exercises without equipment
 * @property {string} level
 * @property {string} category
 */

/** @type {Filter} */
export const NO_FILTER = Object.freeze({ text: "", muscle: "", equipment: "", level: "", category: "" });

export const LEVELS = Object.freeze(["beginner", "intermediate", "advanced"]);

/** Regions of the body, for colors. */
const REGIONS = Object.freeze({
  legs: ["quadriceps", "hamstrings", "glutes", "calves", "abductors", "adductors", "hip_flexors", "legs"],
  push: ["chest", "shoulders", "triceps", "arms"],
  pull: ["lats", "middle_back", "traps", "biceps", "forearms", "neck", "back"],
  core: ["abdominals", "obliques", "lower_back", "core", "balance"],
});

/** The region of a muscle; `whole` for the whole body and for unknown names. @param {string | undefined} muscle */
export function regionOf(muscle) {
  const found = Object.entries(REGIONS).find(([, muscles]) => muscles.includes(muscle ?? ""));
  return found === undefined ? "whole" : found[0];
}

/** The region that an exercise works most. @param {Exercise | undefined} exercise */
export const regionOfExercise = (exercise) => regionOf(exercise?.muscles[0] ?? exercise?.categories[0]);

const DEFAULT_SECS = 30;
const strings = (/** @type {unknown} */ value) => (Array.isArray(value) ? value.map(String) : []);

/** Text without case and accents. @param {string} text */
export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * An exercise of the API's JSON. Fields that an older server lacks are empty.
 * @param {any} json
 * @returns {Exercise}
 */
export function toExercise(json) {
  const base = `api/exercises/${encodeURIComponent(json.id)}`;
  const exercise = {
    id: String(json.id),
    name: String(json.name ?? json.id),
    description: String(json.description ?? ""),
    clip: json.video_path ?? `${base}/clip.mp4`,
    poster: json.poster_path ?? `${base}/poster.jpg`,
    default_duration: json.default_duration ?? DEFAULT_SECS,
    difficulty: json.difficulty ?? null,
    categories: strings(json.categories),
    muscles: strings(json.muscles),
    secondary_muscles: strings(json.secondary_muscles),
    equipment: strings(json.equipment),
    pattern: json.pattern ?? null,
    impact: json.impact ?? null,
    duration: json.duration ?? null,
    own: json.own === true,
  };
  return { ...exercise, text: folded(`${exercise.name} ${exercise.description} ${exercise.id}`) };
}

/** The address of the image of an exercise in a width. @param {Exercise} exercise @param {number} width pixels */
export const posterAt = ({ poster }, width) => `${poster}${poster.includes("?") ? "&" : "?"}width=${width}`;

/**
 * The exercises that a filter selects, those whose name starts with the text first.
 * @param {readonly Exercise[]} exercises
 * @param {Filter} filter
 */
export function select(exercises, { text, muscle, equipment, level, category }) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  const found = exercises.filter(
    (exercise) =>
      words.every((word) => exercise.text.includes(word)) &&
      (muscle === "" || exercise.muscles.includes(muscle) || exercise.secondary_muscles.includes(muscle)) &&
      (equipment === "" || (equipment === "none" ? exercise.equipment.length === 0 : exercise.equipment.includes(equipment))) &&
      (level === "" || exercise.difficulty === level) &&
      (category === "" || exercise.categories.includes(category)),
  );
  const starts = (/** @type {Exercise} */ { name }) => (folded(name).startsWith(words[0]) ? 0 : 1);
  return words.length === 0 ? found : found.sort((one, two) => starts(one) - starts(two));
}

/**
 * The values of the catalogue by which it can be filtered, sorted.
 * @param {readonly Exercise[]} exercises
 */
export function choices(exercises) {
  const all = (/** @type {(exercise: Exercise) => string[]} */ of) => [...new Set(exercises.flatMap(of))].sort();
  return {
    muscle: all(({ muscles }) => muscles),
    equipment: all(({ equipment }) => equipment),
    level: LEVELS.filter((level) => exercises.some(({ difficulty }) => difficulty === level)),
    category: all(({ categories }) => categories),
  };
}

/**
 * Exercises that can take the place of another: of the same level and with a muscle in common, the most alike first. A catalogue
 * without muscles is compared by its categories.
 * @param {readonly Exercise[]} exercises
 * @param {Exercise | undefined} exercise
 */
export function replacements(exercises, exercise) {
  if (exercise === undefined) {
    return [];
  }
  const trained = (/** @type {Exercise} */ { muscles, categories }) => (muscles.length > 0 ? muscles : categories);
  const wanted = new Set(trained(exercise));
  const common = (/** @type {Exercise} */ other) => {
    const names = trained(other);
    const shared = names.filter((name) => wanted.has(name)).length;
    return shared / (wanted.size + names.length - shared || 1);
  };
  const likeness = (/** @type {Exercise} */ other) => {
    const sameGear = other.equipment.join() === exercise.equipment.join();
    return common(other) + (sameGear ? 0.2 : 0) + (other.pattern !== null && other.pattern === exercise.pattern ? 0.1 : 0);
  };
  return exercises
    .filter((other) => other.id !== exercise.id && other.difficulty === exercise.difficulty && common(other) > 0)
    .sort((one, two) => likeness(two) - likeness(one));
}
