// Plays the workout as a live session of the server, which takes over each change of the document. At most one command is in
// flight; when it is done, only the newest document that came meanwhile is sent.

import { Problem, request } from "../api.js";
import { startSession } from "../live/start.js";
import { Store } from "../store.js";
import { toPreview } from "./workout.js";

/** @typedef {import("./workout.js").WorkoutDocument} WorkoutDocument */
/** @typedef {{id: string, token: string, address: string}} Playing */

const QUIET_MILLIS = 350;

/** What decides on the size and number of the frames. @param {WorkoutDocument} document */
const size = (document) => `${document["format"] ?? "16:9"} ${document["fps"] ?? 30}`;

export class Player {
  /** The session that plays. */
  session = new Store(/** @type {Playing | null} */ (null));
  isStarting = new Store(false);

  /** @type {WorkoutDocument | null} */
  #wanted = null;
  /** The document that plays, as JSON. */
  #shown = "{}";
  #position = 0;
  #isSending = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {EventSource | null} */
  #events = null;
  #onPosition;
  #onProblem;

  /** @param {(secs: number) => void} onPosition @param {(problem: Problem) => void} onProblem */
  constructor(onPosition, onProblem) {
    this.#onPosition = onPosition;
    this.#onProblem = onProblem;
  }

  /** @param {WorkoutDocument} document @param {number} at seconds */
  async start(document, at) {
    if (this.isStarting.value) {
      return;
    }
    this.stop();
    this.isStarting.set(true);
    try {
      const { id, control_token: token } = await startSession(toPreview(document));
      const session = { id, token, address: `live/${id}/` };
      this.#shown = JSON.stringify(document);
      if (at > 1) {
        await this.#command(session, { command: "seek", to: at });
      }
      this.session.set(session);
      this.#listen(session);
    } catch (error) {
      this.#report(error);
    } finally {
      this.isStarting.set(false);
    }
  }

  /** The workout has changed. @param {WorkoutDocument} document */
  change(document) {
    if (this.session.value !== null) {
      this.#wanted = document;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#replace(), QUIET_MILLIS);
    }
  }

  /** @param {number} at seconds */
  seek(at) {
    const session = this.session.value;
    if (session !== null) {
      this.#command(session, { command: "seek", to: at }).catch((error) => this.#report(error));
    }
  }

  /** Ends the session, also while the page is being closed. */
  stop() {
    clearTimeout(this.#timer);
    this.#events?.close();
    const session = this.session.value;
    this.#wanted = null;
    if (session !== null) {
      this.session.set(null);
      const headers = { authorization: `Bearer ${session.token}` };
      request("DELETE", `api/live/${session.id}`, { headers, keepalive: true }).catch(() => undefined);
    }
  }

  async #replace() {
    const [session, document] = [this.session.value, this.#wanted];
    if (session === null || document === null || this.#isSending || JSON.stringify(document) === this.#shown) {
      return;
    }
    if (size(document) !== size(JSON.parse(this.#shown))) {
      // The frames of a session keep their size.
      await this.start(document, this.#position);
      return;
    }
    this.#isSending = true;
    this.#wanted = null;
    try {
      await this.#command(session, { command: "document", document: toPreview(document) });
      this.#shown = JSON.stringify(document);
    } catch (error) {
      // Such as a fault that the next edit removes.
      this.#report(error);
    } finally {
      this.#isSending = false;
    }
    if (this.#wanted !== null) {
      this.change(this.#wanted);
    }
  }

  /** @param {Playing} session @param {Record<string, unknown>} json */
  #command({ id, token }, json) {
    return request("POST", `api/live/${id}/commands`, { json, headers: { authorization: `Bearer ${token}` } });
  }

  /** @param {Playing} session */
  #listen({ id }) {
    const events = new EventSource(new URL(`api/live/${id}/events`, window.document.baseURI));
    const take = (/** @type {MessageEvent} */ { data }) => {
      const { state, position_secs: position } = JSON.parse(data);
      if (state === "ended" || state === "failed") {
        this.stop();
      } else if (typeof position === "number") {
        this.#position = position;
        this.#onPosition(position);
      }
    };
    events.addEventListener("state", take);
    events.addEventListener("position", take);
    this.#events = events;
  }

  /** @param {unknown} error */
  #report(error) {
    this.#onProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
  }
}
