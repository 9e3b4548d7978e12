// repcast's player page: connects the stream, the session's events and the elements that show them.
//
//   Stream   the video and its latency                  \
//                                                          tick -> strip, badge, <body data-...>
//   Session  the state, delayed by this latency         /
//
// The coach's controls are loaded with ?control=1 only, and with the token of the coach's address or its cookie.

import { overall, showBadge } from "./badge.js";
import { Captions } from "./captions.js";
import { takeControl } from "./control.js";
import { byId, element, icon, write } from "./dom.js";
import { ItemList } from "./items.js";
import { Plan } from "./plan.js";
import { fullscreen, keepScreenOn, trackIdle } from "./screen.js";
import { Session } from "./session.js";
import { SoundControls } from "./sound.js";
import { Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { language, words } from "./words.js";

// The strip is updated ten times per second: less than a pixel of the bar in most sessions.
const TICK_MILLIS = 100;
// The latency that is assumed when the browser does not report it.
const USUAL_LATENCY_SECS = 2;
// Weight of a new measurement in the exponential moving average, so that the strip does not jump.
const SMOOTHING = 0.1;
// States in which a button for sound is shown.
const SOUND_STATES = new Set(["playing", "waiting", "paused", "lobby"]);
// The badge changes at most once per second, so that it can be read.
const BADGE_MILLIS = 1000;

/** The URL of the session's API, derived from the page's `/live/{id}/` with any prefix of a proxy. */
function apiAddress() {
  const id = /\/live\/([^/]+)/.exec(location.pathname)?.[1] ?? "";
  return new URL(`../../api/live/${id}`, location.href).href;
}

function start() {
  const { body } = document;
  const [player, video] = [byId("player"), byId("picture")];
  document.documentElement.lang = language;
  byId("stage").setAttribute("aria-label", words.stage);
  byId("strip").setAttribute("aria-label", words.session);

  const api = apiAddress();
  const strip = new Strip();
  const stream = new Stream(video, new URL("master.m3u8", location.href).href);
  const session = new Session(`${api}/events`);
  const plan = new Plan(api);
  const items = new ItemList(plan, player);
  const sound = new SoundControls(stream, video);
  const captions = new Captions(video);
  byId("tools").append(sound.group, captions.button, items.button);
  const full = fullscreen(player, video);
  if (full !== null) {
    byId("tools").append(full.button);
  }
  let controls = null;
  let delaySecs = null;
  let badgeAt = -Infinity;

  /** The smoothed latency of the video in seconds, by which the strip is delayed. */
  function delay() {
    if (!stream.started) {
      delaySecs = null;
      return 0;
    }
    const measured = stream.latency ?? USUAL_LATENCY_SECS;
    delaySecs = delaySecs === null ? measured : delaySecs + (measured - delaySecs) * SMOOTHING;
    return delaySecs;
  }

  function refresh() {
    const now = performance.now();
    const view = session.view(now, delay() * 1000);
    const state = overall(stream, view);
    // The latency is undefined while the video does not play.
    const latency = stream.status === "playing" ? stream.latency : null;
    if (state !== body.dataset.state || now - badgeAt >= BADGE_MILLIS) {
      badgeAt = now;
      showBadge(state, latency);
      body.dataset.latency = latency === null ? "" : latency.toFixed(2);
    }
    body.dataset.state = state;
    body.dataset.stalls = stream.stalls;
    body.dataset.events = session.up || session.over ? "up" : "away";
    showLink();
    showTaps(state);
    sound.show();
    captions.show();
    items.show(view);
    if (view !== null) {
      plan.follow(view);
      strip.show(view, plan.next(view.position));
      document.title = view.current === null ? "repcast" : `${view.current.name} · repcast`;
      stream.resting = view.state === "paused" || view.state === "waiting";
      if (state === "ended" || state === "failed") {
        stream.conclude();
      }
    }
    controls?.show(view);
  }

  /** Shows that the strip is out of date when the connection is lost. */
  function showLink() {
    const link = byId("link");
    link.hidden = session.latest === null || session.up || session.over;
    write(link, link.hidden ? "" : words.reconnecting);
  }

  /** Buttons for actions that require a tap. */
  function showTaps(state) {
    const needsTap = stream.soundBlocked && !stream.muted && SOUND_STATES.has(state);
    const wanted = state === "blocked" ? "play" : needsTap ? "sound" : "";
    const taps = byId("taps");
    if (taps.dataset.wanted !== wanted) {
      taps.dataset.wanted = wanted;
      const label = wanted === "play" ? words.tapToPlay : words.sound;
      const onclick = () => stream.playAfterTap().then(refresh);
      taps.replaceChildren(
        ...(wanted === "" ? [] : [element("button", { type: "button", class: "tap", onclick }, icon(wanted), label)]),
      );
    }
  }

  video.addEventListener("resize", () => {
    // The layout reserves space by the aspect ratio of the stream.
    if (video.videoWidth > 0) {
      player.style.setProperty("--ratio", video.videoWidth / video.videoHeight);
    }
  });
  document.addEventListener("keydown", ({ key, target, repeat, ctrlKey, metaKey, altKey }) => {
    const typing = target instanceof HTMLInputElement && target.type !== "range";
    const isOpen = document.querySelector("dialog[open]") !== null;
    if (typing || isOpen || repeat || ctrlKey || metaKey || altKey) {
      return;
    }
    if (key.toLowerCase() === "f") {
      full?.toggle();
    } else if (key.toLowerCase() === "s") {
      sound.toggle();
    } else if (key.toLowerCase() === "c") {
      captions.toggle();
    }
  });
  keepScreenOn(() => stream.status === "playing");
  trackIdle(body);
  setInterval(refresh, TICK_MILLIS);
  refresh();
  if (new URLSearchParams(location.search).get("control") === "1") {
    takeControl(api).then(async (token) => {
      if (token !== null) {
        const { addControls } = await import("./controls.js");
        controls = await addControls({ api, token, player, session, strip, plan });
        items.steer((to) => controls.seek(to));
      } else {
        byId("tools").append(element("p", { class: "link", role: "status" }, words.notInControl));
      }
    });
  }
}

start();
