// Total, work and rest, and how the work is distributed over the muscles.

import { useMemo } from "../vendor/hooks.mjs";
import { regionOf } from "../catalogue.js";
import { clock, percent } from "../format.js";
import { html } from "../ui.js";
import { label, words } from "../words.js";
import { muscleBalance } from "./schedule.js";

const MOST_MUSCLES = 8;

/**
 * @param {object} props
 * @param {import("./workout.js").Workout} props.workout
 * @param {import("./schedule.js").Schedule} props.times
 * @param {ReadonlyMap<string, import("../catalogue.js").Exercise>} props.exercises
 */
export function Summary({ workout, times, exercises }) {
  const balance = muscleBalance(workout, times, exercises);
  const most = balance[0]?.secs ?? 1;
  const sum = balance.reduce((total, { secs }) => total + secs, 0) || 1;
  // On a phone, the list is nearer when they are closed.
  const isOpen = useMemo(() => matchMedia("(min-width: 48rem)").matches, []);
  const shown = balance.slice(0, MOST_MUSCLES);
  return html`
    <section class="card summary" aria-label=${words.summary}>
      <dl class="totals">
        <div class="total"><dt>${words.total}</dt><dd id="total">${clock(times.total)}</dd></div>
        <div><dt>${words.work}</dt><dd id="work">${clock(times.work)}</dd></div>
        <div><dt>${words.rest}</dt><dd id="rest">${clock(times.rest)}</dd></div>
        <div><dt>${words.exercises}</dt><dd>${workout.exercises.length}</dd></div>
      </dl>
      ${shown.length === 0
        ? null
        : html`
            <details class="balance-box" open=${isOpen}>
              <summary>${words.balance}</summary>
              <ul class="balance">
                ${shown.map(
                  ({ muscle, secs }) => html`
                    <li key=${muscle} data-region=${regionOf(muscle)}>
                      <span class="balance-name">${label(muscle)}</span>
                      <span class="balance-bar" aria-hidden="true"><span style=${{ width: `${(secs / most) * 100}%` }}></span></span>
                      <span class="balance-time">${clock(secs)}<span class="unseen">, ${percent(secs / sum)}</span></span>
                    </li>
                  `,
                )}
              </ul>
            </details>
          `}
    </section>
  `;
}
