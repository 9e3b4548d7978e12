// The texts of the application. Only the dictionary of the chosen language is loaded; both have the same keys.

import { rememberLanguage } from "./settings.js";
import { chosenLanguage } from "./storage.js";
import { Store } from "./store.js";

/** @typedef {typeof import("./words/en.js").default} Words */
/** @typedef {import("./storage.js").Language} Language */

/** @param {Language} name @returns {Promise<Words>} */
const load = async (name) => (await (name === "fr" ? import("./words/fr.js") : import("./words/en.js"))).default;

/** The language of the page. */
export const language = new Store(chosenLanguage());

/** The texts in this language. */
export let words = await load(language.value);

/** @param {Language} name */
export async function chooseLanguage(name) {
  words = await load(name);
  rememberLanguage(name);
  document.documentElement.lang = name;
  language.set(name);
}

/**
 * The texts of a page that few open: both languages are in one file, which is loaded with the page.
 * @template T
 * @param {{en: T, fr: T}} dictionary
 */
export const textsOf = (dictionary) => dictionary[language.value];

/** The label of a name that the server uses, such as a muscle; names without one are shown as they are. @param {string} name */
export function label(name) {
  const found = /** @type {Record<string, string>} */ (words.names)[name];
  if (found !== undefined) {
    return found;
  }
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
