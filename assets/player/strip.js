// The strip below the video: current item with its remaining time, next item, and progress bar. The video shows the same
// information as pixels; here it is text, which can be scaled, translated and read aloud.

import { byId, write } from "./dom.js";
import { isOver } from "./session.js";
import { clock, words } from "./words.js";

// The bar is updated in steps of a thousandth of its length, about a pixel, to limit layouts.
const STEPS = 1000;

/** Shows views of the session. */
export class Strip {
  /** The progress bar, which the coach's controls turn into a slider. */
  bar = byId("bar");
  #parts = Object.fromEntries(
    ["remaining", "current", "next", "elapsed", "message", "announce"].map((id) => [id, byId(id)]),
  );
  #chapters = { current: byId("bar-current"), next: byId("bar-next") };
  #fill = byId("bar-fill");
  #announced = { item: "", state: "", message: "" };

  constructor() {
    this.bar.setAttribute("aria-label", words.progress);
  }

  /** Shows a view of the session. `exercise` is the name of the next one, null if there is none, undefined if unknown. */
  show(view, exercise) {
    const { state, position, duration_secs: duration, starts_in_secs: startsIn, current, next, message } = view;
    const over = isOver(view);
    const nextName = exercise === undefined ? (next?.name ?? null) : exercise;
    const left = (current?.end_secs ?? duration) - position;
    const parts = this.#parts;
    // Until the start, or else how long it will last; then of the item, rounded up like the countdown in the video.
    const waiting = startsIn ?? duration;
    write(parts.remaining, clock(over ? 0 : Math.ceil((state === "waiting" ? waiting : left) - 0.001)));
    const now = state === "waiting" ? words.lobby : (current?.name ?? words.between);
    write(parts.current, over ? words.finished : now);
    write(parts.next, over ? "" : nextName === null ? words.last : words.next(nextName));
    write(parts.elapsed, `${clock(position)} / ${clock(duration)}`);
    write(parts.message, message);
    parts.message.hidden = message === "";
    this.#place(view);
    this.#announce(view, nextName);
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

  /** Announces changes of item, state and message to screen readers, but not the time. */
  #announce({ state, current, message }, nextName) {
    const item = current === null ? "" : `${current.name}@${current.start_secs}`;
    const announced = this.#announced;
    const sentences = [];
    if (state !== announced.state && state !== "playing") {
      sentences.push(state === "waiting" ? words.lobby : words[state]);
    }
    if (item !== announced.item && current !== null && state === "playing") {
      sentences.push(words.item(current.name, Math.round(current.end_secs - current.start_secs)));
      sentences.push(nextName === null ? words.last : words.next(nextName));
    }
    if (message !== announced.message && message !== "") {
      sentences.push(message);
    }
    this.#announced = { item, state, message };
    if (sentences.length > 0) {
      write(this.#parts.announce, `${sentences.join(". ")}.`);
    }
  }
}
