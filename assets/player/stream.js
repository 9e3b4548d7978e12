// Plays the stream, and opens it again after failures until the session ends.
//
//   connecting -> playing <-> waiting     the stream stalled or is being opened again
//              -> absent                  the server has no such stream (yet)
//              -> blocked                 the browser requires a tap before it plays
//   ended, unsupported                    final

import { openNatively, openWithHls } from "./sources.js";

// Delays between attempts: short at first, because most failures are short; the last one is repeated.
const BACK_OFF_MILLIS = [500, 1000, 1500, 2000, 3000, 5000];
// After playing this long, the next failure starts with the shortest delay.
const HEALTHY_MILLIS = 10_000;
// A video that has not advanced for this long is opened again, even without an error.
const FROZEN_MILLIS = 15_000;
// Shorter stalls show no notice.
const STALL_NOTICE_MILLIS = 1200;
const WATCH_MILLIS = 500;

/** A live stream in a video element. There are no callbacks; users poll it. */
export class Stream {
  status = "connecting";
  /** Whether the stream has an audio track. */
  hasSound = false;
  /** Whether the browser requires a tap before there is sound; the video plays muted. */
  soundBlocked = false;
  /** Whether the user wants no sound. */
  muted = false;
  stalls = 0;
  /** Set while the session is paused: then a still video is not a failure. */
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
    // Autoplay rules check the property, which some browsers do not set from the attribute.
    video.muted = true;
    video.addEventListener("playing", () => this.#playing());
    video.addEventListener("waiting", () => this.#stalled());
    video.addEventListener("ended", () => this.#finish("ended"));
    document.addEventListener("visibilitychange", () => this.#seen());
    setInterval(() => this.#watch(), WATCH_MILLIS);
    this.#open();
  }

  /** Latency in seconds, or null if unknown. */
  get latency() {
    return this.#started ? (this.#source?.latency() ?? null) : null;
  }

  /** Whether frames have been shown since the stream was last opened. */
  get started() {
    return this.#started;
  }

  /** Plays the buffer to its end and does not open the stream again, because the session has ended. */
  conclude() {
    this.#concluded = this.resting = true;
    if (this.#timer !== null || !this.#started) {
      this.#finish("ended");
    }
  }

  /** Plays, with its sound if it has one and the browser allows that; muted otherwise. */
  async play() {
    // A video that has ended would start again.
    if (this.#final) {
      return;
    }
    this.#video.muted = this.muted || this.soundBlocked || !this.hasSound;
    try {
      await this.#video.play();
    } catch (error) {
      // Other errors are aborts of a source that is being replaced.
      if (error.name !== "NotAllowedError") {
        return;
      }
      if (this.#video.muted) {
        this.#become("blocked");
      } else {
        this.soundBlocked = true;
        await this.play();
      }
    }
  }

  /** Plays after a tap, which autoplay rules require for the video or for its sound. */
  playAfterTap() {
    this.soundBlocked = false;
    return this.play();
  }

  /** Turns the sound on or off for the user; on must be called from a click or a key. */
  setMuted(muted) {
    this.muted = muted;
    return this.playAfterTap();
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
      sound: () => this.#heard(),
    };
    this.#source = openWithHls(this.#video, this.#url, heard) ?? openNatively(this.#video, this.#url, heard);
    if (this.#source === null) {
      this.#finish("unsupported");
    }
  }

  #heard() {
    // Without a tap, a browser may pause a muted video that gets its sound while it plays.
    if (!this.hasSound && this.#started) {
      this.soundBlocked = true;
    }
    this.hasSound = true;
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
    // Jitter of a quarter, so that many players do not reconnect at the same time.
    this.#timer = setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #playing() {
    this.#started = true;
    this.#stalledAt = null;
    this.#movedAt = performance.now();
    this.#become("playing");
  }

  #stalled() {
    // Waiting for the first frame is not a stall.
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
