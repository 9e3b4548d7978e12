// The saved workouts: open, rename, duplicate, delete.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { clock, moment } from "../format.js";
import { go } from "../router.js";
import { toast } from "../toasts.js";
import { Dialog, Failure, Icon, explain, html, useTitle, useWindowEvent } from "../ui.js";
import { words } from "../words.js";
import { readDraft } from "./drafts.js";
import { Menu } from "./menu.js";
import { deleteWorkout, listWorkouts, loadWorkout, saveWorkout } from "./workouts.js";

/** @typedef {import("./workouts.js").Summary} Summary */

// The toast that offers to undo it is shown as long.
const DELETE_MILLIS = 9000;

/** Deletions that can still be undone. @type {Map<string, ReturnType<typeof setTimeout>>} */
const pending = new Map();

/** Deletes what waits, when the page is closed or left for good. @param {boolean} isLast */
function deletePending(isLast) {
  for (const [id, timer] of pending) {
    clearTimeout(timer);
    deleteWorkout(id, isLast).catch(() => undefined);
  }
  pending.clear();
}

export function Page() {
  const [list, setList] = useState(/** @type {Summary[] | null} */ (null));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [renaming, setRenaming] = useState(/** @type {Summary | null} */ (null));
  const [text, setText] = useState("");
  const [draft] = useState(() => readDraft(null));
  useTitle(words.pages.train);
  const load = () =>
    listWorkouts().then(
      (found) => (setList(found.filter(({ sessionId }) => !pending.has(sessionId))), setProblem(null)),
      setProblem,
    );
  useEffect(() => void load(), []);
  useWindowEvent("pagehide", () => deletePending(true));
  const remove = (/** @type {Summary} */ workout) => {
    const { sessionId: id } = workout;
    setList((old) => old?.filter((other) => other.sessionId !== id) ?? null);
    const timer = setTimeout(() => {
      pending.delete(id);
      deleteWorkout(id).catch((error) => (toast(explain(error)), load()));
    }, DELETE_MILLIS);
    pending.set(id, timer);
    const putBack = () => {
      clearTimeout(timer);
      pending.delete(id);
      void load();
    };
    toast(words.removed(workout.title || words.untitled), { label: words.undo, run: putBack });
    /** @type {HTMLElement | null} */ (document.querySelector(".new-workout"))?.focus();
  };
  const duplicate = async (/** @type {Summary} */ { sessionId }) => {
    try {
      const { document } = await loadWorkout(sessionId);
      await saveWorkout({ ...document, title: words.copyOf(document["title"] ?? words.untitled).slice(0, 200) }, null, null);
      await load();
    } catch (error) {
      toast(explain(error));
    }
  };
  const rename = async (/** @type {Summary} */ { sessionId }, /** @type {string} */ title) => {
    setRenaming(null);
    try {
      const { document, etag } = await loadWorkout(sessionId);
      const { title: _, ...rest } = document;
      await saveWorkout(/** @type {any} */ (title === "" ? rest : { title, ...rest }), sessionId, etag);
      await load();
    } catch (error) {
      toast(explain(error));
    }
  };
  const create = async () => {
    const { editor } = await import("./editor.js");
    await editor.open(null, true);
    go("train/new");
    if (draft !== null) {
      toast(words.draftReplaced, { label: words.undo, run: () => editor.restore(draft) });
    }
  };
  const found = list?.filter(({ title }) => (title ?? "").toLowerCase().includes(text.toLowerCase())) ?? [];
  return html`
    <div class="page-head">
      <h1>${words.pages.train}</h1>
      <button type="button" class="button main-action new-workout" onClick=${create}><${Icon} name="plus" />${words.newWorkout}</button>
    </div>
    ${draft === null
      ? null
      : html`<p class="draft"><${Icon} name="edit" /><span>${words.draft(draft.document["title"] ?? words.untitled)}</span><a class="button" href="train/new">${words.openWorkout}</a></p>`}
    ${problem === null ? null : html`<${Unavailable} problem=${problem} />`}
    ${list !== null && list.length > 8
      ? html`<input
          class="input saved-search"
          type="search"
          aria-label=${words.search}
          placeholder=${words.searchWorkouts}
          value=${text}
          onInput=${(/** @type {any} */ event) => setText(event.target.value)}
        />`
      : null}
    ${list !== null && list.length === 0 && problem === null
      ? html`<div class="empty"><${Icon} name="train" /><strong>${words.noWorkouts}</strong><p>${words.noWorkoutsText}</p></div>`
      : null}
    ${list === null && problem === null ? html`<div class="waiting" role="status"><span class="spinner"></span></div>` : null}
    <ul class="saved">
      ${found.map(
        (workout) => html`
          <li key=${workout.sessionId} class="saved-item">
            <a class="saved-open" href=${`train/${workout.sessionId}`}>
              <span class="saved-title">${workout.title || words.untitled}</span>
              <span class="saved-facts">
                <span class="saved-time">${clock(workout.total_duration)}</span>
                <span>${words.exerciseCount(workout.exercises)}</span>
                <span>${moment(workout.updatedAt)}</span>
              </span>
            </a>
            <${Menu}
              label=${words.moreOf(workout.title || words.untitled)}
              entries=${[
                { label: words.rename, icon: "edit", run: () => setRenaming(workout) },
                { label: words.duplicate, icon: "copy", run: () => duplicate(workout) },
                { label: words.remove, icon: "trash", isBad: true, run: () => remove(workout) },
              ]}
            >
              <${Icon} name="more" />
            <//>
          </li>
        `,
      )}
    </ul>
    ${renaming === null ? null : html`<${Rename} workout=${renaming} onRename=${rename} onClose=${() => setRenaming(null)} />`}
  `;
}

/** @param {{problem: any}} props */
const Unavailable = ({ problem }) =>
  [404, 405, 501].includes(problem.status)
    ? html`<p class="note">${words.saves.unsupported}</p>`
    : html`<${Failure}>${explain(problem)}<//>`;

/** @param {{workout: Summary, onRename: (workout: Summary, title: string) => void, onClose: () => void}} props */
function Rename({ workout, onRename, onClose }) {
  const [title, setTitle] = useState(workout.title ?? "");
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onRename(workout, title.trim());
  };
  return html`
    <${Dialog} title=${words.rename} onClose=${onClose}>
      <form class="dialog-form" onSubmit=${submit}>
        <label class="field">
          <span>${words.title}</span>
          <input class="input" autofocus maxlength="200" value=${title} onInput=${(/** @type {any} */ event) => setTitle(event.target.value)} />
        </label>
        <div class="dialog-actions">
          <button type="button" class="button" onClick=${onClose}>${words.cancel}</button>
          <button type="submit" class="button main-action">${words.save}</button>
        </div>
      </form>
    <//>
  `;
}
