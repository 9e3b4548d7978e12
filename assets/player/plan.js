// The items of the session, such as exercises and rests: what comes next, and the dialog in which the coach changes it.

import { loadJson, modal, resultLine } from "./dialog.js";
import { element, write } from "./dom.js";
import { clock, words } from "./words.js";

// A list that could not be loaded, or is older than the events, is loaded again after this time.
const RETRY_MILLIS = 3000;
// After a change that was missed, the list is at most this old.
const OLDEST_MILLIS = 60_000;
const MOST_ITEMS = 5000;
const LONGEST_NAME = 120;
const EXTENSION_SECS = 15;
// What athletes do; everything else is between it.
const EXERCISES = new Set(["exercise", "clip"]);

/** The items; `follow` loads them when they have changed. */
export class Plan {
  items = [];
  #address;
  #length = null;
  #loadedAt = -Infinity;
  #isLoading = false;

  constructor(address) {
    this.#address = address;
  }

  /** Loads the items of the session of this view, if those that are known are others or old. */
  async follow({ duration_secs: length, current, next }) {
    const isOther = (item) => item !== null && item.index < MOST_ITEMS && this.items[item.index]?.name !== item.name;
    const isStale = length !== this.#length || [current, next].some(isOther);
    const age = performance.now() - this.#loadedAt;
    if (this.#isLoading || age < (isStale ? RETRY_MILLIS : OLDEST_MILLIS)) {
      return;
    }
    this.#isLoading = true;
    const session = await loadJson(this.#address);
    if (Array.isArray(session?.items)) {
      this.items = session.items.slice(0, MOST_ITEMS).map(parse);
      this.#length = length;
    }
    this.#loadedAt = performance.now();
    this.#isLoading = false;
  }

  /** The name of the next exercise after a position; null if there is none, undefined if it is not known. */
  next(position) {
    if (this.items.length === 0) {
      return undefined;
    }
    return this.items.find(({ start, kind }) => start > position && EXERCISES.has(kind))?.name ?? null;
  }

  /** The index of the item at a position; -1 if there is none. */
  at(position) {
    return this.items.findLastIndex(({ start, end }) => start <= position && position < end);
  }
}

function parse({ name, kind, start, end, group, set, round }) {
  const secs = (value) => (Number.isFinite(value) ? value : 0);
  return { name: String(name).slice(0, LONGEST_NAME), kind: String(kind), start: secs(start), end: secs(end), group: String(group ?? "").slice(0, LONGEST_NAME), set: Number.isInteger(set) ? set : null, round };
}

/** The dialog with the list of items, to jump in, and with what changes it. */
export class PlanDialog {
  dialog;
  #plan;
  #send;
  #seek;
  #exercises;
  #list = element("ol", { class: "plan-list" });
  #result = resultLine();
  #changes;
  #choice = element("select", { class: "text", "aria-label": words.replacement });
  #shown = [];
  #current = -1;

  /** `send` sends a command as `Commands.send` does, `seek` jumps; `exercises` is the address of the catalogue. */
  constructor(plan, exercises, { send, seek }) {
    this.#plan = plan;
    this.#send = send;
    this.#seek = seek;
    this.#exercises = exercises;
    const action = (label, command) =>
      element("button", { type: "button", class: "send", onclick: () => this.#change(command()) }, label);
    const repeat = action(words.repeat, () => ({ command: "repeat" }));
    const extend = action(words.extend(EXTENSION_SECS), () => ({ command: "extend", seconds: EXTENSION_SECS }));
    const replace = action(words.replace, () => ({ command: "replace_next", id: this.#choice.value }));
    this.#changes = element(
      "div",
      {},
      element("div", { class: "plan-actions" }, repeat, extend),
      element("div", { class: "plan-actions plan-replace" }, this.#choice, replace),
    );
    this.dialog = modal("plan", words.plan, this.#changes, this.#result, this.#list);
  }

  async open(position) {
    write(this.#result, "");
    this.show(position);
    this.dialog.showModal();
    this.#list.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
    if (this.#choice.options.length === 0) {
      const names = await exercises(this.#exercises);
      this.#choice.replaceChildren(...names.map(({ id, name }) => element("option", { value: id }, name)));
      this.#choice.parentElement.hidden = names.length === 0;
    }
  }

  /** Shows the items and which one is current. */
  show(position) {
    if (this.#shown !== this.#plan.items) {
      this.#shown = this.#plan.items;
      this.#current = -1;
      this.#list.replaceChildren(...this.#shown.map((item) => this.#row(item)));
      // The items of a composition are fixed.
      this.#changes.hidden = !this.#shown.some(({ kind }) => kind === "exercise");
    }
    const current = this.#plan.at(position);
    if (current !== this.#current) {
      this.#list.children[this.#current]?.firstElementChild.removeAttribute("aria-current");
      this.#list.children[current]?.firstElementChild.setAttribute("aria-current", "step");
      this.#current = current;
    }
  }

  #row({ name, kind, start, end }) {
    const onclick = () => (this.#seek(start), this.dialog.close());
    const time = element("span", { class: "plan-time" });
    write(time, clock(Math.round(end - start)));
    const button = element("button", { type: "button", class: `plan-item plan-${kind}`, onclick }, name, time);
    return element("li", {}, button);
  }

  /** Sends a command that changes the items; files are opened before it is answered. */
  async #change(command) {
    if (command.id === "") {
      return;
    }
    write(this.#result, "");
    const refusal = await this.#send(command);
    if (refusal !== undefined) {
      write(this.#result, refusal ?? words.done);
    }
  }
}

/** The exercises of the catalogue; empty if they cannot be loaded. */
async function exercises(address) {
  const list = (await loadJson(address)) ?? [];
  return list.filter(({ id, name }) => typeof id === "string" && typeof name === "string");
}
