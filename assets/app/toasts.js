// Short messages at the edge of the page, and announcements for screen readers.

import { Store, useStore } from "./store.js";
import { IconButton, html } from "./ui.js";
import { words } from "./words.js";

/** @typedef {{id: number, text: string, action?: {label: string, run: () => void}}} Toast */

/** @type {Store<readonly Toast[]>} */
const shown = new Store(/** @type {readonly Toast[]} */ ([]));
const announcement = new Store("");

// Long enough to read it and to reach its button (WCAG 2.2, 2.2.1: what it offers is also reached otherwise).
const SHOWN_MILLIS = 10_000;
const MOST = 3;
let last = 0;

/**
 * Shows a message, with an action such as "Undo". The returned function removes it.
 * @param {string} text
 * @param {{label: string, run: () => void}} [action]
 */
export function toast(text, action) {
  last += 1;
  const id = last;
  shown.set([...shown.value, { id, text, ...(action === undefined ? {} : { action }) }].slice(-MOST));
  const remove = () => shown.set(shown.value.filter((other) => other.id !== id));
  const wait = () => {
    // A message under the pointer or with the focus stays.
    const element = document.getElementById(`toast-${id}`);
    element?.matches(":hover, :focus-within") ? setTimeout(wait, SHOWN_MILLIS) : remove();
  };
  setTimeout(wait, SHOWN_MILLIS);
  return remove;
}

/** Has screen readers say a text. @param {string} text */
export function announce(text) {
  // The same text twice would not be a change.
  announcement.set(announcement.value === text ? `${text}\u00a0` : text);
}

/** The messages, and the region of the announcements. */
export function Toasts() {
  const toasts = useStore(shown);
  const said = useStore(announcement);
  const remove = (/** @type {number} */ id) => shown.set(shown.value.filter((other) => other.id !== id));
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.map(
        ({ id, text, action }) => html`
          <div key=${id} id=${`toast-${id}`} class="toast">
            <span>${text}</span>
            ${action === undefined
              ? null
              : html`<button type="button" class="toast-action" onClick=${() => (action.run(), remove(id))}>${action.label}</button>`}
            <${IconButton} icon="close" label=${words.close} onClick=${() => remove(id)} />
          </div>
        `,
      )}
    </div>
    <p id="announcements" class="unseen" role="status" aria-live="assertive">${said}</p>
  `;
}
