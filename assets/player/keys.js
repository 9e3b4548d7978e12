// The coach's keyboard shortcuts, and the dialog that lists them.

import { element, iconButton } from "./dom.js";
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
  const close = iconButton("close", words.close, () => dialog.close(), { class: "round" });
  const dialog = element(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-title" },
    element("div", { class: "keys-head" }, element("h2", { id: "keys-title" }, words.keys), close),
    element(
      "dl",
      {},
      ...rows.map(([keys, does]) =>
        element("div", {}, element("dt", {}, ...keys.map((key) => element("kbd", {}, key))), element("dd", {}, does)),
      ),
    ),
  );
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  return dialog;
}
