// The whole workout as a band of its items, with the cursor: a slider in seconds.

import { regionOfExercise } from "../catalogue.js";
import { clock } from "../format.js";
import { useStore } from "../store.js";
import { html } from "../ui.js";
import { words } from "../words.js";
import { stepAt } from "./schedule.js";
import { cursor, moveCursor } from "./view.js";

/** @typedef {import("./schedule.js").Schedule} Schedule */
/** @typedef {import("../catalogue.js").Exercise} Exercise */

// Beyond that, segments are thinner than a pixel.
const MOST_SEGMENTS = 1200;

/** What is shown at a step, in words. @param {import("./schedule.js").Step | null} step @param {import("./workout.js").Workout} workout @param {ReadonlyMap<string, Exercise>} exercises */
export function nameOfStep(step, workout, exercises) {
  if (step === null) {
    return "";
  }
  const id = workout.exercises[step.index]?.id ?? "";
  return step.kind === "exercise" ? (exercises.get(id)?.name ?? id) : words.steps[step.kind];
}

/**
 * @param {object} props
 * @param {Schedule} props.times
 * @param {import("./workout.js").Workout} props.workout
 * @param {ReadonlyMap<string, Exercise>} props.exercises
 * @param {(at: number) => void} [props.onSeek]
 */
export function Ribbon({ times, workout, exercises, onSeek }) {
  const at = useStore(cursor);
  const { steps, total } = times;
  const step = stepAt(times, at);
  const go = (/** @type {number} */ to) => {
    moveCursor(times, to);
    onSeek?.(cursor.value);
  };
  const jump = (/** @type {number} */ by) => {
    const current = step === null ? 0 : steps.indexOf(step);
    const target = steps[Math.min(Math.max(current + by, 0), steps.length - 1)];
    if (target !== undefined) {
      go(target.start + 0.001);
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const jumps = { PageDown: 1, PageUp: -1 };
    if (event.key in jumps) {
      event.preventDefault();
      jump(jumps[/** @type {keyof typeof jumps} */ (event.key)]);
    }
  };
  const name = nameOfStep(step, workout, exercises);
  const text = words.cursorAt(clock(at), clock(total), name, step?.round ?? 1, workout.rounds ?? 1);
  return html`
    <div class="ribbon">
      <div class="ribbon-band">
        <${Band} times=${times} workout=${workout} exercises=${exercises} current=${step} />
        <input
          type="range"
          class="ribbon-cursor"
          aria-label=${words.cursor}
          aria-valuetext=${text}
          min="0"
          max=${Math.max(total, 0.001)}
          step=${total > 600 ? 1 : 0.5}
          value=${at}
          disabled=${total === 0}
          onInput=${(/** @type {any} */ event) => go(Number(event.target.value))}
          onKeyDown=${onKeyDown}
        />
      </div>
      <p class="ribbon-text">
        <span class="ribbon-name">${name}</span>
        <span class="ribbon-time">${clock(at)} / ${clock(total)}</span>
      </p>
    </div>
  `;
}

/** @param {{times: Schedule, workout: import("./workout.js").Workout, exercises: ReadonlyMap<string, Exercise>, current: any}} props */
function Band({ times: { steps, total }, workout, exercises, current }) {
  const shown = steps.slice(0, MOST_SEGMENTS);
  return html`
    <svg class="band" viewBox=${`0 0 ${Math.max(total, 1)} 10`} preserveAspectRatio="none" aria-hidden="true">
      ${shown.map(({ kind, index, start, end }, position) => {
        const region = kind === "exercise" ? regionOfExercise(exercises.get(workout.exercises[index].id)) : "rest";
        const isCurrent = steps[position] === current;
        const isRest = kind !== "exercise";
        return html`<rect
          key=${position}
          data-region=${region}
          class=${isCurrent ? "current" : ""}
          x=${start}
          width=${end - start}
          y=${isRest ? 3 : 0}
          height=${isRest ? 4 : 10}
        />`;
      })}
    </svg>
  `;
}
