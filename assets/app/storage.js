// What is kept on this device. Storage may be full or forbidden; then it lasts as long as the page.

export const LANGUAGE = "repcast.language";
export const THEME = "repcast.theme";

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

/** @returns {Language} */
export function chosenLanguage() {
  const chosen = read(LANGUAGE) ?? navigator.language ?? "";
  return /^fr\b/i.test(chosen) ? "fr" : "en";
}
