// The rate of a transfer, smoothed so that the time left does not jump.

// Half of an older rate counts after this time.
const HALF_LIFE_MILLIS = 3000;
// Below this a measurement is noise.
const SHORTEST_MILLIS = 250;

export class Rate {
  /** Bytes per second; 0 before it is known. */
  value = 0;
  #bytes = 0;
  /** @type {number | null} */
  #at = null;

  /** @param {number} bytes all that are sent @param {number} now milliseconds */
  add(bytes, now) {
    if (this.#at === null) {
      [this.#bytes, this.#at] = [bytes, now];
      return;
    }
    const millis = now - this.#at;
    if (millis < SHORTEST_MILLIS) {
      return;
    }
    const measured = (Math.max(0, bytes - this.#bytes) / millis) * 1000;
    const weight = this.value === 0 ? 1 : 1 - 0.5 ** (millis / HALF_LIFE_MILLIS);
    this.value += (measured - this.value) * weight;
    [this.#bytes, this.#at] = [bytes, now];
  }
}
