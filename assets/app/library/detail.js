// The dialog of an exercise: its clip and all that is known about it.

import { useState } from "../vendor/hooks.mjs";
import { posterAt, regionOf } from "../catalogue.js";
import { wantsStillness } from "../settings.js";
import { Dialog, Icon, html } from "../ui.js";
import { label, words } from "../words.js";
import { Clip, Level } from "./card.js";

/** @typedef {import("../catalogue.js").Exercise} Exercise */

/**
 * @param {object} props
 * @param {Exercise} props.exercise
 * @param {(exercise: Exercise) => void} props.onAdd
 * @param {() => void} props.onClose
 * @param {any} [props.Own] what changes an own exercise
 */
export function Detail({ exercise, onAdd, onClose, Own = null }) {
  const [isPlaying, setPlaying] = useState(!wantsStillness());
  const add = () => {
    onAdd(exercise);
    onClose();
  };
  return html`
    <${Dialog} title=${exercise.name} class="detail" onClose=${onClose}>
      <div class="detail-picture">
        <img src=${posterAt(exercise, 960)} alt="" width="960" height="540" />
        ${isPlaying ? html`<${Clip} exercise=${exercise} />` : null}
        <button type="button" class="button detail-play" onClick=${() => setPlaying(!isPlaying)}>
          <${Icon} name=${isPlaying ? "stop" : "play"} />${isPlaying ? words.stopClip : words.playClip}
        </button>
      </div>
      <p>${exercise.description}</p>
      <dl class="facts">
        ${exercise.difficulty === null ? null : html`<${Fact} name=${words.filterBy.level}><${Level} level=${exercise.difficulty} /><//>`}
        <${Fact} name=${words.primary}><${Muscles} names=${exercise.muscles.length > 0 ? exercise.muscles : exercise.categories} /><//>
        ${exercise.secondary_muscles.length === 0
          ? null
          : html`<${Fact} name=${words.secondary}><${Muscles} names=${exercise.secondary_muscles} /><//>`}
        <${Fact} name=${words.filterBy.equipment}>
          ${exercise.equipment.length === 0 ? words.noEquipment : exercise.equipment.map(label).join(", ")}
        <//>
        ${exercise.impact === null ? null : html`<${Fact} name=${words.impact}>${words.impacts[exercise.impact] ?? exercise.impact}<//>`}
      </dl>
      <div class="dialog-actions">
        ${Own === null ? null : html`<${Own} exercise=${exercise} onClose=${onClose} />`}
        <button type="button" class="button main-action" onClick=${add}><${Icon} name="plus" />${words.addToWorkout}</button>
      </div>
    <//>
  `;
}

/** @param {{name: string, children?: any}} props */
const Fact = ({ name, children }) => html`<div><dt>${name}</dt><dd>${children}</dd></div>`;

/** @param {{names: string[]}} props */
const Muscles = ({ names }) =>
  names.map((name) => html`<span key=${name} class="tag"><span class="region" data-region=${regionOf(name)}></span>${label(name)}</span>`);
