// The coach's controls. They act on the current state of the server, while the strip above shows the state of the delayed video:
// a button reacts at once, and the video follows about two seconds later.

import { Commands } from "./commands.js";
import { byId, clamp, element, iconButton, relabel, write } from "./dom.js";
import { keyboard, keysDialog } from "./keys.js";
import { PlanDialog } from "./plan.js";
import { SeekBar } from "./seek.js";
import { ShareDialog } from "./share.js";
import { times, words } from "./words.js";

const [SLOWEST, FASTEST] = [0.25, 4];
const [SHORTEST_SECS, USUAL_SECS, LONGEST_SECS] = [1, 5, 60];
const LONGEST_MESSAGE = 120;
// The expected effect of a command is shown until the next event, and at most this long.
const PENDING_MILLIS = 4000;
const STATUS_MILLIS = 6000;
const FLASH_MILLIS = 220;

/** Adds the controls to the page after their style sheets have loaded, so that they are not shown unstyled. */
export async function addControls(parts) {
  await Promise.all(["controls.css", "share.css", "plan.css"].map(loadStyle));
  return new Controls(parts);
}

function loadStyle(name) {
  return new Promise((settled) => {
    const href = new URL(name, import.meta.url).href;
    document.head.append(element("link", { rel: "stylesheet", href, onload: settled, onerror: settled }));
  });
}

