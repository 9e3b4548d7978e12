// An exercise of the library. Its clip plays while the pointer is over it or the focus in it.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { posterAt, regionOfExercise } from "../catalogue.js";
import { trains } from "../exercises.js";
import { wantsStillness } from "../settings.js";
import { IconButton, html } from "../ui.js";
import { label, words } from "../words.js";

/** @typedef {import("../catalogue.js").Exercise} Exercise */

// A pointer that only passes over starts nothing.
const PAUSE_MILLIS = 150;
const POSTER_PX = 480;

/**
 * @param {object} props
 * @param {Exercise} props.exercise
 * @param {(exercise: Exercise) => void} props.onOpen
 * @param {(exercise: Exercise) => void} props.onAdd
 */
export function Card({ exercise, onOpen, onAdd }) {
  const [isPlaying, setPlaying] = useState(false);
  const timer = useRef(0);
  const start = () => {
    if (!wantsStillness()) {
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setPlaying(true), PAUSE_MILLIS);
    }
  };
  const stop = () => {
    clearTimeout(timer.current);
    setPlaying(false);
  };
  useEffect(() => stop, []);
  const { name, difficulty } = exercise;
  return html`
    <li class="exercise" onPointerEnter=${start} onPointerLeave=${stop} onFocusIn=${start} onFocusOut=${stop}>
      <button type="button" class="exercise-open" aria-haspopup="dialog" onClick=${() => onOpen(exercise)}>
        <span class="exercise-picture">
          <img src=${posterAt(exercise, POSTER_PX)} alt="" width="480" height="270" loading="lazy" decoding="async" />
          ${isPlaying ? html`<${Clip} exercise=${exercise} />` : null}
        </span>
        <span class="exercise-text">
          <span class="exercise-name">${name}</span>
          <span class="exercise-trains"><span class="region" data-region=${regionOfExercise(exercise)}></span>${trains(exercise)}</span>
          <span class="exercise-facts">
            ${difficulty === null ? null : html`<${Level} level=${difficulty} />`}${exercise.own ? html`<span class="tag">${words.own}</span>` : null}
          </span>
        </span>
      </button>
      <${IconButton} icon="plus" class="exercise-add" label=${words.addNamed(name)} onClick=${() => onAdd(exercise)} />
    </li>
  `;
}

/** The clip over the image, from the first frame that it has. @param {{exercise: Exercise}} props */
export function Clip({ exercise }) {
  const [isShown, setShown] = useState(false);
  return html`<video
    class=${isShown ? "shown" : ""}
    src=${exercise.clip}
    muted
    autoplay
    loop
    playsinline
    disableremoteplayback
    aria-hidden="true"
    tabindex="-1"
    onPlaying=${() => setShown(true)}
  />`;
}

const LEVELS = ["beginner", "intermediate", "advanced"];

/** @param {{level: string}} props */
export const Level = ({ level }) => html`
  <span class="level">
    <span class="level-bars" aria-hidden="true">
      ${LEVELS.map((name, index) => html`<span key=${name} class=${index <= LEVELS.indexOf(level) ? "on" : ""}></span>`)}
    </span>
    ${label(level)}
  </span>
`;
