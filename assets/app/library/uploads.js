// The way of own clips into the library: a button, and the whole page as a place to drop files. All else is loaded when there
// is something to send, or something that an earlier page has begun.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { loadStyle } from "../pages.js";
import { read } from "../storage.js";
import { toast } from "../toasts.js";
import { Icon, explain, html, useWindowEvent } from "../ui.js";
import { words } from "../words.js";

const KEPT = "repcast.uploads";
const ACCEPTED = ".mov,.webm,.mp4,.m4v,.gif,.webp,.png,.tar,video/quicktime,video/webm,video/mp4,image/gif,image/webp,image/png";

const hasFiles = (/** @type {DragEvent} */ { dataTransfer }) => dataTransfer?.types.includes("Files") === true;

/** @param {{onPanel: (panel: any) => void}} props `onPanel` shows the list of uploads */
export function AddClips({ onPanel }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  // Entered elements: leaving one for another inside of it is not leaving the page.
  const [depth, setDepth] = useState(0);
  const choose = () => input.current?.click();
  const load = async () => {
    const [module] = await Promise.all([import("../upload/panel.js"), loadStyle("upload/upload.css")]);
    onPanel({ Panel: module.Panel, onChoose: choose });
    return module;
  };
  const add = async (/** @type {File[]} */ files) => {
    try {
      files.length > 0 && (await load()).addFiles(files);
    } catch (error) {
      toast(explain(error));
    }
  };
  useEffect(() => {
    if (read(KEPT) !== null) {
      void load().then(({ restore }) => restore());
    }
  }, []);
  useWindowEvent("dragenter", (event) => hasFiles(event) && setDepth(depth + 1));
  useWindowEvent("dragleave", (event) => hasFiles(event) && setDepth(Math.max(0, depth - 1)));
  useWindowEvent("dragover", (event) => hasFiles(event) && event.preventDefault());
  useWindowEvent("drop", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      setDepth(0);
      void add([...event.dataTransfer.files]);
    }
  });
  const chosen = (/** @type {any} */ { target }) => {
    void add([...target.files]);
    // The same file again is a change.
    target.value = "";
  };
  return html`
    <button type="button" class="button main-action add-clips" onClick=${choose}><${Icon} name="upload" /><span>${words.addClips}</span></button>
    <input ref=${input} class="unseen" type="file" multiple accept=${ACCEPTED} tabindex="-1" aria-hidden="true" onChange=${chosen} />
    ${depth > 0 ? html`<div class="drop-here"><p><${Icon} name="upload" />${words.dropClips}</p></div>` : null}
  `;
}
