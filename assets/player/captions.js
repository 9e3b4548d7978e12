// Captions: a button, and their text over the video, for streams that have them.
//
// hls.js and native HLS both make text tracks. The page draws the text of their cues itself, so that it looks the same in
// all browsers and follows the picture, not the bars around it. The full screen of iPhones shows the video alone: there the
// browser draws them.

import { element, iconButton, write } from "./dom.js";
import { language, words } from "./words.js";

const STORED = "repcast-captions";
// Distance of captions from the lower edge of the picture, as a share of its height.
const MARGIN = 0.03;
// Height of the letters as a share of the picture's shorter side, and their bounds in pixels.
const [LETTER_SHARE, LEAST_LETTER, MOST_LETTER] = [0.045, 15, 40];

/** The captions of a video, which the page shows again ten times a second. */
export class Captions {
  button = iconButton("captions", words.captions, () => this.toggle(), { class: "round", "aria-pressed": "false" });
  #video;
  #text = element("p", { class: "caption-text" });
  #box = element("div", { class: "captions", hidden: true }, this.#text);
  #track = null;
  #wanted = restore();
  #drawnByBrowser = false;
  #follow = () => this.#draw();

  constructor(video) {
    this.#video = video;
    video.after(this.#box);
    for (const [event, drawn] of [["webkitbeginfullscreen", true], ["webkitendfullscreen", false]]) {
      video.addEventListener(event, () => {
        this.#drawnByBrowser = drawn;
        this.show();
      });
    }
    this.show();
  }

  /** Turns the captions on or off. */
  toggle() {
    if (this.button.hidden) {
      return;
    }
    this.#wanted = !this.#wanted;
    store(this.#wanted);
    this.show();
  }

  /** Shows the button if there are captions, and the caption of now. */
  show() {
    const tracks = [...this.#video.textTracks].filter(({ kind }) => kind === "subtitles" || kind === "captions");
    const chosen = tracks.find((track) => track.language.toLowerCase().startsWith(language)) ?? tracks[0] ?? null;
    this.button.hidden = chosen === null;
    this.button.setAttribute("aria-pressed", this.#wanted);
    const mode = this.#drawnByBrowser ? "showing" : "hidden";
    for (const track of tracks) {
      const wanted = track === chosen && this.#wanted ? mode : "disabled";
      // Each change of a mode makes hls.js select its track again.
      if (track.mode !== wanted) {
        track.mode = wanted;
      }
    }
    if (chosen !== this.#track) {
      this.#track?.removeEventListener("cuechange", this.#follow);
      chosen?.addEventListener("cuechange", this.#follow);
      this.#track = chosen;
    }
    this.#draw();
  }

  #draw() {
    const cues = this.#wanted && !this.#drawnByBrowser ? [...(this.#track?.activeCues ?? [])] : [];
    // The text of a cue has references such as &amp;, which only the browser decodes.
    const text = cues.map((cue) => cue.getCueAsHTML().textContent).join("\n");
    this.#box.hidden = text === "";
    write(this.#text, text);
    if (text !== "") {
      this.#place(cues[0]);
    }
  }

  /** Places the text in the picture, where the cue asks for it, else at the lower edge. */
  #place({ line, snapToLines, position, size }) {
    const { clientWidth, clientHeight, videoWidth, videoHeight } = this.#video;
    const scale = videoWidth > 0 ? Math.min(clientWidth / videoWidth, clientHeight / videoHeight) : 0;
    const [width, height] = scale > 0 ? [videoWidth * scale, videoHeight * scale] : [clientWidth, clientHeight];
    const share = (value, other) => (typeof value === "number" ? value / 100 : other);
    const { style } = this.#box;
    const set = (name, pixels) => style.setProperty(name, `${pixels.toFixed(1)}px`);
    const letter = Math.min(width, height) * LETTER_SHARE;
    set("font-size", Math.min(Math.max(letter, LEAST_LETTER), MOST_LETTER));
    const across = width * Math.min(share(size, 1), 0.94);
    const middle = (clientWidth - width) / 2 + width * share(position, 0.5);
    set("width", across);
    set("left", middle - across / 2);
    // Large letters on a small picture need more lines than there is room for below that place.
    const lowest = height * (1 - MARGIN) - this.#box.offsetHeight;
    const top = snapToLines ? lowest : Math.min(height * share(line, 1), lowest);
    set("top", (clientHeight - height) / 2 + Math.max(top, 0));
  }
}

function restore() {
  try {
    return localStorage.getItem(STORED) === "on";
  } catch {
    // The browser does not permit it.
    return false;
  }
}

function store(wanted) {
  try {
    localStorage.setItem(STORED, wanted ? "on" : "off");
  } catch {
    // Without permission, the choice lasts as long as the page.
  }
}
