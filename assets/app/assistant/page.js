// The assistant: a request in words becomes a saved workout. What was understood can be changed and sent again.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { requestJson } from "../api.js";
import { LEVELS } from "../catalogue.js";
import { catalogue, loadExercises } from "../exercises.js";
import { clock } from "../format.js";
import { useStore } from "../store.js";
import { Failure, Icon, explain, html, useTitle } from "../ui.js";
import { label, language, words } from "../words.js";
import { Chip, ListChip } from "./chips.js";

const INTENSITIES = ["facile", "moyen", "intense"];

/** @typedef {Record<string, any>} Config */

export function Page() {
  const { byId, list } = useStore(catalogue);
  const [text, setText] = useState("");
  const [config, setConfig] = useState(/** @type {Config} */ ({}));
  const [answer, setAnswer] = useState(/** @type {any} */ (null));
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  useTitle(words.pages.assistant);
  useEffect(() => void loadExercises(), []);
  const ask = async (/** @type {Config} */ wanted) => {
    setWorking(true);
    setProblem(null);
    try {
      const json = { user_input: text, config: { ...wanted, language: language.value } };
      const made = await requestJson("POST", "api/generate-training", { json, timeoutMillis: 60_000 });
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
    void ask(answer === null ? {} : config);
  };
  const change = (/** @type {Config} */ fields) => setConfig({ ...config, ...fields });
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
      ${answer === null ? null : html`<${Understood} config=${config} exercises=${list} onChange=${change} />`}
      <div class="ask-actions">
        <button type="submit" class="button main-action" disabled=${isWorking || text.trim() === ""}>
          <${Icon} name="assistant" />${isWorking ? words.working : answer === null ? words.makeWorkout : words.makeAgain}
        </button>
        ${answer === null
          ? words.examples.map(
              (example) => html`<button key=${example} type="button" class="button example" onClick=${() => setText(example)}>${example}</button>`,
            )
          : null}
      </div>
    </form>
    ${problem === null ? null : html`<${Failure}>${explain(problem)}<//>`}
    ${answer === null ? null : html`<${Answer} answer=${answer} byId=${byId} />`}
  `;
}

/** What the assistant has understood. @param {{config: Config, exercises: readonly any[], onChange: (fields: Config) => void}} props */
function Understood({ config, exercises, onChange }) {
  const equipment = [...new Set(exercises.flatMap((exercise) => exercise.equipment))].sort();
  const muscles = [...new Set(exercises.flatMap((exercise) => exercise.muscles))].sort();
  const lists = /** @type {const} */ ([
    ["equipment", words.filterBy.equipment, equipment],
    ["focus", words.focus, muscles],
    ["avoid", words.avoid, muscles],
  ]);
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
        <${Chip}
          name=${words.intensity}
          value=${config["intensity"] ?? ""}
          options=${INTENSITIES.map((name) => [name, words.intensities[name]])}
          onChange=${(/** @type {string} */ value) => onChange({ intensity: value || undefined })}
        />
        <${Chip}
          name=${words.filterBy.level}
          value=${config["level"] ?? ""}
          options=${LEVELS.map((name) => [name, label(name)])}
          onChange=${(/** @type {string} */ value) => onChange({ level: value || undefined })}
        />
        ${lists.map(
          ([field, name, options]) => html`
            <${ListChip}
              key=${field}
              name=${name}
              values=${config[field] ?? []}
              options=${options}
              onChange=${(/** @type {string[]} */ values) => onChange({ [field]: values })}
            />
          `,
        )}
      </div>
    </fieldset>
  `;
}

/** @param {{answer: any, byId: ReadonlyMap<string, any>}} props */
const Answer = ({ answer, byId }) => html`
  <section class="card answer" aria-labelledby="answer-title">
    <div class="answer-head">
      <h2 id="answer-title">${words.proposal}</h2>
      <span class="tag">${words.plannedBy[answer.planned_by] ?? answer.planned_by}</span>
    </div>
    <p>${answer.explanation}</p>
    <p class="answer-facts">
      <strong>${clock(answer.total_duration)}</strong>
      <span>${words.roundCount(answer.rounds ?? 1)}</span>
      <span>${words.exerciseCount(answer.exercises.length)}</span>
    </p>
    <ol class="answer-list">
      ${answer.exercises.map(
        (/** @type {any} */ { id, duration, rest }, /** @type {number} */ index) => html`
          <li key=${index}><span>${byId.get(id)?.name ?? id}</span><span class="hint">${duration} s${rest ? ` + ${rest} s` : ""}</span></li>
        `,
      )}
    </ol>
    <p class="hint">${words.advice}</p>
    <a class="button main-action" href=${`train/${answer.sessionId}`}><${Icon} name="edit" />${words.openWorkout}</a>
  </section>
`;
