// The exercises that people have added: those that the administrator may change.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { posterAt } from "../catalogue.js";
import { catalogue, loadExercises, trains } from "../exercises.js";
import { clock } from "../format.js";
import { loadStyle } from "../pages.js";
import { useStore } from "../store.js";
import { Failure, Icon, explain, html } from "../ui.js";
import { textsOf, words } from "../words.js";
import { ADMIN } from "./words.js";

const THUMBNAIL_PX = 240;

export function Exercises() {
  const text = textsOf(ADMIN);
  const { list, isLoaded, problem } = useStore(catalogue);
  const [Actions, setActions] = useState(/** @type {any} */ (null));
  useEffect(() => {
    void loadExercises();
    void loadStyle("upload/upload.css");
    void import("../upload/own.js").then(({ OwnActions }) => setActions(() => OwnActions));
  }, []);
  const own = list.filter((exercise) => exercise.own);
  if (problem !== null && !isLoaded) {
    return html`<${Failure}>${explain(problem)}<//>`;
  }
  if (!isLoaded) {
    return html`<p class="hint">${words.loading}</p>`;
  }
  return html`
    <p class="hint">${text.exercisesHint} <a href="library">${words.addClips}</a></p>
    ${own.length === 0
      ? html`<div class="empty"><${Icon} name="library" /><p>${text.noExercises}</p></div>`
      : html`
          <ul class="admin-exercises">
            ${own.map(
              (exercise) => html`
                <li key=${exercise.id} class="card admin-exercise">
                  <img src=${posterAt(exercise, THUMBNAIL_PX)} alt="" width="96" height="54" loading="lazy" />
                  <div class="admin-exercise-text">
                    <strong>${exercise.name}</strong>
                    <span class="hint">${[exercise.duration === null ? "" : clock(exercise.duration), trains(exercise)].filter(Boolean).join(" · ")}</span>
                  </div>
                  <div class="admin-exercise-actions">
                    ${Actions === null ? null : html`<${Actions} exercise=${exercise} onClose=${() => {}} />`}
                  </div>
                </li>
              `,
            )}
          </ul>
        `}
  `;
}
