// The title of the workout, how it is saved, undo and redo.

import { Icon, IconButton, explain, html } from "../ui.js";
import { words } from "../words.js";
import { editor } from "./editor.js";
import { TitleField } from "./fields.js";

/** @type {Partial<Record<import("./autosave.js").SaveState, import("../icons.js").IconName>>} */
const ICONS = { saved: "saved", failed: "offline", rejected: "warning", conflict: "warning", unsupported: "warning" };

/** @param {{onDialog: (name: string) => void}} props */
export function Head({ onDialog }) {
  const { workout, history } = editor;
  return html`
    <div class="head">
      <h1 class="unseen">${words.builder(workout.title ?? words.untitled)}</h1>
      <${TitleField}
        class="title"
        label=${words.title}
        placeholder=${words.untitled}
        value=${workout.title}
        onChange=${(/** @type {string | undefined} */ title) => editor.dispatch({ type: "set", fields: { title } })}
      />
      <${SaveState} onDialog=${onDialog} />
      <div class="head-tools">
        <${IconButton} icon="undo" label=${words.undo} aria-keyshortcuts="Control+Z" aria-disabled=${history.past.length === 0} onClick=${() => editor.undo()} />
        <${IconButton} icon="redo" label=${words.redo} aria-keyshortcuts="Control+Shift+Z" aria-disabled=${history.future.length === 0} onClick=${() => editor.redo()} />
        <${IconButton} icon="keyboard" label=${words.shortcuts} class="keys-button" aria-keyshortcuts="?" onClick=${() => onDialog("help")} />
      </div>
    </div>
  `;
}

/** @param {{onDialog: (name: string) => void}} props */
function SaveState({ onDialog }) {
  const { state, problem } = editor.autosave;
  const icon = ICONS[state];
  const text = state === "rejected" ? words.saves.rejected(explain(problem)) : words.saves[state];
  return html`
    <div class="save" data-state=${state}>
      <p role="status">${icon === undefined ? null : html`<${Icon} name=${icon} />`}<span>${text}</span></p>
      ${state === "conflict"
        ? html`<button type="button" class="button" onClick=${() => onDialog("conflict")}>${words.compare}</button>`
        : null}
      ${state === "failed"
        ? html`<button type="button" class="button" onClick=${() => editor.autosave.flush()}>${words.retry}</button>`
        : null}
    </div>
  `;
}
