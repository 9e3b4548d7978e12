// Saves a workout some time after each edit, one request at a time, and finds out that someone else has changed it.
//
//   change(document) -> wait -> send(document, id, etag) -> saved
//                                  412 -> conflict, until resolve()
//                                  no response, 5xx, 429 -> again later, and when the browser is online again
//                                  422 -> rejected, until the next change
//
// Requests and timers are those of the caller, so that tests need neither.

import { isSame } from "./workout.js";

/** @typedef {import("./workout.js").WorkoutDocument} WorkoutDocument */
/** @typedef {{id: string, etag: string, updatedAt: string, document: WorkoutDocument}} Saved */

/**
 * `unsupported`: the server saves no workouts; `empty`: the workout has no exercise, which the server would reject.
 * @typedef {"idle" | "waiting" | "saving" | "saved" | "failed" | "rejected" | "conflict" | "unsupported" | "empty"} SaveState
 */

/**
 * @typedef {object} Server
 * @property {(document: WorkoutDocument, id: string | null, etag: string | null) => Promise<Saved>} send
 * @property {(id: string) => Promise<Saved>} load
 * @property {(run: () => void, millis: number) => () => void} later the returned function cancels it
 */

const QUIET_MILLIS = 700;
const RETRY_MILLIS = [2000, 4000, 8000, 15_000, 30_000];

export class Autosave {
  /** @type {SaveState} */
  state = "idle";
  /** The server's version when someone else has changed the workout. @type {Saved | null} */
  theirs = null;
  /** Why the last save failed. @type {any} */
  problem = null;
  /** @type {string | null} */
  id = null;
  /** @type {string | null} */
  etag = null;

  /** @type {WorkoutDocument | null} */
  #wanted = null;
  #attempts = 0;
  /** The request in flight. @type {Promise<void> | null} */
  #sending = null;
  /** @type {(() => void) | null} */
  #cancel = null;
  #server;
  #onChange;

  /** @param {Server} server @param {() => void} onChange called when a public field has changed */
  constructor(server, onChange) {
    this.#server = server;
    this.#onChange = onChange;
  }

  /** Whether an edit is not at the server. */
  get isUnsaved() {
    return this.#wanted !== null;
  }

  /** Starts with a workout of the server, or with a new one. @param {string | null} id @param {string | null} etag */
  start(id, etag) {
    this.#cancel?.();
    Object.assign(this, { id, etag, state: id === null ? "idle" : "saved", theirs: null, problem: null });
    this.#wanted = null;
    this.#attempts = 0;
  }

  /** The workout has changed. @param {WorkoutDocument} document */
  change(document) {
    this.#wanted = document;
    if (this.state === "conflict" || this.state === "unsupported") {
      return;
    }
    if (document.exercises.length === 0) {
      this.#cancel?.();
      this.#show("empty");
    } else {
      this.#attempts = 0;
      this.#saveIn(QUIET_MILLIS, "waiting");
    }
  }

  /** Saves now what waits or has failed. */
  flush() {
    const isHeld = ["conflict", "unsupported", "empty", "rejected"].includes(this.state);
    if (this.#wanted !== null && !isHeld) {
      this.#cancel?.();
      void this.#save();
    }
  }

  /** Saves now what waits, and resolves when nothing is in flight, whether it was saved or not. */
  async finish() {
    this.flush();
    await this.#sending;
    this.flush();
    await this.#sending;
    this.#cancel?.();
  }

  /** Ends a conflict: writes the own version over that of the server, or gives it up. @param {"mine" | "theirs"} whose */
  resolve(whose) {
    const theirs = this.theirs;
    if (theirs === null) {
      return;
    }
    this.theirs = null;
    this.etag = theirs.etag;
    if (whose === "theirs") {
      this.#wanted = null;
      this.#show("saved");
    } else {
      this.#saveIn(0, "waiting");
    }
  }

  /** @param {number} millis @param {SaveState} state */
  #saveIn(millis, state) {
    this.#cancel?.();
    this.#cancel = this.#server.later(() => void this.#save(), millis);
    this.#show(state);
  }

  async #save() {
    const document = this.#wanted;
    if (document === null || this.#sending !== null) {
      return;
    }
    this.#show("saving");
    this.#sending = this.#send(document);
    await this.#sending;
    this.#sending = null;
    // What changed meanwhile.
    const isLater = ["saving", "waiting"].includes(this.state) && this.#wanted !== null;
    if (isLater) {
      this.change(/** @type {WorkoutDocument} */ (this.#wanted));
    }
  }

  /** @param {WorkoutDocument} document */
  async #send(document) {
    try {
      const saved = await this.#server.send(document, this.id, this.etag);
      Object.assign(this, { id: saved.id, etag: saved.etag, problem: null });
      this.#attempts = 0;
      if (this.#wanted === document) {
        this.#wanted = null;
        this.#show("saved");
      }
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** @param {any} error */
  async #failed(error) {
    this.problem = error;
    if (error.status === 412 && this.id !== null) {
      await this.#meetOther(this.id);
    } else if (error.status === 404 && this.id !== null) {
      // It was deleted elsewhere: what is edited here becomes a new one.
      Object.assign(this, { id: null, etag: null });
      this.#saveIn(0, "waiting");
    } else if ([404, 405, 501].includes(error.status)) {
      this.#show("unsupported");
    } else if (error.isTemporary || error.status === 401) {
      this.#retry(error.retryAfterSecs ?? 0);
    } else {
      this.#show("rejected");
    }
  }

  /** @param {string} id */
  async #meetOther(id) {
    try {
      const theirs = await this.#server.load(id);
      if (this.#wanted !== null && isSame(theirs.document, this.#wanted)) {
        // A save whose answer was lost.
        this.#wanted = null;
        this.etag = theirs.etag;
        this.#show("saved");
      } else {
        this.theirs = theirs;
        this.#show("conflict");
      }
    } catch (error) {
      this.problem = error;
      this.#retry(0);
    }
  }

  /** @param {number} atLeastSecs */
  #retry(atLeastSecs) {
    const wait = RETRY_MILLIS[Math.min(this.#attempts, RETRY_MILLIS.length - 1)];
    this.#attempts += 1;
    this.#saveIn(Math.max(wait, atLeastSecs * 1000), "failed");
  }

  /** Shows a conflict that was found when the workout was opened. @param {Saved} theirs @param {WorkoutDocument} mine */
  meet(theirs, mine) {
    this.#wanted = mine;
    this.theirs = theirs;
    this.#show("conflict");
  }

  /** @param {SaveState} state */
  #show(state) {
    this.state = state;
    this.#onChange();
  }
}
