// The session as the server tells it: server-sent events, held back until the picture they belong to is on the screen.
//
//   EventSource -> parse -> latest                       what the coach's controls act on
//                        -> queue -> view(now, delay)     what the strip shows
//
// What arrives is checked here and nowhere else: the rest of the page sees a snapshot with every field in bounds.

import { clamp } from "./dom.js";

const STATES = new Set(["playing", "paused", "ended", "failed"]);
const LONGEST_NAME = 120;
const LONGEST_MESSAGE = 400;
// One event a second and a few state changes, for the largest delay: more than this is shown early and not kept.
const QUEUE_LENGTH = 64;
const LONGEST_DELAY_MILLIS = 20_000;
// Between two positions the time is continued for this long; then it stands still until there is news.
const CONTINUE_SECS = 3;
// While a session plays there is a position each second: this much silence means a connection that died unnoticed.
const SILENCE_MILLIS = 8000;
const BACK_OFF_MILLIS = [1000, 2000, 3000, 5000];

/** The events of one session. Nobody is called back: who shows it looks. */
export class Session {
  /** The newest snapshot, however far the picture is behind; null before the first. */
  latest = null;
  /** Whether news can arrive. */
  up = false;

  #url;
  #source = null;
  #queue = [];
  #view = null;
  #attempts = 0;
  #timer = null;
  #heardAt = 0;

  constructor(url) {
    this.#url = url;
    setInterval(() => this.#listen(), 1000);
    this.#connect();
  }

  /** Whether the session has come to its end, good or bad. */
  get over() {
    return this.latest !== null && isOver(this.latest);
  }

  /** The snapshot that belongs to a picture `delayMillis` behind the server, and the position in it; null at first. */
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

  /** Where the server is by now, for commands that are relative to it. */
  positionNow(now) {
    return this.latest === null ? 0 : positionAt(this.latest, now);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#heardAt = performance.now();
    const source = new EventSource(this.#url);
    source.addEventListener("open", () => {
      this.#heardAt = performance.now();
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
    this.#heardAt = snapshot.at;
    this.up = true;
    this.latest = snapshot;
    this.#queue.push(snapshot);
    if (this.#queue.length > QUEUE_LENGTH) {
      this.#view = this.#queue.shift();
    }
    if (this.over) {
      // Nothing follows, and the server closes the connection: an EventSource would come back for ever.
      this.#source.close();
    }
  }

  #lost(source) {
    if (source !== this.#source || this.over) {
      return;
    }
    this.up = false;
    // An answer that is no event stream closes an EventSource for good; otherwise it comes back by itself.
    if (source.readyState === EventSource.CLOSED) {
      this.#again();
    }
  }

  #again() {
    if (this.#timer === null) {
      const wait = BACK_OFF_MILLIS[Math.min(this.#attempts, BACK_OFF_MILLIS.length - 1)];
      this.#attempts += 1;
      this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
    }
  }

  #listen() {
    const silent = performance.now() - this.#heardAt > SILENCE_MILLIS;
    if (silent && this.up && this.latest?.state === "playing" && !document.hidden) {
      this.up = false;
      this.#source.close();
      this.#again();
    }
  }
}

/** Whether nothing follows this snapshot. */
export const isOver = ({ state }) => state === "ended" || state === "failed";

function positionAt({ state, position_secs: position, duration_secs: duration, speed, at }, now) {
  const since = state === "playing" ? clamp((now - at) / 1000, -LONGEST_DELAY_MILLIS / 1000, CONTINUE_SECS) : 0;
  return clamp(position + since * speed, 0, duration);
}

/** A snapshot out of an event's text, or null for what is none. */
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
  return { name: data.name.slice(0, LONGEST_NAME), start_secs: start, end_secs: end };
}

const number = (value, fallback) => (Number.isFinite(value) && value >= 0 ? value : fallback);
