// Dialogs of the page, and the JSON that they and the strip show.

import { element, iconButton } from "./dom.js";
import { words } from "./words.js";

const TIMEOUT_MILLIS = 6000;

/** A dialog with a title and a button that closes it; `kind` is its class and the start of its ids. Opened by showModal(). */
export function modal(kind, title, ...children) {
  const close = iconButton("close", words.close, () => dialog.close(), { class: "round" });
  const head = element("div", { class: "dialog-head" }, element("h2", { id: `${kind}-title` }, title), close);
  const dialog = element("dialog", { class: `dialog ${kind}`, "aria-labelledby": `${kind}-title` }, head, ...children);
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  return dialog;
}

/** The line of a dialog that tells the result of what was clicked in it. */
export const resultLine = () => element("p", { class: "dialog-result", role: "status" });

/** The JSON at an address; null if it cannot be loaded. */
export async function loadJson(address, headers = {}) {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
    const answer = await fetch(address, { headers, cache: "no-store", signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
