// The coach's keyboard shortcuts, and the dialog that lists them.

import { modal } from "./dialog.js";
import { element } from "./dom.js";
import { words } from "./words.js";

// Keys that activate a focused button.
const BUTTON_KEYS = new Set([" ", "Enter"]);

/** Calls the action of a key wherever the focus is, except in an input field or while a dialog is open. */
export function keyboard(actions) {
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey, repeat } = event;
    if (event.defaultPrevented || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]") !== null) {
      return;
    }
    if (target instanceof HTMLInputElement && target.type !== "range") {
      if (key === "Escape") {
        target.blur();
      }
      return;
    }
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    if (action === undefined || (target instanceof HTMLButtonElement && BUTTON_KEYS.has(key))) {
      return;
    }
    event.preventDefault();
    // A key that is held down repeats speed steps, but must not toggle the pause repeatedly.
    if (!repeat || key === "ArrowUp" || key === "ArrowDown") {
      action();
    }
  });
}

/** The dialog that shows the keys; open it with showModal(). */
export function keysDialog() {
  const rows = [
    [[words.keySpace], words.keyPause],
    [["←", "→"], `${words.back}, ${words.skip}`],
    [["↓", "↑"], `${words.slower}, ${words.faster}`],
    [["L"], words.plan],
    [["M"], words.message],
    [["F"], words.fullscreen],
    [["S"], words.keySound],
    [["C"], words.keyCaptions],
    [["?"], words.keyHelp],
    [["←", "→"], words.keySeek],
  ];
  const row = ([keys, does]) =>
    element("div", {}, element("dt", {}, ...keys.map((key) => element("kbd", {}, key))), element("dd", {}, does));
  return modal("keys", words.keys, element("dl", {}, ...rows.map(row)));
}
