// The items of the session next to the video: what is now, what comes next, and how long each lasts. On narrow screens the list
// is opened over the strip. Where the caller controls the session, an item is a button that jumps to it; a live stream itself has
// nothing to seek in.

import { byId, element, iconButton, write } from "./dom.js";
import { clock, words } from "./words.js";

const STORED = "repcast.items";
// There is room next to the video; the same as in items.css.
const ROOM = "(min-width: 64rem) and (min-height: 34rem) and (orientation: landscape)";
const EXERCISES = new Set(["exercise", "clip"]);

/** The list and the button that shows it. */
export class ItemList {
  button = iconButton("side", words.items, () => this.#toggle(), { class: "round items-button", "aria-controls": "items" });
  #plan;
  #player;
  // A list without buttons is scrolled by keys, too.
  #list = element("ol", { class: "items-list", tabindex: "0", "aria-label": words.items });
  #head = element(
    "div",
    { class: "items-head" },
    element("h2", {}, words.items),
    iconButton("close", words.close, () => this.#close(), { class: "round" }),
  );
  #aside = element("aside", { id: "items", class: "items", "aria-label": words.items, hidden: true }, this.#head, this.#list);
  #room = matchMedia(ROOM);
  #seek = null;
  #shown = null;
  #current = -1;

  constructor(plan, player) {
    this.#plan = plan;
    this.#player = player;
    byId("stage").after(this.#aside);
    // The page inside of another, such as a preview, has its own list there.
    this.#open(this.#room.matches && window.top === window && restore());
    this.#aside.addEventListener("keydown", ({ key }) => key === "Escape" && !this.#room.matches && this.#close());
    this.#room.addEventListener("change", () => this.#open(this.#room.matches && restore()));
  }

  /** Makes the items buttons that jump; `seek` is called with a position. */
  steer(seek) {
    this.#seek = seek;
    this.#shown = null;
  }

  /** Shows the items and which one is current; the view is null before there is one. */
  show(view) {
    this.button.hidden = this.#plan.items.length === 0;
    if (view === null || this.#aside.hidden) {
      return;
    }
    const { items } = this.#plan;
    const current = this.#plan.at(view.position);
    if (this.#shown !== items) {
      this.#shown = items;
      this.#current = -1;
      let last = null;
      const rows = items.map((item) => {
        const row = this.#row(item, last);
        last = item.kind === "exercise" ? item : last;
        return row;
      });
      this.#list.replaceChildren(...rows);
    }
    if (current !== this.#current) {
      this.#current = current;
      this.#mark(current);
    }
    const time = this.#list.children[current]?.querySelector(".item-time");
    if (time) {
      write(time, clock(Math.ceil(items[current].end - view.position - 0.001)));
    }
  }

  /** The row of an item after this last exercise. The first exercise of a round of a group says which round it is. */
  #row(item, last) {
    const { name, kind, start, end, group, set, round } = item;
    const time = element("span", { class: "item-time" }, clock(Math.round(end - start)));
    const parts = [element("span", { class: "item-name" }, name), element("span", { class: "item-next" }, words.upNext), time];
    const content =
      this.#seek === null
        ? element("div", { class: "item" }, ...parts)
        : element("button", { type: "button", class: "item", onclick: () => this.#seek(start) }, ...parts);
    const isSame = last?.set === set && last.group === group && last.round === round;
    const isFirst = kind === "exercise" && set !== null && !isSame;
    const heading = isFirst ? [element("p", { class: "item-group" }, [group, words.set(set)].filter(Boolean).join(" · "))] : [];
    return element("li", { "data-kind": kind }, ...heading, content);
  }

  /** Marks the current item, those before it, and the next exercise. */
  #mark(current) {
    const next = this.#shown.findIndex(({ kind }, index) => index > current && EXERCISES.has(kind));
    [...this.#list.children].forEach((row, index) => {
      const place = index < current ? "past" : index === current ? "now" : index === next ? "next" : "later";
      row.dataset.place = place;
      row.querySelector(".item").toggleAttribute("aria-current", false);
      const { start, end } = this.#shown[index];
      write(row.querySelector(".item-time"), clock(Math.round(end - start)));
    });
    const row = this.#list.children[current];
    row?.querySelector(".item").setAttribute("aria-current", "step");
    if (row && !this.#list.matches(":hover, :focus-within")) {
      // Not scrollIntoView, which would also scroll the page.
      this.#list.scrollTo({ top: row.offsetTop - this.#list.clientHeight / 4, behavior: "smooth" });
    }
  }

  #toggle() {
    const isOpen = this.#aside.hidden;
    this.#open(isOpen);
    if (this.#room.matches) {
      store(isOpen);
    } else if (isOpen) {
      this.#head.querySelector("button").focus();
    }
  }

  /** Closes the sheet, which covers the button that has opened it. */
  #close() {
    this.#open(false);
    this.button.focus();
  }

  #open(isOpen) {
    this.#aside.hidden = !isOpen;
    this.#player.dataset.items = isOpen ? "on" : "off";
    this.button.setAttribute("aria-expanded", isOpen);
    this.#shown = null;
  }
}

function restore() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    // The browser does not permit it.
    return true;
  }
}

function store(isOpen) {
  try {
    localStorage.setItem(STORED, isOpen ? "on" : "off");
  } catch {
    // Without permission, the choice lasts as long as the page.
  }
}
