// Moving rows of a list by pointer and by keyboard. While a row is lifted, the order of the elements stays, so that the focus does;
// rows are only drawn elsewhere. What changes the order is the drop.

// Within this distance of an edge of the window, dragging scrolls.
const EDGE_PX = 80;
const SCROLL_PX = 14;

/**
 * @typedef {object} Callbacks
 * @property {(index: number) => void} onLift
 * @property {(index: number, target: number) => void} onTarget the row would be dropped here
 * @property {(index: number, target: number) => void} onDrop
 * @property {(index: number) => void} onCancel
 */

/** The rows of a list, of which one may be lifted. */
export class Sorter {
  /** @type {{index: number, target: number, by: "pointer" | "keyboard"} | null} */
  lifted = null;

  /** @type {HTMLElement[]} */
  #rows = [];
  /** Tops in the document and heights of the rows when one was lifted. @type {{top: number, height: number}[]} */
  #boxes = [];
  /** The height that the lifted row leaves, with the gap to the next. */
  #space = 0;
  #grabbedAt = 0;
  #pointerY = 0;
  #frame = 0;
  #callbacks;

  /** @param {Callbacks} callbacks */
  constructor(callbacks) {
    this.#callbacks = callbacks;
  }

  /** @param {HTMLElement} list @param {number} index @param {"pointer" | "keyboard"} by @param {number} [clientY] */
  lift(list, index, by, clientY = 0) {
    this.#rows = /** @type {HTMLElement[]} */ ([...list.children]);
    this.#boxes = this.#rows.map((row) => {
      const { top, height } = row.getBoundingClientRect();
      return { top: top + scrollY, height };
    });
    const [first, second] = this.#boxes;
    const gap = second === undefined ? 0 : second.top - first.top - first.height;
    this.#space = this.#boxes[index].height + gap;
    this.#grabbedAt = clientY + scrollY;
    this.#pointerY = clientY;
    this.lifted = { index, target: index, by };
    list.classList.add("sorting");
    this.#rows[index].classList.add("lifted");
    this.#callbacks.onLift(index);
    if (by === "pointer") {
      this.#scroll();
    }
  }

  /** Moves the lifted row by rows, for the keyboard. @param {number} by */
  step(by) {
    if (this.lifted !== null) {
      this.#aim(Math.min(Math.max(this.lifted.target + by, 0), this.#rows.length - 1));
      this.#draw(this.#offsetAt(this.lifted.target));
      this.#rows[this.lifted.index].scrollIntoView({ block: "nearest" });
    }
  }

  /** Moves the lifted row with the pointer. @param {number} clientY */
  follow(clientY) {
    if (this.lifted === null) {
      return;
    }
    this.#pointerY = clientY;
    const { index } = this.lifted;
    const offset = clientY + scrollY - this.#grabbedAt;
    const { top, height } = this.#boxes[index];
    const [upper, lower] = [top + offset, top + height + offset];
    // A row is passed when the edge of the lifted one reaches its middle.
    const middles = this.#boxes.map((box) => box.top + box.height / 2);
    const above = middles.filter((middle, other) => other < index && upper < middle).length;
    const below = middles.filter((middle, other) => other > index && lower > middle).length;
    this.#aim(index - above + below);
    this.#draw(offset);
  }

  drop() {
    const lifted = this.#release();
    if (lifted !== null) {
      this.#callbacks.onDrop(lifted.index, lifted.target);
    }
  }

  cancel() {
    const lifted = this.#release();
    if (lifted !== null) {
      this.#callbacks.onCancel(lifted.index);
    }
  }

  /** @param {number} target */
  #aim(target) {
    if (this.lifted !== null && target !== this.lifted.target) {
      this.lifted.target = target;
      this.#callbacks.onTarget(this.lifted.index, target);
    }
  }

  /** How far the lifted row is from its place when it has another. @param {number} target */
  #offsetAt(target) {
    const index = this.lifted?.index ?? 0;
    const passed = target > index ? this.#boxes.slice(index + 1, target + 1) : this.#boxes.slice(target, index);
    const gap = this.#space - this.#boxes[index].height;
    const distance = passed.reduce((sum, { height }) => sum + height + gap, 0);
    return target > index ? distance : -distance;
  }

  /** @param {number} offset of the lifted row in pixels */
  #draw(offset) {
    const { index, target } = this.lifted ?? { index: 0, target: 0 };
    this.#rows.forEach((row, other) => {
      const isPassed = target > index ? other > index && other <= target : other >= target && other < index;
      const shift = other === index ? offset : isPassed ? this.#space * (target > index ? -1 : 1) : 0;
      row.style.transform = shift === 0 ? "" : `translateY(${shift}px)`;
    });
  }

  /** Scrolls the window while the pointer is near its upper or lower edge. */
  #scroll() {
    this.#frame = requestAnimationFrame(() => {
      if (this.lifted?.by !== "pointer") {
        return;
      }
      const [above, below] = [EDGE_PX - this.#pointerY, this.#pointerY - (innerHeight - EDGE_PX)];
      const strength = Math.min(Math.max(above, below, 0) / EDGE_PX, 1);
      if (strength > 0) {
        const before = scrollY;
        scrollBy(0, (above > below ? -1 : 1) * Math.ceil(strength * SCROLL_PX));
        if (scrollY !== before) {
          this.follow(this.#pointerY);
        }
      }
      this.#scroll();
    });
  }

  #release() {
    cancelAnimationFrame(this.#frame);
    const { lifted } = this;
    this.lifted = null;
    this.#rows[0]?.parentElement?.classList.remove("sorting");
    this.#rows.forEach((row) => {
      row.classList.remove("lifted");
      row.style.transform = "";
    });
    this.#rows = [];
    return lifted;
  }
}
