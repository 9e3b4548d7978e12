// The coach's keyboard: what each key does, and the dialog that says so.

import { element, iconButton } from "./dom.js";
import { words } from "./words.js";

// A button or a link does its own thing with these.
const OF_A_BUTTON = new Set([" ", "Enter"]);

/** Calls the action of a key, wherever the focus is, except while somebody types or a dialog is open. */
export function keyboard(actions) {
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey, repeat } = event;
    if (event.defaultPrevented || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]") !== null) {
      return;
    }
    if (target instanceof HTMLInputElement) {
      if (key === "Escape") {
        target.blur();
      }
      return;
    }
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    if (action === undefined || (target instanceof HTMLButtonElement && OF_A_BUTTON.has(key))) {
      return;
    }
    event.preventDefault();
    // A key held down steps the speed, but must not pause and resume twenty times a second.
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
    [["M"], words.message],
    [["F"], words.fullscreen],
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
  // A click beside the dialog's content is a click on the dialog itself.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  return dialog;
}
