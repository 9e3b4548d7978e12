// The dialog with the keys of the builder.

import { chooseSingleKeys, singleKeys } from "../settings.js";
import { useStore } from "../store.js";
import { loadStyle } from "../pages.js";
import { Dialog, html } from "../ui.js";
import { words } from "../words.js";

await loadStyle(new URL("dialogs.css", import.meta.url).href);

/** @type {[string[], keyof typeof words.keys][]} */
const KEYS = [
  [["A"], "add"],
  [["J", "K"], "select"],
  [["Alt", "↑ ↓"], "move"],
  [["␣"], "lift"],
  [["S"], "swap"],
  [["D"], "duplicate"],
  [["⌫"], "remove"],
  [["G"], "group"],
  [["⇧", "G"], "ungroup"],
  [["P"], "play"],
  [["↑ ↓"], "step"],
  [["PgUp", "PgDn"], "jump"],
  [["Ctrl", "Z"], "undo"],
  [["Ctrl", "⇧", "Z"], "redo"],
  [["?"], "help"],
];

/** @param {{onClose: () => void}} props */
export function Help({ onClose }) {
  const isOn = useStore(singleKeys);
  return html`
    <${Dialog} title=${words.shortcuts} onClose=${onClose}>
      <dl class="keys">
        ${KEYS.map(
          ([keys, name]) => html`
            <div key=${name}>
              <dt>${keys.map((key) => html`<kbd key=${key}>${key === "␣" ? words.keySpace : key === "⌫" ? words.keyDelete : key}</kbd>`)}</dt>
              <dd>${words.keys[name]}</dd>
            </div>
          `,
        )}
      </dl>
      <label class="check">
        <input type="checkbox" checked=${isOn} onChange=${(/** @type {any} */ event) => chooseSingleKeys(event.target.checked)} />
        <span>${words.singleKeys}</span>
      </label>
    <//>
  `;
}
