// The bar over the session as a slider: a click, a drag or an arrow key seeks.

import { byId, clamp } from "./dom.js";
import { words } from "./words.js";

const STEP_SECS = 5;
const PAGE_SECS = 30;

/**
 * Turns the bar into a slider. `reach()` gives `{ position, duration }` in seconds as the server has them, and `seek`
 * is called with a position when a hand or a key has settled on it.
 */
export class SeekBar {
  #bar;
  #thumb = byId("bar-thumb");
  #reach;
  #seek;
  // Where the thumb is held, or was left until the picture gets there; null while it follows the session.
  #held = null;

  constructor(bar, reach, seek) {
    this.#bar = bar;
    this.#reach = reach;
    this.#seek = seek;
    bar.setAttribute("role", "slider");
    bar.setAttribute("aria-label", words.seek);
    bar.tabIndex = 0;
    this.#thumb.hidden = false;
    bar.addEventListener("keydown", (event) => this.#key(event));
    bar.addEventListener("pointerdown", (event) => this.#down(event));
  }

  /** Lets go of the thumb: the session has taken the position, or refused it. */
  release() {
    this.#held = null;
  }

  /** Puts the thumb where the session is, unless it is held somewhere else. */
  show(position) {
    const { duration } = this.#reach();
    const share = duration > 0 ? clamp((this.#held ?? position) / duration, 0, 1) : 0;
    this.#thumb.style.setProperty("left", `${(share * 100).toFixed(1)}%`);
    this.#bar.classList.toggle("held", this.#held !== null);
  }

  #to(secs, settled) {
    const { duration } = this.#reach();
    // The very end is no position: there is no frame there any more.
    this.#held = clamp(Math.round(secs * 10) / 10, 0, Math.max(0, duration - 0.1));
    this.show(this.#held);
    if (settled) {
      this.#seek(this.#held);
    }
  }

  #key(event) {
    const { position, duration } = this.#reach();
    const from = this.#held ?? position;
    const targets = {
      ArrowLeft: from - STEP_SECS,
      ArrowDown: from - STEP_SECS,
      ArrowRight: from + STEP_SECS,
      ArrowUp: from + STEP_SECS,
      PageDown: from - PAGE_SECS,
      PageUp: from + PAGE_SECS,
      Home: 0,
      End: duration,
    };
    if (event.key in targets && !event.ctrlKey && !event.metaKey && !event.altKey) {
      // The page's own keys would skip an item as well.
      event.preventDefault();
      event.stopPropagation();
      this.#to(targets[event.key], true);
    }
  }

  #down(event) {
    if (event.button !== 0) {
      return;
    }
    const bar = this.#bar;
    const at = ({ clientX }) => {
      const { left, width } = bar.getBoundingClientRect();
      return (clamp((clientX - left) / width, 0, 1) || 0) * this.#reach().duration;
    };
    const listening = new AbortController();
    const { signal } = listening;
    bar.setPointerCapture(event.pointerId);
    this.#to(at(event), false);
    bar.addEventListener("pointermove", (moved) => this.#to(at(moved), false), { signal });
    bar.addEventListener("pointercancel", () => (listening.abort(), this.release()), { signal });
    bar.addEventListener("pointerup", (up) => (listening.abort(), this.#to(at(up), true)), { signal });
  }
}
