// The buttons between the pages of a list.

import { announce } from "../toasts.js";
import { html } from "../ui.js";
import { textsOf } from "../words.js";
import { PAGE_SIZE } from "./data.js";
import { ADMIN } from "./words.js";

/** @param {{page: number, total: number, onChange: (page: number) => void}} props */
export function Pager({ page, total, onChange }) {
  const text = textsOf(ADMIN);
  const count = Math.max(1, Math.ceil(total / PAGE_SIZE));
  if (count === 1 && page === 0) {
    return null;
  }
  const turn = (/** @type {number} */ to) => {
    if (to >= 0 && to < count) {
      onChange(to);
      announce(text.page(to + 1, count));
    }
  };
  // Not disabled: a button with the focus would lose it at the first and the last page.
  const button = (/** @type {number} */ to, /** @type {string} */ label) => html`
    <button type="button" class="button" aria-disabled=${to < 0 || to >= count ? "true" : undefined} onClick=${() => turn(to)}>${label}</button>
  `;
  return html`
    <nav class="pager" aria-label=${text.pages}>
      ${button(page - 1, text.previous)}<span>${text.page(page + 1, count)}</span>${button(page + 1, text.next)}
    </nav>
  `;
}
