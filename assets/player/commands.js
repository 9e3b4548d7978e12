// Commands to the session: one HTTP request each, at most one of a kind in flight.

import { credentials } from "./control.js";
import { words } from "./words.js";

const TIMEOUT_MILLIS = 6000;
const LONGEST_DETAIL = 200;

/** Sends commands to one URL. */
export class Commands {
  #address;
  #token;
  #inFlight = new Map();

  constructor(address, token) {
    this.#address = address;
    this.#token = token;
  }

  /**
   * Sends a command, such as `{ command: "seek", to: 12.5 }`. Resolves to null when it was accepted, to a message when it was
   * rejected, and to undefined when a later command of its kind replaced it while one was in flight: of ten speed steps in
   * a row, the first and the last are sent.
   */
  send(command) {
    const kind = command.command;
    const waiting = this.#inFlight.get(kind);
    if (waiting !== undefined) {
      waiting.replace?.(undefined);
      return new Promise((settle) => {
        waiting.next = command;
        waiting.replace = settle;
      });
    }
    return this.#now(kind, command);
  }

  async #now(kind, command) {
    const slot = { next: null, replace: null };
    this.#inFlight.set(kind, slot);
    const answer = await post(this.#address, this.#token, command);
    this.#inFlight.delete(kind);
    if (slot.next !== null) {
      this.#now(kind, slot.next).then(slot.replace);
      return undefined;
    }
    return answer;
  }
}

async function post(address, token, command) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, application/problem+json",
        ...credentials(token),
      },
      body: JSON.stringify(command),
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    return response.ok ? null : await reason(response);
  } catch {
    return words.unreachable;
  }
}

/** The detail of a problem document, or the status code. */
async function reason(response) {
  try {
    const { detail, title } = await response.json();
    const text = [detail, title].find((value) => typeof value === "string" && value.trim() !== "");
    return text === undefined ? words.rejected(response.status) : text.trim().slice(0, LONGEST_DETAIL);
  } catch {
    return words.rejected(response.status);
  }
}
