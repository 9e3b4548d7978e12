// The progress bar as a slider: clicks, drags and arrow keys seek.

import { byId, clamp } from "./dom.js";
import { words } from "./words.js";

const STEP_SECS = 5;
const PAGE_SECS = 30;

/**
 * Turns the bar into a slider. `reach()` returns the server's `{ position, duration }` in seconds; `seek` is called with a
 * position at the end of a drag or after a key.
 */
export class SeekBar {
  #bar;
  #thumb = byId("bar-thumb");
  #reach;
  #seek;
  // Position of the thumb during a drag, and until the video reaches it; null while it follows the session.
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

  /** Makes the thumb follow the session again, after it accepted or rejected the position. */
  release() {
    this.#held = null;
  }

  /** Moves the thumb to the position of the session, unless it is dragged. */
  show(position) {
    const { duration } = this.#reach();
    const share = duration > 0 ? clamp((this.#held ?? position) / duration, 0, 1) : 0;
    this.#thumb.style.setProperty("left", `${(share * 100).toFixed(1)}%`);
    this.#bar.classList.toggle("held", this.#held !== null);
  }

  #to(secs, settled) {
    const { duration } = this.#reach();
    // The exact end is not a valid position, because there is no frame.
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
      // Otherwise the page's shortcut for skip would be triggered too.
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
