// The sound of the page: a button that mutes, the volume, and a meter of the level. They are shown for streams with sound only.
// The browser keeps what the user chose, for all sessions of the server.

import { clamp, element, iconButton, relabel } from "./dom.js";
import { LevelMeter } from "./meter.js";
import { percent, words } from "./words.js";

const STORED = "repcast-sound";
// The slider counts in percent; a step of its arrow keys.
const [FULL, STEP] = [100, 5];
const SLIDER_KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);

/** Controls of the sound of a stream, which the page shows again ten times a second. */
export class SoundControls {
  /** The element with all of them. */
  group;
  #stream;
  #video;
  #meter;
  #button = iconButton("sound", words.mute, () => this.toggle(), { class: "round" });
  #slider = element("input", {
    class: "volume",
    type: "range",
    min: 0,
    max: FULL,
    step: STEP,
    "aria-label": words.volume,
    title: words.volume,
    oninput: () => this.#slide(),
    // Otherwise the shortcuts of the coach's page would be triggered too.
    onkeydown: (event) => SLIDER_KEYS.has(event.key) && event.stopPropagation(),
  });

  constructor(stream, video) {
    [this.#stream, this.#video] = [stream, video];
    this.#meter = new LevelMeter(video);
    const { volume, muted } = restore();
    video.volume = volume;
    stream.muted = muted;
    const level = element("div", { class: "level" }, this.#slider, this.#meter.bar);
    this.group = element("div", { class: "sound", role: "group", "aria-label": words.soundGroup }, this.#button, level);
    // Phones whose volume only their own buttons change.
    level.hidden = !canChangeVolume();
    this.show();
  }

  /** Shows what is heard. */
  show() {
    const { hasSound, status } = this.#stream;
    this.group.hidden = !hasSound;
    if (!hasSound) {
      return;
    }
    const volume = this.#volume;
    relabel(this.#button, volume > 0 ? "sound" : "muted", volume > 0 ? words.mute : words.unmute);
    const value = String(Math.round((volume * FULL) / STEP) * STEP);
    if (this.#slider.value !== value || !this.#slider.hasAttribute("aria-valuetext")) {
      this.#slider.value = value;
      this.#describe();
    }
    this.#meter.show(status === "playing" ? volume : 0);
  }

  /** Mutes, or turns the sound on; must be called from a click or a key. */
  toggle() {
    if (!this.#stream.hasSound) {
      return;
    }
    const muted = this.#volume > 0;
    if (!muted && this.#video.volume === 0) {
      this.#video.volume = 1;
    }
    this.#set(muted);
  }

  /** The volume that is heard, from 0 to 1. */
  get #volume() {
    return this.#video.muted ? 0 : this.#video.volume;
  }

  #slide() {
    const volume = Number(this.#slider.value) / FULL;
    if (volume > 0) {
      this.#video.volume = volume;
    }
    // The volume before is kept, so that the button returns to it.
    this.#set(volume === 0);
    this.#describe();
  }

  #set(muted) {
    this.#stream.setMuted(muted).then(() => this.show());
    store({ volume: this.#video.volume, muted });
    this.show();
  }

  #describe() {
    const share = Number(this.#slider.value) / FULL;
    this.#slider.setAttribute("aria-valuetext", percent(share));
    this.#slider.style.setProperty("--share", share);
  }
}

/** Whether scripts may change the volume; on iPhones they may not. */
function canChangeVolume() {
  const probe = document.createElement("video");
  probe.volume = 0.5;
  return probe.volume === 0.5;
}

function restore() {
  try {
    const { volume, muted } = JSON.parse(localStorage.getItem(STORED));
    return { volume: Number.isFinite(volume) && volume > 0 ? clamp(volume, 0, 1) : 1, muted: muted === true };
  } catch {
    // Nothing is stored, or the browser does not permit it.
    return { volume: 1, muted: false };
  }
}

function store(choice) {
  try {
    localStorage.setItem(STORED, JSON.stringify(choice));
  } catch {
    // Without permission, the choice lasts as long as the page.
  }
}
