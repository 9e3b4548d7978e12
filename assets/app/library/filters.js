// The search field and the filters of the catalogue.

import { useRef } from "../vendor/hooks.mjs";
import { NO_FILTER } from "../catalogue.js";
import { Icon, html, useWindowEvent } from "../ui.js";
import { label, words } from "../words.js";

/** @typedef {import("../catalogue.js").Filter} Filter */

/** @type {["muscle", "equipment", "level", "category"]} */
const NAMES = ["muscle", "equipment", "level", "category"];

/**
 * @param {object} props
 * @param {Filter} props.filter
 * @param {Record<string, string[]>} props.choices
 * @param {boolean} props.isLoaded whether the choices are known; before that there is room for all
 * @param {(fields: Partial<Filter>) => void} props.onChange
 */
export function Filters({ filter, choices, isLoaded, onChange }) {
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  useWindowEvent("keydown", (event) => {
    const isTyping = event.target.matches?.("input, textarea, select");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.current?.focus();
    }
  });
  const isFiltered = Object.values(filter).some((value) => value !== "");
  const shown = NAMES.filter((name) => !isLoaded || (choices[name]?.length ?? 0) > 1 || filter[name] !== "");
  return html`
    <search class="filters" aria-label=${words.filters}>
      <label class="search">
        <span class="unseen">${words.search}</span>
        <${Icon} name="search" />
        <input
          class="input"
          type="search"
          ref=${search}
          value=${filter.text}
          placeholder=${words.searchHint}
          onInput=${(/** @type {any} */ event) => onChange({ text: event.target.value })}
        />
      </label>
      ${shown.map((name) => html`<${Selection} key=${name} name=${name} value=${filter[name]} values=${choices[name]} onChange=${onChange} />`)}
      ${isFiltered
        ? html`<button type="button" class="button" onClick=${() => onChange(NO_FILTER)}><${Icon} name="close" />${words.clearFilters}</button>`
        : null}
    </search>
  `;
}

/** @param {{name: "muscle" | "equipment" | "level" | "category", value: string, values: string[], onChange: (fields: any) => void}} props */
const Selection = ({ name, value, values, onChange }) => html`
  <select
    class=${`input filter ${value === "" ? "" : "chosen"}`}
    aria-label=${words.filterBy[name]}
    value=${value}
    onChange=${(/** @type {any} */ event) => onChange({ [name]: event.target.value })}
  >
    <option value="">${words.all[name]}</option>
    ${name === "equipment" ? html`<option value="none" selected=${value === "none"}>${words.noEquipment}</option>` : null}
    ${values.map((option) => html`<option key=${option} value=${option} selected=${option === value}>${label(option)}</option>`)}
  </select>
`;
