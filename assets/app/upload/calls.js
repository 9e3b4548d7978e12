// The calls for uploads and own exercises.

import { Problem, online, request, requestJson } from "../api.js";

/**
 * @typedef {object} Clip
 * @property {number} width
 * @property {number} height
 * @property {number} frames
 * @property {number} frame_rate
 * @property {number} duration seconds
 * @property {boolean} has_alpha
 * @property {Alpha} alpha
 * @property {boolean} has_sound
 * @property {number[] | null} waveform peaks from 0 to 1
 */
/** @typedef {"none" | "straight" | "premultiplied"} Alpha */
/**
 * @typedef {object} UploadInfo
 * @property {string} upload_id
 * @property {string} filename
 * @property {number} length
 * @property {number} offset
 * @property {"receiving" | "checking" | "ready" | "failed"} state
 * @property {string | null} error
 * @property {Clip | null} clip
 * @property {{kind: string, text: string}[]} warnings
 * @property {string | null} poster_path
 * @property {string | null} alpha_picture_path
 */

const TUS = { "tus-resumable": "1.0.0" };

// Longer than a chunk takes on a slow line; a connection that is silent for so long is dead.
const CHUNK_MILLIS = 300_000;

const at = (/** @type {string} */ id) => `api/uploads/${encodeURIComponent(id)}`;

/** Base64 of UTF-8. @param {string} text */
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** @param {string} id @returns {Promise<UploadInfo>} */
export const uploadInfo = (id) => requestJson("GET", at(id));

/** What `Transfer` needs, at the server of the page. @type {import("./transfer.js").UploadServer} */
export const server = {
  async create(name, length, signal) {
    const headers = { ...TUS, "upload-length": String(length), "upload-metadata": `filename ${base64(name)}` };
    const response = await request("POST", "api/uploads", { headers, signal });
    const id = response.headers.get("location")?.split("/").at(-1);
    if (!id) {
      throw new Problem(502, { detail: "" });
    }
    return decodeURIComponent(id);
  },
  async offset(id, signal) {
    // Also renews a sign-in that expired while a chunk was sent.
    const response = await request("HEAD", at(id), { headers: TUS, signal });
    return Number(response.headers.get("upload-offset") ?? 0);
  },
  async send(id, offset, chunk, onSent, signal) {
    // A file that was moved or changed meanwhile cannot be read; as the body of a request that would look like a lost connection.
    const bytes = await chunk.arrayBuffer().catch(() => {
      throw new Problem(400, { detail: "unreadable", place: "file" });
    });
    return patch(at(id), offset, bytes, onSent, signal);
  },
  remove: (id) => request("DELETE", at(id), { headers: TUS }),
  now: () => performance.now(),
  wait: (millis, signal) =>
    new Promise((done) => {
      const timer = setTimeout(done, millis);
      const now = () => (clearTimeout(timer), done(undefined));
      signal.addEventListener("abort", now, { once: true });
      addEventListener("online", now, { once: true, signal });
    }),
};

/**
 * Sends a chunk. Not by fetch, which does not tell how much of a body is sent.
 * @param {string} address
 * @param {number} offset
 * @param {ArrayBuffer} bytes
 * @param {(bytes: number) => void} onSent
 * @param {AbortSignal} signal
 * @returns {Promise<number>}
 */
const patch = (address, offset, bytes, onSent, signal) =>
  new Promise((done, failed) => {
    const sending = new XMLHttpRequest();
    sending.open("PATCH", new URL(address, document.baseURI));
    sending.setRequestHeader("tus-resumable", TUS["tus-resumable"]);
    sending.setRequestHeader("content-type", "application/offset+octet-stream");
    sending.setRequestHeader("upload-offset", String(offset));
    sending.timeout = CHUNK_MILLIS;
    sending.upload.onprogress = ({ loaded }) => onSent(loaded);
    sending.onload = () => {
      online.set(true);
      if (sending.status === 204) {
        done(Number(sending.getResponseHeader("upload-offset") ?? offset + bytes.byteLength));
      } else {
        failed(problemOf(sending));
      }
    };
    sending.onerror = () => failed(new Problem(0, { detail: "" }));
    sending.ontimeout = () => failed(new Problem(0, { detail: "" }));
    sending.onabort = () => failed(new Problem(0, { detail: "" }));
    signal.addEventListener("abort", () => sending.abort(), { once: true });
    sending.send(bytes);
  });

/** @param {XMLHttpRequest} answer */
function problemOf(answer) {
  // A sign-in that has expired is renewed by the next question for the offset.
  const status = answer.status === 401 ? 408 : answer.status;
  try {
    return new Problem(status, JSON.parse(answer.responseText), Number(answer.getResponseHeader("retry-after") ?? 0) || 0);
  } catch {
    return new Problem(status, {});
  }
}

const exerciseAt = (/** @type {string} */ id) => `api/exercises/${encodeURIComponent(id)}`;

/** @param {Record<string, unknown>} json @returns {Promise<any>} */
export const createExercise = (json) => requestJson("POST", "api/exercises", { json });

/** An exercise as the server has it now, with its version. @param {string} id @returns {Promise<{json: any, etag: string}>} */
export async function readExercise(id) {
  const response = await request("GET", exerciseAt(id));
  return { json: await response.json(), etag: response.headers.get("etag") ?? "" };
}

/** @param {string} id @param {string} etag @param {Record<string, unknown>} json @returns {Promise<any>} */
export const replaceExercise = (id, etag, json) => requestJson("PUT", exerciseAt(id), { json, headers: { "if-match": etag } });

/** @param {string} id @param {string} etag */
export const deleteExercise = (id, etag) => request("DELETE", exerciseAt(id), { headers: { "if-match": etag } });
