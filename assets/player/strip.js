// The strip under the picture: what is on and for how long, what is next, and the bar over the whole session. The
// picture carries the same facts as pixels; here they are text, which scales, is translated and can be read out.

import { byId, write } from "./dom.js";
import { isOver } from "./session.js";
import { clock, words } from "./words.js";

// A bar is placed to a thousandth of its length, about a pixel: less is not worth a new layout.
const STEPS = 1000;

/** Draws views of the session. */
export class Strip {
  /** The bar over the session, which the coach's controls turn into a slider. */
  bar = byId("bar");
  #parts = Object.fromEntries(
    ["remaining", "current", "next", "elapsed", "message", "announce"].map((id) => [id, byId(id)]),
  );
  #chapters = { current: byId("bar-current"), next: byId("bar-next") };
  #fill = byId("bar-fill");
  #told = { item: "", state: "", message: "" };

  constructor() {
    this.bar.setAttribute("aria-label", words.progress);
  }

  /** Shows a view, as the session gives it. */
  show(view) {
    const { position, duration_secs: duration, current, next, message } = view;
    const over = isOver(view);
    const left = (over ? duration : (current?.end_secs ?? duration)) - position;
    const parts = this.#parts;
    // The picture counts down to zero at the end of the item, so it shows the second that has begun.
    write(parts.remaining, clock(over ? 0 : Math.ceil(left - 0.001)));
    write(parts.current, over ? words.finished : (current?.name ?? words.between));
    write(parts.next, over ? "" : next === null ? words.last : words.next(next.name));
    write(parts.elapsed, `${clock(position)} / ${clock(duration)}`);
    write(parts.message, message);
    parts.message.hidden = message === "";
    this.#place(view);
    this.#tell(view);
  }

  #place({ position, duration_secs: duration, current, next }) {
    const share = (secs) => (duration > 0 ? Math.round((secs / duration) * STEPS) / STEPS : 0);
    this.#fill.style.setProperty("transform", `scaleX(${share(position)})`);
    for (const [name, item] of Object.entries({ current, next })) {
      const chapter = this.#chapters[name];
      chapter.hidden = item === null;
      if (item !== null) {
        chapter.style.setProperty("left", `${share(item.start_secs) * 100}%`);
        chapter.style.setProperty("width", `${share(item.end_secs - item.start_secs) * 100}%`);
      }
    }
    const bar = this.bar;
    bar.setAttribute("aria-valuemax", Math.floor(duration));
    bar.setAttribute("aria-valuenow", Math.floor(position));
    bar.setAttribute("aria-valuetext", words.position(clock(position), clock(duration)));
  }

  /** Reads out what changed: an item, a state, a message; never a second that went by. */
  #tell({ state, current, next, message }) {
    const item = current === null ? "" : `${current.name}@${current.start_secs}`;
    const told = this.#told;
    const said = [];
    if (state !== told.state && state !== "playing") {
      said.push(words[state]);
    }
    if (item !== told.item && current !== null && state === "playing") {
      said.push(words.item(current.name, Math.round(current.end_secs - current.start_secs)));
      said.push(next === null ? words.last : words.next(next.name));
    }
    if (message !== told.message && message !== "") {
      said.push(message);
    }
    this.#told = { item, state, message };
    if (said.length > 0) {
      write(this.#parts.announce, `${said.join(". ")}.`);
    }
  }
}
