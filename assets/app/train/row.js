// An item of the builder's list.

import { useState } from "../vendor/hooks.mjs";
import { posterAt, regionOfExercise } from "../catalogue.js";
import { trains } from "../exercises.js";
import { Icon, html } from "../ui.js";
import { words } from "../words.js";
import { NumberField } from "./fields.js";
import { GroupHead } from "./group.js";
import { Menu } from "./menu.js";
import { BOUNDS } from "./reducer.js";
import { DEFAULT_SECS, numeric } from "./workout.js";

/** @typedef {import("./workout.js").Item} Item */
/** @typedef {import("../catalogue.js").Exercise} Exercise */

/**
 * What the list does for its rows.
 * @typedef {object} RowActions
 * @property {(key: number) => void} select
 * @property {(key: number, fields: Partial<Item>, tag: string | null) => void} change
 * @property {(key: number, to: number, focus: string) => void} move
 * @property {(key: number) => void} swap
 * @property {(key: number) => void} duplicate
 * @property {(key: number) => void} remove
 * @property {(key: number) => void} group
 * @property {(key: number) => void} ungroup
 * @property {(id: string, fields: Partial<import("./groups.js").Group>, tag: string | null) => void} changeGroup
 * @property {(id: string, name: string) => void} shape
 * @property {(id: string) => void} dissolve
 * @property {(event: PointerEvent, index: number) => void} grab
 * @property {(event: KeyboardEvent, index: number) => void} handleKey
 */

const THUMBNAIL_PX = 240;

/**
 * @param {object} props
 * @param {Item} props.item
 * @param {number} props.index
 * @param {number} props.count
 * @param {Exercise | undefined} props.exercise
 * @param {boolean} props.isKnown whether the exercise may be in the catalogue, which is not loaded yet
 * @param {boolean} props.isSelected
 * @param {boolean} props.isLifted
 * @param {number} props.place where it is drawn, from 0; another than the index while an item is lifted
 * @param {import("./groups.js").Group | undefined} props.group
 * @param {"first" | "inner" | "last" | "only" | ""} props.position in the group
 * @param {Record<string, string>} props.faults by field
 * @param {Record<string, string>} props.groupFaults by field
 * @param {RowActions} props.actions
 */
export function Row({ item, index, count, exercise, isKnown, isSelected, isLifted, place, group, position, faults, groupFaults, actions }) {
  const { key } = item;
  const name = exercise?.name ?? item.id;
  const usual = exercise?.default_duration ?? DEFAULT_SECS;
  /** @param {"duration" | "rest" | "speed"} of @param {string} caption @param {string} label @param {number} otherwise @param {string} unit @param {number} step */
  const field = (of, caption, label, otherwise, unit, step) => html`
    <${NumberField}
      kind=${unit === "s" ? "time" : "number"}
      caption=${caption}
      label=${label}
      unit=${unit}
      step=${step}
      value=${numeric(item[of], otherwise)}
      isDefault=${item[of] === undefined}
      bounds=${BOUNDS[of]}
      fault=${faults[of]}
      onChange=${(/** @type {number} */ value, /** @type {boolean} */ isStep) => actions.change(key, { [of]: value }, isStep ? `${of} ${key}` : null)}
    />
  `;
  const faultList = Object.entries(faults);
  return html`
    <li
      class=${`row ${isSelected ? "selected" : ""}`}
      data-key=${key}
      data-region=${regionOfExercise(exercise)}
      data-group=${position || undefined}
      onFocusIn=${() => actions.select(key)}
    >
      ${group !== undefined && (position === "first" || position === "only")
        ? html`<${GroupHead} group=${group} faults=${groupFaults} actions=${actions} />`
        : null}
      <div class="row-body">
        <button
          type="button"
          class="handle"
          aria-label=${words.handle(name, index + 1, count)}
          aria-describedby="sort-help"
          aria-pressed=${isLifted}
          onPointerDown=${(/** @type {PointerEvent} */ event) => actions.grab(event, index)}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => actions.handleKey(event, index)}
        >
          <${Icon} name="grip" />
        </button>
        <${Place} index=${place} count=${count} name=${name} onMove=${(/** @type {number} */ to) => actions.move(key, to, ".place")} />
        <button type="button" class="row-name" aria-current=${isSelected ? "true" : undefined} onClick=${() => actions.select(key)}>
          ${exercise === undefined
            ? html`<span class="thumbnail"></span>`
            : html`<img class="thumbnail" src=${posterAt(exercise, THUMBNAIL_PX)} alt="" width="80" height="45" loading="lazy" />`}
          <span class="row-text">
            <span class="row-title">${name}</span>
            <span class="row-trains">${exercise === undefined ? (isKnown ? "" : words.unknownExercise) : trains(exercise)}</span>
          </span>
        </button>
        <div class="row-fields">
          ${field("duration", words.work, words.workOf(name), usual, "s", 5)}
          ${group?.every === undefined ? field("rest", words.rest, words.restOf(name), 0, "s", 5) : null}
          ${field("speed", words.speed, words.speedOf(name), 1, "×", 0.1)}
        </div>
        <${Menu} label=${words.moreOf(name)} entries=${entriesOf(item, index, count, position, actions)}><${Icon} name="more" /><//>
        ${faultList.length === 0 ? null : html`<p class="row-fault">${faultList.map(([field, message]) => words.faults[field] ?? message).join(" ")}</p>`}
      </div>
    </li>
  `;
}

/** @param {Item} item @param {number} index @param {number} count @param {string} position @param {RowActions} actions @returns {import("./menu.js").Entry[]} */
const entriesOf = ({ key }, index, count, position, actions) => [
  { label: words.moveUp, icon: "up", keys: "Alt ↑", isOff: index === 0, run: () => actions.move(key, index - 1, ".handle") },
  { label: words.moveDown, icon: "down", keys: "Alt ↓", isOff: index === count - 1, run: () => actions.move(key, index + 1, ".handle") },
  { label: words.swap, icon: "swap", keys: "S", run: () => actions.swap(key) },
  { label: words.duplicate, icon: "copy", keys: "D", run: () => actions.duplicate(key) },
  {
    label: words.group,
    icon: "layers",
    keys: "G",
    isOff: index === 0 || position === "inner" || position === "last",
    run: () => actions.group(key),
  },
  { label: words.ungroup, icon: "close", keys: "⇧ G", isOff: position === "", run: () => actions.ungroup(key) },
  { label: words.remove, icon: "trash", keys: words.keyDelete, isBad: true, run: () => actions.remove(key) },
];

/** The place in the list, which can be typed. @param {{index: number, count: number, name: string, onMove: (to: number) => void}} props */
function Place({ index, count, name, onMove }) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const commit = () => {
    const typed = Math.round(Number(draft));
    setDraft(null);
    if (draft !== null && draft.trim() !== "" && Number.isFinite(typed) && typed !== index + 1) {
      onMove(Math.min(Math.max(typed, 1), count) - 1);
    }
  };
  return html`
    <input
      class="place"
      type="text"
      inputmode="numeric"
      autocomplete="off"
      enterkeyhint="done"
      aria-label=${words.placeOf(name, count)}
      data-draft=${draft === null ? undefined : ""}
      value=${draft ?? String(index + 1)}
      onInput=${(/** @type {any} */ event) => setDraft(event.target.value)}
      onFocus=${(/** @type {any} */ event) => event.target.select()}
      onBlur=${commit}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && commit()}
    />
  `;
}
