// The assistant: a request in words becomes a saved workout. What was understood can be changed and sent again.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { requestJson } from "../api.js";
import { LEVELS } from "../catalogue.js";
import { catalogue, loadExercises } from "../exercises.js";
import { clock } from "../format.js";
import { useStore } from "../store.js";
import { Failure, Icon, explain, html, useTitle } from "../ui.js";
import { label, language, words } from "../words.js";
import { Chip, ListChip } from "./chips.js";

// The names of the planner (crates/planner/src/intent).
const INTENSITIES = ["facile", "moyen", "intense"];
const STYLES = ["circuit", "tabata", "emom", "amrap", "hiit", "pyramid", "stretch", "strength"];
const REGIONS = ["legs", "arms", "upper_body", "lower_body", "core", "back", "full_body", "cardio"];
const PATTERNS = ["squat", "hinge", "lunge", "push", "pull"];
const CONDITIONS = ["knees", "wrists", "back", "shoulders", "ankles", "neck", "hips", "heart", "pregnancy", "no_floor"];

const DEFAULT_SECS = 30;

/** @typedef {Record<string, any>} Config */

export function Page() {
  const { byId, list } = useStore(catalogue);
  const [text, setText] = useState("");
  // What is shown in the chips, and what of it the user has changed.
  const [config, setConfig] = useState(/** @type {Config} */ ({}));
  const [edits, setEdits] = useState(/** @type {Config} */ ({}));
  const [answer, setAnswer] = useState(/** @type {any} */ (null));
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const asked = useRef({ text: "", edits: /** @type {Config} */ ({}) });
  useTitle(words.pages.assistant);
  useEffect(() => void loadExercises(), []);
  const ask = async () => {
    setWorking(true);
    setProblem(null);
    // Fields precede the words: with other words, only those that the user has changed are sent.
    const isSameText = answer !== null && asked.current.text === text;
    const isAgain = isSameText && asked.current.edits === edits;
    const fields = { ...(isSameText ? config : edits), ...(isAgain ? { seed: (config["seed"] ?? 0) + 1 } : {}) };
    try {
      const json = { user_input: text, config: { ...fields, language: language.value } };
      const made = await requestJson("POST", "api/generate-training", { json, timeoutMillis: 60_000 });
      asked.current = { text, edits };
      setAnswer(made);
      setConfig(made.config ?? {});
    } catch (error) {
      setProblem(error);
    } finally {
      setWorking(false);
    }
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void ask();
  };
  const change = (/** @type {Config} */ fields) => {
    setConfig({ ...config, ...fields });
    setEdits({ ...edits, ...fields });
  };
  return html`
    <div class="page-head"><h1>${words.pages.assistant}</h1></div>
    <p class="lead">${words.assistantLead}</p>
    <form class="ask" onSubmit=${submit}>
      <label class="field">
        <span>${words.request}</span>
        <textarea
          class="input"
          rows="3"
          maxlength="2000"
          placeholder=${words.requestHint}
          value=${text}
          onInput=${(/** @type {any} */ event) => setText(event.target.value)}
        ></textarea>
      </label>
      ${answer === null
        ? html`<div class="examples" role="group" aria-label=${words.exampleGroup}>
            ${words.examples.map(
              (example) => html`<button key=${example} type="button" class="button example" onClick=${() => setText(example)}>${example}</button>`,
            )}
          </div>`
        : html`<${Understood} config=${config} exercises=${list} byId=${byId} onChange=${change} />`}
      <div class="ask-actions">
        <button type="submit" class="button main-action" disabled=${isWorking || text.trim() === ""}>
          <${Icon} name="assistant" />${isWorking ? words.working : answer === null ? words.makeWorkout : words.makeAgain}
        </button>
      </div>
    </form>
    ${problem === null ? null : html`<${Failure}>${explain(problem)}<//>`}
    ${answer === null ? null : html`<${Answer} answer=${answer} byId=${byId} />`}
  `;
}

/**
 * What the assistant has understood.
 * @param {{config: Config, exercises: readonly any[], byId: ReadonlyMap<string, any>, onChange: (fields: Config) => void}} props
 */
function Understood({ config, exercises, byId, onChange }) {
  const equipment = [...new Set(exercises.flatMap((exercise) => exercise.equipment))].sort();
  const muscles = [...new Set(exercises.flatMap((exercise) => exercise.muscles))].sort();
  const nameOf = (/** @type {string} */ name) => byId.get(name)?.name ?? label(name);
  /** @type {[string, string, string[]][]} */
  const lists = [
    ["equipment", words.filterBy.equipment, equipment],
    ["focus", words.focus, [...REGIONS, ...muscles.filter((name) => !REGIONS.includes(name))]],
    ["avoid", words.avoid, ["jumps", ...PATTERNS, ...muscles]],
    ["conditions", words.conditions, CONDITIONS],
  ];
  /** @type {[string, string, readonly string[], (name: string) => string][]} */
  const choices = [
    ["style", words.style, STYLES, label],
    ["intensity", words.intensity, INTENSITIES, (name) => words.intensities[name]],
    ["level", words.filterBy.level, LEVELS, label],
  ];
  return html`
    <fieldset class="understood">
      <legend>${words.understood}</legend>
      <div class="chips">
        <label class="chip">
          <span>${words.minutes}</span>
          <input
            type="number"
            min="1"
            max="180"
            value=${config["duration_minutes"] ?? ""}
            onChange=${(/** @type {any} */ event) => onChange({ duration_minutes: Number(event.target.value) || undefined })}
          />
        </label>
        ${choices.map(
          ([field, name, options, text]) => html`
            <${Chip}
              key=${field}
              name=${name}
              value=${config[field] ?? ""}
              options=${options.map((option) => [option, text(option)])}
              onChange=${(/** @type {string} */ value) => onChange({ [field]: value || undefined })}
            />
          `,
        )}
        ${lists.map(
          ([field, name, options]) => html`
            <${ListChip}
              key=${field}
              name=${name}
              values=${config[field] ?? []}
              options=${options}
              nameOf=${nameOf}
              onChange=${(/** @type {string[]} */ values) => onChange({ [field]: values })}
            />
          `,
        )}
      </div>
    </fieldset>
  `;
}

/** What comes before the first exercise of a group. @param {{group: any}} props */
const GroupName = ({ group }) => {
  const parts = [group?.title, (group?.rounds ?? 1) > 1 ? words.setCount(group.rounds) : ""].filter(Boolean);
  return parts.length === 0 ? null : html`<li class="answer-group">${parts.join(" · ")}</li>`;
};

/** @param {{answer: any, byId: ReadonlyMap<string, any>}} props */
const Answer = ({ answer, byId }) => html`
  <section class="card answer" aria-labelledby="answer-title">
    <div class="answer-head">
      <h2 id="answer-title">${words.proposal}</h2>
      <span class="tag" title=${words.readBy}>${words.plannedBy[answer.planned_by] ?? answer.planned_by}</span>
    </div>
    ${answer.note ? html`<p class="hint" role="status">${answer.note}</p>` : null}
    <p>${answer.explanation}</p>
    <p class="answer-facts">
      <strong>${clock(answer.total_duration)}</strong>
      <span>${words.roundCount(answer.rounds ?? 1)}</span>
      <span>${words.exerciseCount(answer.exercises.length)}</span>
      ${typeof answer.calories === "number" ? html`<span>${words.calories(answer.calories)}</span>` : null}
    </p>
    ${(answer.ignored ?? []).length === 0 ? null : html`<p class="hint">${words.ignored(answer.ignored.join(", "))}</p>`}
    <ol class="answer-list">
      ${answer.exercises.map(
        (/** @type {any} */ { id, duration, rest, group }, /** @type {number} */ index) => html`
          ${group === undefined || group === answer.exercises[index - 1]?.group
            ? null
            : html`<${GroupName} group=${answer.groups?.find((/** @type {any} */ { id: other }) => other === group)} />`}
          <li key=${index}><span>${byId.get(id)?.name ?? id}</span><span class="hint">${duration ?? byId.get(id)?.default_duration ?? DEFAULT_SECS} s${rest ? ` + ${rest} s` : ""}</span></li>
        `,
      )}
    </ol>
    <p class="hint">${words.advice}</p>
    <a class="button main-action" href=${`train/${answer.sessionId}`}><${Icon} name="edit" />${words.openWorkout}</a>
  </section>
`;
