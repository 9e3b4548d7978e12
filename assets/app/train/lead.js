// The dialog after a class was started: the addresses for the coach and for everybody else.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { startClass } from "../live/sessions.js";
import { loadStyle } from "../pages.js";
import { Dialog, Failure, Icon, explain, html } from "../ui.js";
import { words } from "../words.js";

await loadStyle(new URL("dialogs.css", import.meta.url).href);

/** @param {{document: Record<string, any>, opened: Window | null, onClose: () => void}} props `opened`: a tab for the controls */
export function Lead({ document, opened, onClose }) {
  const [session, setSession] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    startClass(document).then(
      (started) => {
        setSession(started);
        if (opened !== null && !opened.closed) {
          opened.location.href = new URL(started.control_url, window.document.baseURI).href;
        }
      },
      (error) => {
        opened?.close();
        setProblem(error);
      },
    );
  }, []);
  return html`
    <${Dialog} title=${words.leadTitle} class="lead-dialog" onClose=${onClose}>
      ${problem === null ? null : html`<${Failure}>${explain(problem)}<//>`}
      ${session === null
        ? problem === null && html`<div class="waiting-small"><span class="spinner"></span><span role="status">${words.starting}</span></div>`
        : html`
            <p>${words.leadText}</p>
            <div class="join">
              <img src=${`live/${session.id}/qr.svg`} alt=${words.qr} width="160" height="160" />
              <div>
                <p class="hint">${words.joinCode}</p>
                <p class="join-code">${session.join_code}</p>
                <p><a href=${session.join_url}>${new URL(session.join_url, window.document.baseURI).href}</a></p>
              </div>
            </div>
            <div class="dialog-actions">
              <a class="button" href="live" onClick=${onClose}>${words.allSessions}</a>
              <a class="button main-action control-link" href=${session.control_url} target="_blank"><${Icon} name="open" />${words.openControls}</a>
            </div>
          `}
    <//>
  `;
}
