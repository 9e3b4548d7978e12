// What a user has chosen on this device: language, theme, keys.

import { LANGUAGE, THEME, read, write } from "./storage.js";
import { Store } from "./store.js";

const KEYS = "repcast.keys";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @param {import("./storage.js").Language} language */
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
    // Not the property --ground, which has the colors of both themes.
    const ground = getComputedStyle(root).backgroundColor;
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
