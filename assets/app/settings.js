// What a user has chosen on this device: language, theme, keys. Storage may be full or forbidden; then choices last as long as
// the page.

import { Store } from "./store.js";

const LANGUAGE = "repcast.language";
const THEME = "repcast.theme";
const KEYS = "repcast.keys";

/** @param {string} name @param {Storage} [storage] */
export function read(name, storage) {
  try {
    return (storage ?? localStorage).getItem(name);
  } catch {
    return null;
  }
}

/**
 * Whether the value was stored; null removes it.
 * @param {string} name
 * @param {string | null} value
 * @param {Storage} [storage]
 */
export function write(name, value, storage) {
  try {
    const area = storage ?? localStorage;
    value === null ? area.removeItem(name) : area.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

/** @typedef {"en" | "fr"} Language */
/** @typedef {"system" | "light" | "dark"} Theme */

/** @returns {Language} */
export function chosenLanguage() {
  const chosen = read(LANGUAGE) ?? navigator.language ?? "";
  return /^fr\b/i.test(chosen) ? "fr" : "en";
}

/** @param {Language} language */
export const rememberLanguage = (language) => write(LANGUAGE, language);

/** @type {Store<Theme>} */
export const theme = new Store(/** @type {Theme} */ (["light", "dark"].find((name) => name === read(THEME)) ?? "system"));

/** @param {Theme} name */
export function chooseTheme(name) {
  write(THEME, name === "system" ? null : name);
  theme.set(name);
  showTheme();
}

/** Applies the theme to the document, and its ground to the bars of the browser, which otherwise follow the system. */
export function showTheme() {
  const root = document.documentElement;
  const bars = document.querySelectorAll('meta[name="theme-color"]');
  if (theme.value === "system") {
    delete root.dataset.theme;
    bars.forEach((meta) => meta.setAttribute("content", meta.getAttribute("data-ground") ?? ""));
  } else {
    root.dataset.theme = theme.value;
    const ground = getComputedStyle(root).getPropertyValue("--ground").trim();
    bars.forEach((meta) => meta.setAttribute("content", ground));
  }
}

/** Whether keys without a modifier are shortcuts (WCAG 2.2, 2.1.4). */
export const singleKeys = new Store(read(KEYS) !== "off");

/** @param {boolean} isOn */
export function chooseSingleKeys(isOn) {
  write(KEYS, isOn ? null : "off");
  singleKeys.set(isOn);
}

/** Whether the user wants little motion. */
export const wantsStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
