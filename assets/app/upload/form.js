// The dialog in which an own exercise is described: a new one with its clip, or one that is edited.

import { useState } from "../vendor/hooks.mjs";
import { choices } from "../catalogue.js";
import { acceptExercise, catalogue } from "../exercises.js";
import { me } from "../me.js";
import { useStore } from "../store.js";
import { toast } from "../toasts.js";
import { Dialog, Failure, explain, html } from "../ui.js";
import { label, textsOf, words } from "../words.js";
import { createExercise, replaceExercise } from "./calls.js";
import { ClipCheck } from "./clip.js";
import { IMPACTS, LEVELS, MUSCLES, PATTERNS, SIDES, bodyOf, choicesOf, fieldsOf } from "./fields.js";
import { UPLOAD } from "./words.js";

/** @typedef {import("./fields.js").Fields} Fields */

/**
 * @param {object} props
 * @param {import("./calls.js").UploadInfo | null} props.upload the clip of a new exercise
 * @param {{json: any, etag: string} | null} [props.edited] an exercise that exists
 * @param {(json: any) => void} props.onSaved
 * @param {() => void} props.onClose
 */
export function ExerciseDialog({ upload, edited = null, onSaved, onClose }) {
  const text = textsOf(UPLOAD);
  const [fields, setFields] = useState(() => fieldsOf(edited?.json, upload));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [isSaving, setSaving] = useState(false);
  const known = choices(useStore(catalogue).list);
  const clubs = useStore(me)?.clubs ?? [];
  const change = (/** @type {Partial<Fields>} */ some) => setFields({ ...fields, ...some });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    try {
      const body = bodyOf(fields, upload?.upload_id ?? null);
      const json = await (edited === null ? createExercise(body) : replaceExercise(edited.json.id, edited.etag, body));
      acceptExercise(json);
      toast((edited === null ? text.saved : text.changed)(json.name));
      onSaved(json);
      onClose();
    } catch (error) {
      setProblem(error);
      setSaving(false);
    }
  };
  const one = { fields, problem, onChange: change };
  return html`
    <${Dialog} title=${edited === null ? text.newTitle : text.editTitle(edited.json.name)} class="exercise-dialog" onClose=${onClose}>
      <form class="exercise-form" onSubmit=${submit}>
        ${upload === null ? null : html`<${ClipCheck} upload=${upload} alpha=${fields.alpha} onAlpha=${(/** @type {string} */ alpha) => change({ alpha })} />`}
        <${Line} ...${one} name="name" legend=${text.name} required maxlength="100" />
        <label class="field">
          <span>${text.description}</span>
          <textarea
            class="input"
            rows="3"
            maxlength="500"
            value=${fields.description}
            onInput=${(/** @type {any} */ event) => change({ description: event.target.value })}
          ></textarea>
        </label>
        <${Selection} ...${one} name="difficulty" legend=${text.level} empty=${text.noLevel} options=${LEVELS.map((name) => [name, label(name)])} />
        <${Chips} ...${one} name="muscles" legend=${text.muscles} options=${MUSCLES} />
        <${Chips} ...${one} name="categories" legend=${text.categories} options=${choicesOf.categories(known.category)} />
        <${Chips} ...${one} name="equipment" legend=${text.equipment} options=${choicesOf.equipment(known.equipment)} />
        <details class="more">
          <summary>${text.more}</summary>
          <div class="more-fields">
            <${Chips} ...${one} name="secondary_muscles" legend=${text.secondary} options=${MUSCLES} />
            <${Selection} ...${one} name="pattern" legend=${text.pattern} empty=${text.none} options=${PATTERNS.map((name) => [name, label(name)])} />
            <${Selection} ...${one} name="impact" legend=${text.impact} empty=${text.none} options=${IMPACTS.map((name) => [name, words.impacts[name]])} />
            <${Selection} ...${one} name="sides" legend=${text.sides} options=${SIDES.map((name) => [name, text.sideNames[name]])} />
            <${Line} ...${one} name="met" legend=${text.met} hint=${text.metHint} inputmode="decimal" pattern="[0-9]*[.,]?[0-9]*" />
            <${Line} ...${one} name="default_speed" legend=${text.speed} inputmode="decimal" pattern="[0-9]*[.,]?[0-9]*" />
            <${Line} ...${one} name="default_duration" legend=${text.duration} inputmode="decimal" pattern="[0-9]*[.,]?[0-9]*" />
          </div>
        </details>
        ${clubs.length === 0 || edited !== null
          ? null
          : html`<${Selection} ...${one} name="club_id" legend=${text.club} empty=${text.noClub} options=${clubs.map(({ id, name }) => [id, name])} />`}
        ${problem === null ? null : html`<${Failure}>${problem.status === 412 ? text.stale : explain(problem)}<//>`}
        <div class="dialog-actions">
          <button type="button" class="button" onClick=${onClose}>${words.cancel}</button>
          <button type="submit" class="button main-action" disabled=${isSaving}>${isSaving ? text.saving : words.save}</button>
        </div>
      </form>
    <//>
  `;
}

/** @typedef {{fields: Fields, problem: any, onChange: (some: Partial<Fields>) => void, name: keyof Fields, legend: string}} FieldProps */

/** @param {FieldProps & {hint?: string, [attribute: string]: any}} props */
const Line = ({ fields, problem, onChange, name, legend, hint = "", ...rest }) => html`
  <label class="field">
    <span>${legend}</span>
    <input
      class="input"
      name=${name}
      value=${fields[name]}
      autocomplete="off"
      aria-invalid=${problem?.place === name ? "true" : undefined}
      onInput=${(/** @type {any} */ event) => onChange({ [name]: event.target.value })}
      ...${rest}
    />
    ${hint === "" ? null : html`<small class="hint">${hint}</small>`}
  </label>
`;

/** @param {FieldProps & {empty?: string, options: (readonly [string, any])[]}} props */
const Selection = ({ fields, onChange, name, legend, empty = "", options }) => html`
  <label class="field">
    <span>${legend}</span>
    <select class="input" name=${name} value=${fields[name]} onChange=${(/** @type {any} */ event) => onChange({ [name]: event.target.value })}>
      ${empty === "" ? null : html`<option value="" selected=${fields[name] === ""}>${empty}</option>`}
      ${options.map(([value, text]) => html`<option key=${value} value=${value} selected=${fields[name] === value}>${text}</option>`)}
    </select>
  </label>
`;

/** Several of a list. The order of a choice is kept: the first muscle works most. @param {FieldProps & {options: readonly string[]}} props */
function Chips({ fields, onChange, name, legend, options }) {
  const chosen = /** @type {string[]} */ (fields[name]);
  const toggle = (/** @type {string} */ option) =>
    onChange({ [name]: chosen.includes(option) ? chosen.filter((other) => other !== option) : [...chosen, option] });
  return html`
    <fieldset class="choice">
      <legend>${legend}</legend>
      <div class="option-chips">
        ${options.map(
          (option) => html`
            <label key=${option} class="choice-option option-chip">
              <input type="checkbox" name=${name} value=${option} checked=${chosen.includes(option)} onChange=${() => toggle(option)} />
              <span>${label(option)}</span>
            </label>
          `,
        )}
      </div>
    </fieldset>
  `;
}
