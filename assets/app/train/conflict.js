// The dialog for a workout that someone else has changed meanwhile.

import { clock, exactMoment } from "../format.js";
import { loadStyle } from "../pages.js";
import { Dialog, html } from "../ui.js";
import { words } from "../words.js";
import { editor } from "./editor.js";
import { schedule } from "./schedule.js";
import { fromDocument } from "./workout.js";

await loadStyle(new URL("dialogs.css", import.meta.url).href);

/** @param {{exercises: ReadonlyMap<string, any>, onClose: () => void}} props */
export function Conflict({ exercises, onClose }) {
  const theirs = editor.autosave.theirs;
  if (theirs === null) {
    return null;
  }
  const resolve = (/** @type {"mine" | "theirs"} */ whose) => {
    editor.resolve(whose);
    onClose();
  };
  const version = (/** @type {string} */ name, /** @type {any} */ workout, /** @type {string | number} */ at) => html`
    <div class="version">
      <h3>${name}</h3>
      <p class="version-title">${workout.title ?? words.untitled}</p>
      <p>${words.exerciseCount(workout.exercises.length)} · ${clock(schedule(workout, exercises).total)}</p>
      <p class="hint">${words.changedAt(exactMoment(at))}</p>
    </div>
  `;
  return html`
    <${Dialog} title=${words.conflictTitle} class="conflict" onClose=${onClose}>
      <p>${words.conflictText}</p>
      <div class="versions">
        ${version(words.mine, editor.workout, editor.editedAt || Date.now())}
        ${version(words.theirs, fromDocument(theirs.document), theirs.updatedAt)}
      </div>
      <div class="dialog-actions">
        <button type="button" class="button take-theirs" onClick=${() => resolve("theirs")}>${words.takeTheirs}</button>
        <button type="button" class="button main-action keep-mine" onClick=${() => resolve("mine")}>${words.keepMine}</button>
      </div>
    <//>
  `;
}
