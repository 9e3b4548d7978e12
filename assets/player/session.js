// The state of the session from server-sent events, delayed until the matching frame is shown.
//
//   EventSource -> parse -> latest                       used by the coach's controls
//                        -> queue -> view(now, delay)     shown in the strip
//
// Events are validated here only: the rest of the page receives snapshots whose fields are all within bounds.

import { clamp } from "./dom.js";

const STATES = new Set(["waiting", "playing", "paused", "ended", "failed"]);
const LONGEST_NAME = 120;
const LONGEST_MESSAGE = 400;
// One event per second and some state changes, for the largest delay; further events are shown early.
const QUEUE_LENGTH = 64;
const LONGEST_DELAY_MILLIS = 20_000;
// Between two events the position is extrapolated for at most this long.
const CONTINUE_SECS = 3;
// While a session plays there is an event each second; after this much silence the connection is considered dead.
const SILENCE_MILLIS = 8000;
const BACK_OFF_MILLIS = [1000, 2000, 3000, 5000];

/** The events of one session. There are no callbacks; users poll it. */
export class Session {
  /** The newest snapshot, not delayed; null before the first. */
  latest = null;
  /** Whether the connection is open. */
  up = false;

  #url;
  #source = null;
  #queue = [];
  #view = null;
  #attempts = 0;
  #timer = null;
  #receivedAt = 0;

  constructor(url) {
    this.#url = url;
    setInterval(() => this.#checkSilence(), 1000);
    this.#connect();
  }

  /** Whether the session has ended or failed. */
  get over() {
    return this.latest !== null && isOver(this.latest);
  }

  /** The snapshot for a frame that is `delayMillis` behind the server, with its position; null before the first. */
  view(now, delayMillis) {
    const shown = now - clamp(delayMillis, 0, LONGEST_DELAY_MILLIS);
    while (this.#queue.length > 0 && (this.#view === null || this.#queue[0].at <= shown)) {
      this.#view = this.#queue.shift();
    }
    if (this.#view === null) {
      return null;
    }
    return { ...this.#view, position: positionAt(this.#view, shown) };
  }

  /** The current position at the server, for relative commands. */
  positionNow(now) {
    return this.latest === null ? 0 : positionAt(this.latest, now);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#receivedAt = performance.now();
    const source = new EventSource(this.#url);
    source.addEventListener("open", () => {
      this.#receivedAt = performance.now();
      this.up = true;
    });
    source.addEventListener("state", (event) => this.#take(event.data));
    source.addEventListener("position", (event) => this.#take(event.data));
    source.addEventListener("error", () => this.#lost(source));
    this.#source = source;
  }

  #take(text) {
    const snapshot = parse(text, performance.now());
    if (snapshot === null) {
      return;
    }
    this.#attempts = 0;
    this.#receivedAt = snapshot.at;
    this.up = true;
    this.latest = snapshot;
    this.#queue.push(snapshot);
    if (this.#queue.length > QUEUE_LENGTH) {
      this.#view = this.#queue.shift();
    }
    if (this.over) {
      // The server closes the connection now, and an EventSource would reconnect forever.
      this.#source.close();
    }
  }

  #lost(source) {
    if (source !== this.#source || this.over) {
      return;
    }
    this.up = false;
    // A response that is not an event stream closes an EventSource permanently; otherwise it reconnects itself.
    if (source.readyState === EventSource.CLOSED) {
      this.#reconnectLater();
    }
  }

  #reconnectLater() {
    if (this.#timer === null) {
      const wait = BACK_OFF_MILLIS[Math.min(this.#attempts, BACK_OFF_MILLIS.length - 1)];
      this.#attempts += 1;
      this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
    }
  }

  #checkSilence() {
    const silent = performance.now() - this.#receivedAt > SILENCE_MILLIS;
    if (silent && this.up && this.latest?.state === "playing" && !document.hidden) {
      this.up = false;
      this.#source.close();
      this.#reconnectLater();
    }
  }
}

/** Whether this snapshot is the last one. */
export const isOver = ({ state }) => state === "ended" || state === "failed";

function positionAt({ state, position_secs: position, duration_secs: duration, speed, at }, now) {
  const since = state === "playing" ? clamp((now - at) / 1000, -LONGEST_DELAY_MILLIS / 1000, CONTINUE_SECS) : 0;
  return clamp(position + since * speed, 0, duration);
}

/** Parses the text of an event; null if it is invalid. */
function parse(text, at) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== "object" || data === null || !STATES.has(data.state)) {
    return null;
  }
  const duration = number(data.duration_secs, 0);
  return {
    at,
    state: data.state,
    duration_secs: duration,
    position_secs: Math.min(number(data.position_secs, 0), duration),
    starts_in_secs: number(data.starts_in_secs, null),
    speed: clamp(number(data.speed, 1), 0, 10),
    current: item(data.current, duration),
    next: item(data.next, duration),
    message: typeof data.message === "string" ? data.message.trim().slice(0, LONGEST_MESSAGE) : "",
  };
}

function item(data, duration) {
  if (typeof data !== "object" || data === null || typeof data.name !== "string") {
    return null;
  }
  const start = Math.min(number(data.start_secs, 0), duration);
  const end = clamp(number(data.end_secs, duration), start, duration);
  return { index: number(data.index, 0), name: data.name.slice(0, LONGEST_NAME), start_secs: start, end_secs: end };
}

const number = (value, fallback) => (Number.isFinite(value) && value >= 0 ? value : fallback);
