// The picture: opens the stream, and opens it again for as long as the session lives, whatever breaks.
//
//   connecting -> playing <-> waiting     the stream stalled or is being opened again
//              -> absent                  the server knows no such stream (yet)
//              -> blocked                 the browser wants a tap before it plays
//   ended, unsupported                    final

import { openNatively, openWithHls } from "./sources.js";

// Waits between two attempts: short at first, because most breaks are, and never longer than the last.
const BACK_OFF_MILLIS = [500, 1000, 1500, 2000, 3000, 5000];
// A stream that has played this long is healthy: the next break starts from the shortest wait.
const HEALTHY_MILLIS = 10_000;
// A picture that stands still this long is broken in a way that nobody reported.
const FROZEN_MILLIS = 15_000;
// A stall shorter than this is not worth a notice over the picture.
const STALL_NOTICE_MILLIS = 1200;
const WATCH_MILLIS = 500;

/** One live picture in a video element. Nobody is called back: who shows it looks. */
export class Stream {
  status = "connecting";
  hasSound = false;
  stalls = 0;
  /** Set while the session is paused: a picture that stands still is then no fault. */
  resting = false;

  #concluded = false;
  #video;
  #url;
  #source = null;
  #attempts = 0;
  #timer = null;
  #started = false;
  #stalledAt = null;
  #openedAt = 0;
  #movedAt = 0;
  #lastTime = -1;

  constructor(video, url) {
    this.#video = video;
    this.#url = url;
    // The attribute in the page does not always reach the property that autoplay rules look at.
    video.muted = true;
    video.addEventListener("playing", () => this.#playing());
    video.addEventListener("waiting", () => this.#stalled());
    video.addEventListener("ended", () => this.#finish("ended"));
    document.addEventListener("visibilitychange", () => this.#seen());
    setInterval(() => this.#watch(), WATCH_MILLIS);
    this.#open();
  }

  /** Seconds that the picture is behind live, or null where that is unknown. */
  get latency() {
    return this.#started ? (this.#source?.latency() ?? null) : null;
  }

  /** Whether pictures have been shown since the stream was last opened. */
  get started() {
    return this.#started;
  }

  /** The session is over: what is buffered plays to its end, and nothing is opened again. */
  conclude() {
    this.#concluded = this.resting = true;
    if (this.#timer !== null || !this.#started) {
      this.#finish("ended");
    }
  }

  /** Plays after a tap, which lifts what the browser forbade. */
  play() {
    return this.#video.play().catch((error) => {
      // An aborted play() belongs to a source that is being replaced.
      if (error.name === "NotAllowedError") {
        this.#become("blocked");
      }
    });
  }

  /** Turns the sound on, from within a tap. */
  unmute() {
    this.#video.muted = false;
    return this.play();
  }

  get #final() {
    return this.status === "ended" || this.status === "unsupported";
  }

  #open() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#started = false;
    this.#openedAt = this.#movedAt = performance.now();
    const heard = {
      ready: () => this.play(),
      failed: (status) => this.#failed(status),
      sound: () => (this.hasSound = true),
    };
    this.#source = openWithHls(this.#video, this.#url, heard) ?? openNatively(this.#video, this.#url, heard);
    if (this.#source === null) {
      this.#finish("unsupported");
    }
  }

  #failed(status) {
    if (this.#final || this.#timer !== null) {
      return;
    }
    if (this.#concluded) {
      this.#finish("ended");
      return;
    }
    if (this.#started && performance.now() - this.#openedAt > HEALTHY_MILLIS) {
      this.#attempts = 0;
    }
    this.#become(status === 404 || status === 410 ? "absent" : "waiting");
    const wait = BACK_OFF_MILLIS[Math.min(this.#attempts, BACK_OFF_MILLIS.length - 1)];
    this.#attempts += 1;
    // A quarter of chance keeps a room full of players from coming back in the same instant.
    this.#timer = setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #playing() {
    this.#started = true;
    this.#stalledAt = null;
    this.#movedAt = performance.now();
    this.#become("playing");
  }

  #stalled() {
    // The wait for the first picture is no stall.
    if (this.#started && !this.#final && this.#stalledAt === null) {
      this.#stalledAt = performance.now();
      this.stalls += 1;
    }
  }

  #seen() {
    if (!document.hidden && !this.#final && this.#started) {
      this.#movedAt = performance.now();
      this.#source?.resume();
      this.play();
    }
  }

  #watch() {
    const now = performance.now();
    const time = this.#video.currentTime;
    if (time !== this.#lastTime || document.hidden || this.resting || this.status === "blocked") {
      this.#lastTime = time;
      this.#movedAt = now;
    }
    if (this.#final || this.#timer !== null) {
      return;
    }
    if (this.#stalledAt !== null && now - this.#stalledAt > STALL_NOTICE_MILLIS) {
      this.#become("waiting");
    }
    if (now - this.#movedAt > FROZEN_MILLIS) {
      this.#failed();
    }
  }

  #finish(status) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#become(status);
  }

  #become(status) {
    if (!this.#final && this.status !== status) {
      this.status = status;
    }
  }
}
