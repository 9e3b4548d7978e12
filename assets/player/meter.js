// A meter of what is heard. It listens to a copy of the audio, so that it can never silence it: a browser that has no
// captureStream, or whose audio context does not run, shows no meter. Media sources that Web Audio taps instead are silent
// while their context is suspended.

import { element } from "./dom.js";

// Samples of which the level is measured: 85 ms at 48 kHz, about the time between two calls.
const SAMPLES = 4096;
// Level at which the bar is empty, in decibels relative to full scale.
const FLOOR_DB = -54;

/** A bar as long as the level of a video's audio. */
export class LevelMeter {
  #fill = element("div", { class: "meter-fill" });
  /** The element; hidden where there is nothing to measure. */
  bar = element("div", { class: "meter", "aria-hidden": "true", hidden: true }, this.#fill);
  #video;
  #context = null;
  #analyser = null;
  #track = null;
  #samples = new Float32Array(SAMPLES);

  constructor(video) {
    this.#video = video;
  }

  /** Shows the level at a volume from 0 to 1. */
  show(volume) {
    if (volume > 0 && !document.hidden) {
      this.#listen();
    }
    const isRunning = this.#context?.state === "running" && this.#track?.readyState === "live";
    this.bar.hidden = !isRunning;
    if (isRunning) {
      this.#analyser.getFloatTimeDomainData(this.#samples);
      const squares = this.#samples.reduce((sum, value) => sum + value * value, 0);
      const level = 10 * Math.log10((volume * volume * squares) / SAMPLES);
      const share = Math.min(Math.max(1 - level / FLOOR_DB, 0), 1);
      this.#fill.style.setProperty("transform", `scaleX(${share.toFixed(3)})`);
    }
  }

  /** Follows the audio track, which changes when the stream is opened again. */
  #listen() {
    if (this.#track?.readyState === "live" || !("captureStream" in this.#video) || !("AudioContext" in globalThis)) {
      return;
    }
    try {
      const stream = this.#video.captureStream();
      // Copies of frames would cost time.
      stream.getVideoTracks().forEach((track) => track.stop());
      const [track] = stream.getAudioTracks();
      if (track === undefined) {
        return;
      }
      this.#context ??= new AudioContext({ latencyHint: "playback" });
      this.#analyser?.disconnect();
      this.#analyser = new AnalyserNode(this.#context, { fftSize: SAMPLES });
      this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
      this.#track = track;
    } catch {
      // There is no meter.
    }
  }
}
