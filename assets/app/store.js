// A value that components observe.

import { useEffect, useState } from "./vendor/hooks.mjs";

/** @template T */
export class Store {
  /** @type {T} */
  value;
  /** @type {Set<() => void>} */
  #observers = new Set();

  /** @param {T} value */
  constructor(value) {
    this.value = value;
  }

  /** @param {T} value */
  set(value) {
    if (!Object.is(value, this.value)) {
      this.value = value;
      [...this.#observers].forEach((observer) => observer());
    }
  }

  /** Calls an observer at each change until the returned function is called. @param {() => void} observer */
  observe(observer) {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }
}

/**
 * The value of a store; the component is rendered again when it changes.
 * @template T
 * @param {Store<T>} store
 * @returns {T}
 */
export function useStore(store) {
  const [, render] = useState(0);
  useEffect(() => {
    const seen = store.value;
    const stop = store.observe(() => render((count) => count + 1));
    // It may have changed between the rendering and this effect.
    if (!Object.is(seen, store.value)) {
      render((count) => count + 1);
    }
    return stop;
  }, [store]);
  return store.value;
}
