// The uploads above the library: progress of each, and what can be done with it.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { clock, megabytes } from "../format.js";
import { useStore } from "../store.js";
import { announce, toast } from "../toasts.js";
import { Icon, IconButton, explain, html, useWindowEvent } from "../ui.js";
import { textsOf, words } from "../words.js";
import { clipsOf } from "./files.js";
import { ExerciseDialog } from "./form.js";
import { queue } from "./queue.js";
import { UPLOAD } from "./words.js";

/** @typedef {import("./queue.js").Upload} Upload */

/** Begins to send files, and says of which it cannot. @param {readonly File[]} files */
export function addFiles(files) {
  const text = textsOf(UPLOAD);
  const { clips, tooLarge, alone, unknown } = clipsOf(files);
  queue.add(clips);
  if (clips.length > 0) {
    announce(text.added(clips.length));
  }
  unknown.length > 0 && toast(text.unknown(unknown.join(", ")));
  tooLarge.length > 0 && toast(text.tooLarge(tooLarge.join(", ")));
  alone.forEach((name) => toast(text.alone(name)));
}

/** Lists what an earlier page has begun. */
export const restore = () => queue.restore();

/** @param {{onChoose: () => void}} props `onChoose` opens the dialog for files */
export function Panel({ onChoose }) {
  const text = textsOf(UPLOAD);
  const uploads = useStore(queue.uploads);
  const [described, setDescribed] = useState(/** @type {Upload | null} */ (null));
  useWindowEvent("beforeunload", (event) => queue.isSending && event.preventDefault());
  if (uploads.length === 0) {
    return null;
  }
  return html`
    <section class="uploads card" aria-labelledby="uploads-title">
      <h2 id="uploads-title">${text.uploads}</h2>
      <p class="hint upload-formats">${text.formats}</p>
      <ul>
        ${uploads.map((upload) => html`<${Row} key=${upload.key} upload=${upload} onChoose=${onChoose} onDescribe=${() => setDescribed(upload)} />`)}
      </ul>
      ${described === null
        ? null
        : html`<${ExerciseDialog}
            upload=${described.info}
            onSaved=${() => queue.forget(described.key)}
            onClose=${() => setDescribed(null)}
          />`}
    </section>
  `;
}

/** @param {{upload: Upload, onChoose: () => void, onDescribe: () => void}} props */
function Row({ upload, onChoose, onDescribe }) {
  const text = textsOf(UPLOAD);
  const { key, name, length, state, sent, rate, secondsLeft, problem, info } = upload;
  const said = useRef(state);
  const label = state === "failed" ? reason(problem) : text.states[state];
  useEffect(() => {
    // Screen readers hear of changes, but not of the progress.
    if (said.current !== state && state !== "sent") {
      announce(text.saidState(name, label));
    }
    said.current = state;
  }, [state]);
  const isMoving = state === "sending" || state === "retrying";
  const facts = [
    isMoving || state === "paused" || state === "missing" ? text.ofSize(megabytes(sent), megabytes(length)) : megabytes(length),
    ...(rate > 0 ? [text.perSecond(megabytes(rate))] : []),
    ...(secondsLeft === null ? [] : [text.left(clock(secondsLeft))]),
  ];
  return html`
    <li class="upload" data-state=${state}>
      ${info?.poster_path && state === "ready"
        ? html`<img class="upload-poster" src=${info.poster_path} alt="" />`
        : html`<span class="upload-poster"><${Icon} name=${state === "failed" ? "warning" : "upload"} /></span>`}
      <div class="upload-text">
        <p class="upload-name">${name}</p>
        <p class=${state === "failed" ? "upload-state bad" : "upload-state"}>${label}</p>
        ${state === "ready" || state === "failed"
          ? null
          : html`<progress class="progress" max="1" value=${state === "checking" ? undefined : length === 0 ? 0 : sent / length} aria-label=${text.progressOf(name)}></progress>`}
        <p class="hint upload-facts">${facts.join(" · ")}</p>
      </div>
      <div class="upload-actions">
        ${state === "ready"
          ? html`<button type="button" class="button main-action" aria-haspopup="dialog" aria-label=${text.describeOf(name)} onClick=${onDescribe}>${text.describe}</button>`
          : null}
        ${state === "missing" ? html`<button type="button" class="button" onClick=${onChoose}>${text.choose}</button>` : null}
        ${isMoving || state === "waiting" ? html`<${IconButton} icon="pause" label=${text.pauseOf(name)} onClick=${() => queue.pause(key)} />` : null}
        ${state === "paused" ? html`<${IconButton} icon="play" label=${text.resumeOf(name)} onClick=${() => queue.resume(key)} />` : null}
        ${state === "failed" && info === null
          ? html`<button type="button" class="button" onClick=${() => queue.resume(key)}>${words.retry}</button>`
          : null}
        <${IconButton}
          icon=${state === "ready" || state === "failed" ? "trash" : "close"}
          label=${(state === "ready" || state === "failed" ? text.discardOf : text.cancelOf)(name)}
          onClick=${() => queue.cancel(key)}
        />
      </div>
    </li>
  `;
}

/** @param {any} problem */
function reason(problem) {
  const text = textsOf(UPLOAD);
  if (problem?.place === "file") {
    return text.unreadable;
  }
  return problem?.status === 404 || problem?.status === 405 ? text.noUploads : explain(problem ?? {});
}
