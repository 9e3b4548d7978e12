// Frames of the workout from the server's compositor. At most one request is in flight; when it is done, only the newest of those
// that came meanwhile is sent.

import { Problem, request } from "../api.js";

/** @typedef {{document: Record<string, any>, at: number, width: number}} FrameRequest */

// Edits that follow one another faster, such as those of a held key, are one.
const QUIET_MILLIS = 40;
const RETRY_MILLIS = 2000;

export class Frames {
  /** @type {FrameRequest | null} */
  #wanted = null;
  #isLoading = false;
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(frame: Blob, millis: number) => void} */
  #onFrame;
  /** @type {(problem: Problem | null) => void} */
  #onProblem;

  /** @param {(frame: Blob, millis: number) => void} onFrame @param {(problem: Problem | null) => void} onProblem */
  constructor(onFrame, onProblem) {
    this.#onFrame = onFrame;
    this.#onProblem = onProblem;
  }

  /** @param {FrameRequest} wanted */
  want(wanted) {
    this.#wanted = wanted;
    this.#loadIn(QUIET_MILLIS);
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** @param {number} millis */
  #loadIn(millis) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load(), millis);
  }

  async #load() {
    const wanted = this.#wanted;
    if (wanted === null || this.#isLoading || this.#isClosed) {
      return;
    }
    this.#isLoading = true;
    this.#wanted = null;
    const startedAt = performance.now();
    let wait = 0;
    try {
      const response = await request("POST", "api/frame", { json: { ...wanted, format: "jpeg" } });
      const frame = await response.blob();
      if (!this.#isClosed) {
        this.#onFrame(frame, performance.now() - startedAt);
        this.#onProblem(null);
      }
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
      if (!this.#isClosed) {
        this.#onProblem(problem);
      }
      if (problem.isTemporary) {
        this.#wanted ??= wanted;
        wait = Math.max(RETRY_MILLIS, problem.retryAfterSecs * 1000);
      }
    } finally {
      this.#isLoading = false;
    }
    if (this.#wanted !== null) {
      this.#loadIn(wait);
    }
  }
}
