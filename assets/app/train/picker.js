// The dialog that adds exercises. Enter in the search adds the first that was found; the dialog stays open for the next.

import { useRef, useState } from "../vendor/hooks.mjs";
import { NO_FILTER, choices, posterAt, regionOfExercise, select } from "../catalogue.js";
import { catalogue, trains } from "../exercises.js";
import { loadStyle } from "../pages.js";
import { useStore } from "../store.js";
import { announce } from "../toasts.js";
import { Dialog, Icon, html } from "../ui.js";
import { label, words } from "../words.js";

await loadStyle(new URL("picker.css", import.meta.url).href);

// More are found by typing.
const MOST = 60;
const THUMBNAIL_PX = 240;

/** @param {{count: number, onAdd: (id: string) => void, onClose: () => void}} props */
export function Picker({ count, onAdd, onClose }) {
  const { list } = useStore(catalogue);
  const [filter, setFilter] = useState(NO_FILTER);
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  const found = select(list, filter);
  const muscles = choices(list).muscle;
  const add = (/** @type {import("../catalogue.js").Exercise} */ { id, name }) => {
    onAdd(id);
    announce(words.addedPlace(name, count + 1));
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && found.length > 0) {
      event.preventDefault();
      add(found[0]);
      search.current?.select();
    } else if (event.key === "Escape") {
      // Not only the text is cleared.
      event.preventDefault();
      onClose();
    }
  };
  return html`
    <${Dialog} title=${words.addExercises} class="picker" onClose=${onClose}>
      <div class="picker-tools">
        <input
          class="input"
          type="search"
          autofocus
          ref=${search}
          aria-label=${words.search}
          aria-describedby="picker-hint"
          placeholder=${words.searchHint}
          value=${filter.text}
          onInput=${(/** @type {any} */ event) => setFilter({ ...filter, text: event.target.value })}
          onKeyDown=${onKeyDown}
        />
        ${muscles.length < 2
          ? null
          : html`<select
              class="input"
              aria-label=${words.filterBy.muscle}
              onChange=${(/** @type {any} */ event) => setFilter({ ...filter, muscle: event.target.value })}
            >
              <option value="">${words.all.muscle}</option>
              ${muscles.map((name) => html`<option key=${name} value=${name}>${label(name)}</option>`)}
            </select>`}
      </div>
      <p id="picker-hint" class="hint">${words.pickerHint}</p>
      <ul class="picks">
        ${found.slice(0, MOST).map(
          (exercise, index) => html`
            <li key=${exercise.id}>
              <button type="button" class=${`pick ${index === 0 && filter.text !== "" ? "first" : ""}`} onClick=${() => add(exercise)}>
                <img class="thumbnail" src=${posterAt(exercise, THUMBNAIL_PX)} alt="" width="96" height="54" loading="lazy" />
                <span class="pick-text">
                  <span class="pick-name">${exercise.name}</span>
                  <span class="pick-trains"><span class="region" data-region=${regionOfExercise(exercise)}></span>${trains(exercise)}</span>
                </span>
                <${Icon} name="plus" />
              </button>
            </li>
          `,
        )}
      </ul>
      <p class="hint" role="status">${found.length === 0 ? words.nothingFound : found.length > MOST ? words.moreFound(found.length - MOST) : ""}</p>
      <div class="dialog-actions picker-foot">
        <span class="hint">${words.inWorkout(count)}</span>
        <button type="button" class="button main-action" onClick=${onClose}>${words.done}</button>
      </div>
    <//>
  `;
}
