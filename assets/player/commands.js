// Commands to the session: one HTTP request each, never more than one of a kind at a time.

import { words } from "./words.js";

const TIMEOUT_MILLIS = 6000;
const LONGEST_DETAIL = 200;

/** Sends commands to one address. */
export class Commands {
  #address;
  #underWay = new Map();

  constructor(address) {
    this.#address = address;
  }

  /**
   * Sends a command, such as `{ command: "seek", to: 12.5 }`. Gives null when it was accepted, the reason in words when
   * it was not, and undefined when a later command of its kind took its place while one was still under way: of ten
   * steps of the speed in a row, the first and the last are sent.
   */
  send(command) {
    const kind = command.command;
    const waiting = this.#underWay.get(kind);
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
    this.#underWay.set(kind, slot);
    const answer = await post(this.#address, command);
    this.#underWay.delete(kind);
    if (slot.next !== null) {
      this.#now(kind, slot.next).then(slot.replace);
      return undefined;
    }
    return answer;
  }
}

async function post(address, command) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, application/problem+json" },
      body: JSON.stringify(command),
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    return response.ok ? null : await reason(response);
  } catch {
    return words.unreachable;
  }
}

/** What a problem document says, or the bare status where there is none. */
async function reason(response) {
  try {
    const { detail, title } = await response.json();
    const text = [detail, title].find((said) => typeof said === "string" && said.trim() !== "");
    return text === undefined ? words.refused(response.status) : text.trim().slice(0, LONGEST_DETAIL);
  } catch {
    return words.refused(response.status);
  }
}
