// The library: the exercises of the catalogue, found by text and filters. The address has the filters, so that it can be shared.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { NO_FILTER, choices, select } from "../catalogue.js";
import { catalogue, loadExercises } from "../exercises.js";
import { mayUpload, me } from "../me.js";
import { loadStyle } from "../pages.js";
import { go, rewrite } from "../router.js";
import { useStore } from "../store.js";
import { toast } from "../toasts.js";
import { Failure, Icon, explain, html, useTitle } from "../ui.js";
import { words } from "../words.js";
import { Card } from "./card.js";
import { Filters } from "./filters.js";
import { AddClips } from "./uploads.js";

/** @typedef {import("../catalogue.js").Exercise} Exercise */
/** @typedef {import("../catalogue.js").Filter} Filter */

/** @returns {Filter} */
function filterOfAddress() {
  const query = new URLSearchParams(location.search);
  const fields = Object.keys(NO_FILTER).map((name) => [name, query.get(name) ?? ""]);
  return /** @type {Filter} */ (Object.fromEntries(fields));
}

/** @param {Filter} filter */
function writeAddress(filter) {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  rewrite(`library${query.size === 0 ? "" : `?${query}`}`);
}

/** Adds an exercise to the workout that is being built. @param {Exercise} exercise */
export async function addToWorkout({ id, name }) {
  const { editor } = await import("../train/editor.js");
  await editor.openCurrent();
  editor.dispatch({ type: "add", items: [{ id }] });
  toast(words.added(name, editor.workout.title ?? ""), { label: words.openWorkout, run: () => go(`train/${editor.id ?? "new"}`) });
}

export function Page() {
  const { list, isLoaded, problem } = useStore(catalogue);
  const [filter, setFilter] = useState(filterOfAddress);
  const [detail, setDetail] = useState(/** @type {any} */ (null));
  const [uploads, setUploads] = useState(/** @type {any} */ (null));
  const user = useStore(me);
  useTitle(words.pages.library);
  useEffect(() => void loadExercises(), []);
  const change = (/** @type {Partial<Filter>} */ fields) => {
    const next = { ...filter, ...fields };
    setFilter(next);
    writeAddress(next);
  };
  const open = async (/** @type {Exercise} */ exercise) => {
    const style = exercise.own ? loadStyle("upload/upload.css") : undefined;
    const [{ Detail }, own] = await Promise.all([import("./detail.js"), exercise.own ? import("../upload/own.js") : null, style]);
    setDetail({ Detail, Own: own?.OwnActions ?? null, exercise });
  };
  const found = select(list, filter);
  return html`
    <div class="page-head">
      <h1>${words.pages.library}</h1>
      <p class="hint count" role="status">${isLoaded ? words.count(found.length, list.length) : ""}</p>
      ${mayUpload(user) ? html`<${AddClips} onPanel=${setUploads} />` : null}
    </div>
    ${uploads === null ? null : html`<${uploads.Panel} onChoose=${uploads.onChoose} />`}
    <${Filters} filter=${filter} choices=${choices(list)} isLoaded=${isLoaded} onChange=${change} />
    ${problem === null || isLoaded ? null : html`<${Failure}>${explain(problem)}<//>`}
    ${isLoaded && found.length === 0
      ? html`<div class="empty">
          <${Icon} name="search" /><strong>${words.nothingFound}</strong>
          <button type="button" class="button" onClick=${() => change(NO_FILTER)}>${words.clearFilters}</button>
        </div>`
      : html`<ul class="cards">
          ${isLoaded
            ? found.map((exercise) => html`<${Card} key=${exercise.id} exercise=${exercise} onOpen=${open} onAdd=${addToWorkout} />`)
            : problem === null && Array.from({ length: 12 }, (_, index) => html`<li key=${index} class="exercise ghost"></li>`)}
        </ul>`}
    ${detail === null
      ? null
      : html`<${detail.Detail} exercise=${detail.exercise} Own=${detail.Own} onAdd=${addToWorkout} onClose=${() => setDetail(null)} />`}
  `;
}
