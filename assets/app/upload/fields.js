// The fields of an own exercise as they are edited, and as the server takes them. No DOM.

import { LEVELS } from "../catalogue.js";

export { LEVELS };
export const MUSCLES = Object.freeze([
  "quadriceps", "hamstrings", "glutes", "calves", "hip_flexors", "abductors", "adductors", "chest", "shoulders", "triceps",
  "lats", "middle_back", "traps", "biceps", "forearms", "neck", "abdominals", "obliques", "lower_back",
]);
export const PATTERNS = Object.freeze(["squat", "hinge", "lunge", "push", "pull", "core", "cardio", "mobility"]);
export const IMPACTS = Object.freeze(["none", "low", "high"]);
export const SIDES = Object.freeze(/** @type {const} */ (["both", "alternating", "one"]));
const EQUIPMENT = Object.freeze(["dumbbells", "kettlebell", "barbell", "bands", "mat", "chair", "bench", "box", "step", "wall"]);
const CATEGORIES = Object.freeze(["warm-up", "cardio", "strength", "legs", "arms", "back", "core", "full body", "balance", "stretch", "cool-down"]);

/**
 * @typedef {object} Fields numbers as text, as they are typed
 * @property {string} name
 * @property {string} description
 * @property {string} difficulty
 * @property {string[]} categories
 * @property {string[]} muscles
 * @property {string[]} secondary_muscles
 * @property {string[]} equipment
 * @property {string} pattern
 * @property {string} impact
 * @property {string} sides
 * @property {string} met
 * @property {string} default_speed
 * @property {string} default_duration
 * @property {string} alpha
 * @property {string} club_id
 */

const text = (/** @type {unknown} */ value) => (value === null || value === undefined ? "" : String(value));
const list = (/** @type {unknown} */ value) => (Array.isArray(value) ? value.map(String) : []);

/**
 * The fields of an exercise of the API, or of a new one with a clip.
 * @param {any} json
 * @param {import("./calls.js").UploadInfo | null} upload
 * @returns {Fields}
 */
export const fieldsOf = (json, upload) => ({
  name: text(json?.name ?? nameOf(upload?.filename ?? "")),
  description: text(json?.description),
  difficulty: text(json?.difficulty),
  categories: list(json?.categories),
  muscles: list(json?.muscles),
  secondary_muscles: list(json?.secondary_muscles),
  equipment: list(json?.equipment),
  pattern: text(json?.pattern),
  impact: text(json?.impact),
  sides: text(json?.sides ?? "both"),
  met: text(json?.met),
  default_speed: text(json?.default_speed ?? 1),
  default_duration: text(json?.default_duration),
  alpha: upload?.clip?.has_alpha ? upload.clip.alpha : "",
  club_id: text(json?.club_id),
});

/** A name for people from that of a file: "air_squat.mov" is "Air squat". @param {string} filename */
export function nameOf(filename) {
  const words = filename.replace(/\.[^.]*$/, "").replace(/[_\-.\s]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const number = (/** @type {string} */ typed) => (typed.trim() === "" ? null : Number(typed.replace(",", ".")));

/**
 * The body of a request. What is not given is left out or null, as the server has it.
 * @param {Fields} fields
 * @param {string | null} uploadId
 */
export function bodyOf(fields, uploadId) {
  const { alpha, club_id: club, difficulty, pattern, impact, met, default_speed: speed, default_duration: duration, ...others } = fields;
  return {
    ...others,
    name: fields.name.trim(),
    description: fields.description.trim(),
    difficulty: difficulty || null,
    pattern: pattern || null,
    impact: impact || null,
    met: number(met),
    default_speed: number(speed) ?? 1,
    default_duration: number(duration),
    ...(uploadId === null ? {} : { upload_id: uploadId, ...(alpha === "" ? {} : { alpha }) }),
    ...(club === "" ? {} : { club_id: club }),
  };
}

/** The choices of a list: those that are usual, those of the catalogue, and those that are chosen. */
export const choicesOf = {
  categories: (/** @type {readonly string[]} */ known) => [...new Set([...CATEGORIES, ...known])],
  equipment: (/** @type {readonly string[]} */ known) => [...new Set([...EQUIPMENT, ...known])],
};
