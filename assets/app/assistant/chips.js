// The parts of a request that can be changed.

import { Icon, html } from "../ui.js";
import { words } from "../words.js";

/** One of few values. @param {{name: string, value: string, options: [string, string][], onChange: (value: string) => void}} props */
export const Chip = ({ name, value, options, onChange }) => html`
  <label class="chip">
    <span>${name}</span>
    <select value=${value} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
      <option value="">${words.any}</option>
      ${options.map(([option, text]) => html`<option key=${option} value=${option} selected=${option === value}>${text}</option>`)}
    </select>
  </label>
`;

/**
 * Some of many values: those that are chosen, each with a button that removes it, and a list of the others.
 * @param {object} props
 * @param {string} props.name
 * @param {string[]} props.values
 * @param {readonly string[]} props.options
 * @param {(value: string) => string} props.nameOf
 * @param {(values: string[]) => void} props.onChange
 */
export const ListChip = ({ name, values, options, nameOf, onChange }) => html`
  <div class="chip list-chip" role="group" aria-label=${name}>
    <span>${name}</span>
    ${values.map(
      (value) => html`
        <button
          key=${value}
          type="button"
          class="chosen-value"
          aria-label=${words.removeNamed(nameOf(value))}
          onClick=${() => onChange(values.filter((other) => other !== value))}
        >
          ${nameOf(value)}<${Icon} name="close" />
        </button>
      `,
    )}
    <select
      aria-label=${words.addTo(name)}
      value=""
      onChange=${(/** @type {any} */ event) => event.target.value !== "" && onChange([...values, event.target.value])}
    >
      <option value="">${values.length === 0 ? words.any : "+"}</option>
      ${options.filter((option) => !values.includes(option)).map((option) => html`<option key=${option} value=${option}>${nameOf(option)}</option>`)}
    </select>
  </div>
`;