/** The transport, the message field and the shortcuts of the control page. */
class Controls {
  #commands;
  #session;
  #seekBar;
  #plan;
  #buttons;
  #speed = element("output", { class: "speed", "aria-label": words.speed });
  #status = element("p", { class: "status", role: "status" });
  #statusTimer = null;
  #send = element("button", { type: "submit", class: "send" }, words.send);
  #text = element("input", {
    class: "text",
    type: "text",
    maxlength: LONGEST_MESSAGE,
    required: true,
    autocomplete: "off",
    enterkeyhint: "send",
    placeholder: words.messageHint,
    "aria-label": words.message,
  });
  #secs = element("input", {
    class: "secs",
    type: "number",
    min: SHORTEST_SECS,
    max: LONGEST_SECS,
    value: USUAL_SECS,
    inputmode: "numeric",
    "aria-label": words.seconds,
  });
  // Expected values that are not confirmed yet: { value, until } by "state" and "speed".
  #pending = new Map();
  // When a seek was accepted that the video has not reached; null if there is none.
  #seekedAt = null;
  #view = null;

  constructor({ api, token, player, session, strip, plan }) {
    this.#commands = new Commands(`${api}/commands`, token);
    this.#session = session;
    this.#seekBar = new SeekBar(strip.bar, () => this.#reach(), (to) => this.#seek(to));
    const dialog = keysDialog();
    const share = new ShareDialog(`${api}/control`, token);
    const steer = { send: (command) => this.#commands.send(command), seek: (to) => this.#seek(to) };
    this.#plan = new PlanDialog(plan, new URL("../exercises", api).href, steer);
    this.#buttons = {
      back: iconButton("back", words.back, () => this.#sendFor("back", { command: "back" }), { class: "round" }),
      toggle: iconButton("pause", words.pause, () => this.#toggle(), { class: "round main" }),
      skip: iconButton("skip", words.skip, () => this.#sendFor("skip", { command: "skip" }), { class: "round" }),
      slower: iconButton("minus", words.slower, () => this.#step(-1), { class: "round" }),
      faster: iconButton("plus", words.faster, () => this.#step(1), { class: "round" }),
    };
    const { back, toggle, skip, slower, faster } = this.#buttons;
    const onsubmit = (event) => (event.preventDefault(), this.#message());
    byId("strip").append(
      element(
        "div",
        { class: "controls", role: "group", "aria-label": words.controls },
        element("div", { class: "transport" }, back, toggle, skip),
        element("div", { class: "tempo", role: "group", "aria-label": words.speed }, slower, this.#speed, faster),
        element(
          "form",
          { class: "say", onsubmit },
          this.#text,
          element("label", { class: "lasting" }, this.#secs, element("span", { "aria-hidden": "true" }, "s")),
          this.#send,
        ),
      ),
    );
    byId("stage").append(this.#status);
    byId("tools").prepend(
      iconButton("list", words.plan, () => this.#plan.open(this.#reach().position), { class: "round" }),
      iconButton("share", words.share, () => share.open(), { class: "round share-button" }),
      iconButton("keys", words.keys, () => dialog.showModal(), { class: "round keys-button" }),
    );
    player.append(dialog, share.dialog, this.#plan.dialog);
    // Space is for the session, not for the button that was clicked last.
    player.addEventListener("click", ({ detail, target }) => detail > 0 && target.closest("button")?.blur());
    player.classList.add("controlled");
    const press = (name) => () => this.#buttons[name].click();
    keyboard({
      " ": press("toggle"),
      ArrowLeft: press("back"),
      ArrowRight: press("skip"),
      ArrowDown: press("slower"),
      ArrowUp: press("faster"),
      l: () => this.#plan.open(this.#reach().position),
      m: () => this.#text.focus(),
      "?": () => dialog.showModal(),
    });
    // Until the first event nothing is known of the session, and the buttons are disabled.
    this.show(null);
  }

  /** Shows the current state of the server; the view tells when the video has reached the target of a seek. */
  show(view) {
    this.#view = view;
    const over = this.#session.over || this.#session.latest === null;
    for (const button of [...Object.values(this.#buttons), this.#send]) {
      button.disabled = over;
    }
    const state = this.#now("state");
    const playing = state === "playing";
    const label = playing ? words.pause : state === "waiting" ? words.start : words.resume;
    relabel(this.#buttons.toggle, playing ? "pause" : "play", label);
    for (const name of ["back", "skip"]) {
      this.#buttons[name].disabled ||= state === "waiting";
    }
    if (this.#plan.dialog.open) {
      this.#plan.show(this.#reach().position);
    }
    const speed = this.#now("speed");
    write(this.#speed, times(speed));
    this.#buttons.slower.disabled ||= speed <= SLOWEST;
    this.#buttons.faster.disabled ||= speed >= FASTEST;
    const reached = view?.at > this.#seekedAt || performance.now() > this.#seekedAt + PENDING_MILLIS;
    if (this.#seekedAt !== null && reached) {
      this.#seekedAt = null;
      this.#seekBar.release();
    }
    this.#seekBar.show(view?.position ?? 0);
  }

  /** Jumps to a position of the session. */
  seek(to) {
    return this.#seek(to);
  }

  #reach() {
    return {
      position: this.#session.positionNow(performance.now()),
      duration: this.#session.latest?.duration_secs ?? 0,
    };
  }

  /** The current "state" or "speed" of the server, or its expected value. */
  #now(what) {
    const promise = this.#pending.get(what);
    const said = this.#session.latest?.[what];
    if (promise === undefined) {
      return said ?? (what === "speed" ? 1 : "paused");
    }
    if (said === promise.value || performance.now() > promise.until) {
      this.#pending.delete(what);
      return said;
    }
    return promise.value;
  }

  #promise(what, value) {
    this.#pending.set(what, { value, until: performance.now() + PENDING_MILLIS });
    this.show(this.#view);
  }

  #toggle() {
    const state = this.#now("state");
    const command = { playing: "pause", waiting: "start" }[state] ?? "resume";
    this.#promise("state", state === "playing" ? "paused" : "playing");
    this.#sendFor("toggle", { command }, "state");
  }

  /** Changes the speed to the next tenth up or down. */
  #step(way) {
    const speed = this.#now("speed");
    const tenth = way > 0 ? Math.floor(speed * 10 + 0.001) + 1 : Math.ceil(speed * 10 - 0.001) - 1;
    const value = clamp(tenth / 10, SLOWEST, FASTEST);
    this.#promise("speed", value);
    this.#sendFor(way > 0 ? "faster" : "slower", { command: "speed", value }, "speed");
  }

  async #seek(to) {
    // Before the response no snapshot has the new position.
    this.#seekedAt = Infinity;
    const refusal = await this.#commands.send({ command: "seek", to });
    if (refusal !== undefined) {
      this.#seekedAt = performance.now() - (refusal === null ? 0 : PENDING_MILLIS);
      this.#showResult(refusal);
    }
  }

  async #message() {
    const text = this.#text.value.trim();
    if (text === "") {
      return;
    }
    const seconds = clamp(Math.round(Number(this.#secs.value)), SHORTEST_SECS, LONGEST_SECS);
    this.#secs.value = seconds;
    const refusal = await this.#commands.send({ command: "message", text, seconds });
    if (refusal === null) {
      this.#text.value = "";
      // The keys are those of the session again.
      this.#text.blur();
    }
    this.#showResult(refusal === null ? words.sent : refusal, refusal === null);
  }

  /** Sends a command for a button, which is highlighted; the expected value is dropped when it is rejected. */
  async #sendFor(name, command, expected) {
    const { classList } = this.#buttons[name];
    classList.add("pressed");
    setTimeout(() => classList.remove("pressed"), FLASH_MILLIS);
    const refusal = await this.#commands.send(command);
    if (typeof refusal === "string") {
      this.#pending.delete(expected);
    }
    this.#showResult(refusal);
  }

  /** Shows why a command was rejected, or that it succeeded; nothing for null and undefined. */
  #showResult(text, good = false) {
    if (typeof text !== "string") {
      return;
    }
    clearTimeout(this.#statusTimer);
    this.#status.classList.toggle("good", good);
    write(this.#status, text);
    this.#statusTimer = setTimeout(() => write(this.#status, ""), STATUS_MILLIS);
  }
}
