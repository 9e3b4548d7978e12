// A field for a number or a time. What is typed counts when the field is left or Enter is pressed; arrow keys count at once.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { decimal, parseNumber, parseTime, typedTime } from "../format.js";
import { html } from "../ui.js";

const LONGEST_TITLE = 200;

/**
 * A field for a title. What is typed counts when the field is left or Enter is pressed; an empty one is no title.
 * @param {{class: string, label: string, placeholder: string, value: string | undefined, onChange: (title: string | undefined) => void}} props
 */
export function TitleField({ class: kind, label, placeholder, value, onChange }) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const commit = () => {
    if (draft !== null) {
      onChange(draft.trim() || undefined);
      setDraft(null);
    }
  };
  return html`
    <input
      class=${kind}
      aria-label=${label}
      placeholder=${placeholder}
      maxlength=${LONGEST_TITLE}
      autocomplete="off"
      enterkeyhint="done"
      data-draft=${draft === null ? undefined : ""}
      value=${draft ?? value ?? ""}
      onInput=${(/** @type {any} */ event) => setDraft(event.target.value)}
      onBlur=${commit}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && commit()}
    />
  `;
}

/** Seconds, or a number without unit. */
const KINDS = Object.freeze({
  time: { parse: parseTime, show: typedTime, mode: "text" },
  number: { parse: parseNumber, show: decimal, mode: "decimal" },
});

/**
 * @param {object} props
 * @param {keyof typeof KINDS} props.kind
 * @param {string} props.caption what is seen above the value
 * @param {string} props.label the accessible name
 * @param {number} props.value
 * @param {readonly [number, number]} props.bounds
 * @param {number} props.step of the arrow keys; with Shift a fifth of it
 * @param {string} [props.unit]
 * @param {boolean} [props.isDefault] the value is not stated, but the usual one
 * @param {string} [props.fault] what the server says about it
 * @param {string} [props.id]
 * @param {(value: number, isStep: boolean) => void} props.onChange
 */
export function NumberField({ kind, caption, label, value, bounds, step, unit = "", isDefault = false, fault = "", id, onChange }) {
  const { parse, show, mode } = KINDS[kind];
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const [low, high] = bounds;
  const latest = useRef({ draft, value });
  latest.current = { draft, value };
  const clamped = (/** @type {number} */ number) => Math.round(Math.min(Math.max(number, low), high) * 1000) / 1000;
  const commit = () => {
    const typed = draft === null ? null : parse(draft);
    if (typed !== null && clamped(typed) !== value) {
      onChange(clamped(typed), false);
    }
    setDraft(null);
  };
  const stepBy = (/** @type {number} */ by) => {
    const from = (draft === null ? null : parse(draft)) ?? value;
    setDraft(null);
    // To the next multiple of the step.
    const next = by > 0 ? Math.floor(from / by + 1e-9) * by + by : Math.ceil(from / -by - 1e-9) * -by + by;
    onChange(clamped(next), true);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") {
      commit();
    } else if (event.key === "Escape" && draft !== null) {
      event.stopPropagation();
      setDraft(null);
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      stepBy((event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? step / 5 : step));
    }
  };
  // A field that disappears keeps what was typed.
  useEffect(() => () => {
    const typed = latest.current.draft === null ? null : parse(latest.current.draft);
    if (typed !== null && clamped(typed) !== latest.current.value) {
      onChange(clamped(typed), false);
    }
  }, []);
  return html`
    <label class=${`number ${isDefault ? "usual" : ""}`} title=${fault || undefined}>
      <span class="number-caption" aria-hidden="true">${caption}</span>
      <span class="number-value">
        <input
          id=${id}
          type="text"
          role="spinbutton"
          inputmode=${mode}
          autocomplete="off"
          enterkeyhint="done"
          aria-label=${label}
          aria-valuenow=${value}
          aria-valuemin=${low}
          aria-valuemax=${high}
          aria-valuetext=${`${show(value)}${unit === "" ? "" : ` ${unit}`}`}
          aria-invalid=${fault === "" ? undefined : "true"}
          data-draft=${draft === null ? undefined : ""}
          value=${draft ?? show(value)}
          onInput=${(/** @type {any} */ event) => setDraft(event.target.value)}
          onFocus=${(/** @type {any} */ event) => event.target.select()}
          onBlur=${commit}
          onKeyDown=${onKeyDown}
        />
        ${unit === "" ? null : html`<span class="number-unit" aria-hidden="true">${unit}</span>`}
      </span>
    </label>
  `;
}
