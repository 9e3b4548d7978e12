// The items of the session, such as exercises and rests: what comes next, and the dialog in which the coach changes it.

import { element, iconButton, write } from "./dom.js";
import { clock, words } from "./words.js";

const TIMEOUT_MILLIS = 6000;
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

  /** Loads the items of the session of this snapshot, if they are not those that are known. A changed plan has another length. */
  async follow({ duration_secs: length }) {
    const isOld = performance.now() - this.#loadedAt > OLDEST_MILLIS;
    if (this.#isLoading || (length === this.#length && !isOld)) {
      return;
    }
    this.#isLoading = true;
    try {
      const answer = await fetch(this.#address, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
      const { items } = answer.ok ? await answer.json() : {};
      if (Array.isArray(items)) {
        this.items = items.slice(0, MOST_ITEMS).map(parse).filter((item) => item !== null);
        this.#length = length;
      }
    } catch {
      // The list stays as it is, and is loaded again later.
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

function parse(item) {
  const isValid = typeof item?.name === "string" && Number.isFinite(item.start) && Number.isFinite(item.end);
  return isValid ? { name: item.name.slice(0, LONGEST_NAME), kind: item.kind, start: item.start, end: item.end } : null;
}

/** The dialog with the list of items, to jump in, and with what changes it. */
export class PlanDialog {
  dialog;
  #plan;
  #send;
  #exercises;
  #list = element("ol", { class: "plan-list" });
  #choice = element("select", { class: "text", "aria-label": words.replacement });
  #shown = [];
  #current = -1;

  /** `send` sends a command; `exercises` is the address of the catalogue. */
  constructor(plan, exercises, send) {
    this.#plan = plan;
    this.#send = send;
    this.#exercises = exercises;
    const close = iconButton("close", words.close, () => this.dialog.close(), { class: "round" });
    const action = (label, onclick) => element("button", { type: "button", class: "send", onclick }, label);
    this.dialog = element(
      "dialog",
      { class: "keys plan", "aria-labelledby": "plan-title" },
      element("div", { class: "keys-head" }, element("h2", { id: "plan-title" }, words.plan), close),
      element(
        "div",
        { class: "plan-actions" },
        action(words.repeat, () => send({ command: "repeat" })),
        action(words.extend(EXTENSION_SECS), () => send({ command: "extend", seconds: EXTENSION_SECS })),
      ),
      element("div", { class: "plan-actions plan-replace" }, this.#choice, action(words.replace, () => this.#replace())),
      this.#list,
    );
    // A click on the backdrop has the dialog itself as its target.
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
  }

  async open(position) {
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
    }
    const current = this.#plan.at(position);
    if (current !== this.#current) {
      this.#list.children[this.#current]?.firstElementChild.removeAttribute("aria-current");
      this.#list.children[current]?.firstElementChild.setAttribute("aria-current", "step");
      this.#current = current;
    }
  }

  #row({ name, kind, start, end }) {
    const onclick = () => (this.#send({ command: "seek", to: start }), this.dialog.close());
    const time = element("span", { class: "plan-time" });
    write(time, clock(Math.round(end - start)));
    const button = element("button", { type: "button", class: `plan-item plan-${kind}`, onclick }, name, time);
    return element("li", {}, button);
  }

  #replace() {
    if (this.#choice.value !== "") {
      this.#send({ command: "replace_next", id: this.#choice.value });
    }
  }
}

/** The exercises of the catalogue; empty if they cannot be loaded. */
async function exercises(address) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    const list = answer.ok ? await answer.json() : [];
    return list.filter(({ id, name }) => typeof id === "string" && typeof name === "string");
  } catch {
    return [];
  }
}
