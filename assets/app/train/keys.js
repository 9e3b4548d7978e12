// The shortcuts of the builder.

import { singleKeys } from "../settings.js";

/**
 * @typedef {"undo" | "redo" | "add" | "help" | "play" | "swap" | "duplicate" | "remove" | "group" | "ungroup" | "up" | "down" | "next" | "previous"} Command
 */

/** Keys without a modifier; they can be switched off. @type {Record<string, Command>} */
const SINGLE = {
  a: "add",
  "?": "help",
  p: "play",
  s: "swap",
  d: "duplicate",
  g: "group",
  G: "ungroup",
  j: "next",
  k: "previous",
  Delete: "remove",
  Backspace: "remove",
};

const TYPING = "input:not([type=range], [type=radio], [type=checkbox]), textarea, select";

/**
 * The command of a key, or null. Fields keep their own keys, and the undo of what is being typed.
 * @param {KeyboardEvent} event
 * @returns {Command | null}
 */
export function commandOf({ key, ctrlKey, metaKey, altKey, shiftKey, target, defaultPrevented }) {
  const element = /** @type {Element} */ (target);
  const isTyping = element.matches?.(TYPING) === true;
  const hasDialog = document.querySelector("dialog[open]") !== null;
  if (defaultPrevented || hasDialog) {
    return null;
  }
  const letter = key.toLowerCase();
  if ((ctrlKey || metaKey) && !altKey) {
    // What is being typed has the undo of the browser.
    const isDraft = isTyping && element.hasAttribute("data-draft");
    if (letter === "z" && !isDraft) {
      return shiftKey ? "redo" : "undo";
    }
    return letter === "y" && !isDraft ? "redo" : null;
  }
  if (altKey && !ctrlKey && !metaKey) {
    return key === "ArrowUp" ? "up" : key === "ArrowDown" ? "down" : null;
  }
  if (isTyping || ctrlKey || metaKey || !singleKeys.value) {
    return null;
  }
  // With the caps lock, letters are capital without Shift.
  return SINGLE[shiftKey ? key : letter] ?? SINGLE[letter] ?? SINGLE[key] ?? null;
}
