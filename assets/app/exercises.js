// The catalogue of the server in the user's language, loaded once.

import { Problem, online, request } from "./api.js";
import { toExercise } from "./catalogue.js";
import { Store } from "./store.js";
import { label, language } from "./words.js";

/** @typedef {import("./catalogue.js").Exercise} Exercise */

/**
 * @typedef {object} Catalogue
 * @property {readonly Exercise[]} list
 * @property {ReadonlyMap<string, Exercise>} byId
 * @property {boolean} isLoaded
 * @property {Problem | null} problem
 */

/** @type {Catalogue} */
const EMPTY = Object.freeze({ list: [], byId: new Map(), isLoaded: false, problem: null });

/** @type {Store<Catalogue>} */
export const catalogue = new Store(EMPTY);

let loadedLanguage = "";

// What could not be loaded is loaded when the server answers again.
online.observe(() => {
  if (online.value && catalogue.value.problem !== null) {
    void loadExercises();
  }
});

/** Loads the catalogue, unless it is there in this language. */
export async function loadExercises() {
  const wanted = language.value;
  if (loadedLanguage === wanted) {
    return;
  }
  loadedLanguage = wanted;
  try {
    const list = (await loadAll(wanted)).map(toExercise);
    catalogue.set({ list, byId: new Map(list.map((exercise) => [exercise.id, exercise])), isLoaded: true, problem: null });
  } catch (error) {
    loadedLanguage = "";
    const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
    catalogue.set({ ...catalogue.value, problem });
  }
}

/** @param {readonly Exercise[]} list */
const show = (list) => catalogue.set({ ...catalogue.value, list, byId: new Map(list.map((exercise) => [exercise.id, exercise])) });

/** Shows an exercise that was made, first, or changed, in its place. @param {any} json */
export function acceptExercise(json) {
  const exercise = toExercise({ own: true, ...json });
  const { list, byId } = catalogue.value;
  show(byId.has(exercise.id) ? list.map((other) => (other.id === exercise.id ? exercise : other)) : [exercise, ...list]);
}

/** Shows an exercise that was deleted no longer. @param {string} id */
export const dropExercise = (id) => show(catalogue.value.list.filter((exercise) => exercise.id !== id));

/** All exercises. A server that has more than fit on a page says how many there are. @param {string} wanted @returns {Promise<any[]>} */
async function loadAll(wanted) {
  /** @type {any[]} */
  const all = [];
  for (let page = 0; ; page += 1) {
    const response = await request("GET", `api/exercises?language=${wanted}${page === 0 ? "" : `&page=${page}`}`);
    /** @type {any[]} */
    const some = await response.json();
    all.push(...some);
    if (some.length === 0 || all.length >= Number(response.headers.get("x-total-count") ?? 0)) {
      return all;
    }
  }
}

/** What an exercise trains, in words. @param {Exercise} exercise */
export const trains = ({ muscles, categories }) => (muscles.length > 0 ? muscles : categories).slice(0, 3).map(label).join(" · ");
