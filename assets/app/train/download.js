// The video of a workout as a file, while the server makes it.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { request } from "../api.js";
import { megabytes } from "../format.js";
import { toast } from "../toasts.js";
import { Icon, explain, html } from "../ui.js";
import { words } from "../words.js";

const DEFAULT_NAME = "workout.mp4";

/** The name in a Content-Disposition. @param {string | null} header */
export function fileName(header) {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "") ?? [];
  const [, plain] = /filename="?([^";]+)"?/i.exec(header ?? "") ?? [];
  return encoded === undefined ? (plain ?? DEFAULT_NAME) : decodeURIComponent(encoded);
}

/**
 * Loads a video and gives it to the browser as a download.
 * @param {Record<string, any>} json
 * @param {AbortSignal} signal
 * @param {(bytes: number) => void} onBytes
 */
async function download(json, signal, onBytes) {
  const response = await request("POST", "api/generate-workout-video", { json, signal, timeoutMillis: 0, headers: { accept: "video/mp4" } });
  /** @type {BlobPart[]} */
  const parts = [];
  let bytes = 0;
  for await (const part of /** @type {any} */ (response.body)) {
    parts.push(part);
    bytes += part.byteLength;
    onBytes(bytes);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "video/mp4" }));
  link.download = fileName(response.headers.get("content-disposition"));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A button that shows how much has come, and cancels. @param {{document: Record<string, any>, onDone: () => void}} props */
export function Download({ document, onDone }) {
  const [bytes, setBytes] = useState(0);
  useEffect(() => {
    const cancel = new AbortController();
    download(document, cancel.signal, setBytes)
      .then(
        () => toast(words.downloaded),
        (error) => cancel.signal.aborted || toast(explain(error)),
      )
      .finally(onDone);
    return () => cancel.abort();
  }, []);
  return html`
    <button type="button" class="button download" onClick=${onDone}><${Icon} name="close" />${words.downloading(megabytes(bytes))}</button>
  `;
}
