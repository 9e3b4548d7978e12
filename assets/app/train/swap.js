// The dialog that puts another exercise in the place of one, with the same times.

import { posterAt, regionOfExercise, replacements } from "../catalogue.js";
import { catalogue, trains } from "../exercises.js";
import { loadStyle } from "../pages.js";
import { Dialog, Icon, html } from "../ui.js";
import { words } from "../words.js";

await loadStyle(new URL("picker.css", import.meta.url).href);

/** @param {{id: string, onSwap: (id: string) => void, onClose: () => void}} props */
export function Swap({ id, onSwap, onClose }) {
  const { list, byId } = catalogue.value;
  const exercise = byId.get(id);
  const found = replacements(list, exercise);
  return html`
    <${Dialog} title=${words.swapTitle(exercise?.name ?? id)} class="swap" onClose=${onClose}>
      <p class="hint">${found.length === 0 ? words.noReplacement : words.swapHint}</p>
      <ul class="picks">
        ${found.map(
          (other, index) => html`
            <li key=${other.id}>
              <button type="button" class="pick" autofocus=${index === 0} onClick=${() => (onSwap(other.id), onClose())}>
                <img class="thumbnail" src=${posterAt(other, 240)} alt="" width="96" height="54" loading="lazy" />
                <span class="pick-text">
                  <span class="pick-name">${other.name}</span>
                  <span class="pick-trains"><span class="region" data-region=${regionOfExercise(other)}></span>${trains(other)}</span>
                </span>
                <${Icon} name="swap" />
              </button>
            </li>
          `,
        )}
      </ul>
    <//>
  `;
}
