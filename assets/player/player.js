// repcast's player page: puts the picture, the session's events and what shows them together.
//
//   Stream   the picture and how far it is behind       \
//                                                          tick -> strip, badge, <body data-...>
//   Session  what the server says, delayed by that much /
//
// With ?control=1 the coach's controls are loaded as well; without it, nothing of them is.

import { overall, showBadge } from "./badge.js";
import { byId, element, icon, write } from "./dom.js";
import { fullscreen, keepLit, watchHands } from "./screen.js";
import { Session } from "./session.js";
import { Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { language, words } from "./words.js";

// The strip follows the time in steps of a tenth, less than a pixel of the bar on most sessions.
const TICK_MILLIS = 100;
// What the picture is taken to be behind where the browser does not say.
const USUAL_LATENCY_SECS = 2;
// How much of a new measurement is believed at once: the strip must not jump with each reading.
const BELIEF = 0.1;
// The badge changes at most once a second, or nobody could read it.
const BADGE_MILLIS = 1000;

/** The address of the session's API, from the page's own: `/live/{id}/`, below whatever prefix a proxy adds. */
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
  const full = fullscreen(player, video);
  if (full !== null) {
    byId("tools").append(full.button);
  }
  let controls = null;
  let delaySecs = null;
  let badgeAt = -Infinity;

  /** Seconds that the strip lags behind the server: the picture's latency, smoothed. */
  function delay() {
    if (!stream.started) {
      delaySecs = null;
      return 0;
    }
    const measured = stream.latency ?? USUAL_LATENCY_SECS;
    delaySecs = delaySecs === null ? measured : delaySecs + (measured - delaySecs) * BELIEF;
    return delaySecs;
  }

  function refresh() {
    const now = performance.now();
    const view = session.view(now, delay() * 1000);
    const state = overall(stream, view);
    // While the picture stands still the last measurement means nothing.
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
    if (view !== null) {
      strip.show(view);
      document.title = view.current === null ? "repcast" : `${view.current.name} · repcast`;
      stream.resting = view.state === "paused";
      if (state === "ended" || state === "failed") {
        stream.conclude();
      }
    }
    controls?.show(view);
  }

  /** Says that the strip is out of date once there was news and there is none now. */
  function showLink() {
    const link = byId("link");
    link.hidden = session.latest === null || session.up || session.over;
    write(link, link.hidden ? "" : words.reconnecting);
  }

  /** The one or two things that only a tap can do. */
  function showTaps(state) {
    const wanted = state === "blocked" ? "play" : stream.hasSound && video.muted && state === "playing" ? "sound" : "";
    const taps = byId("taps");
    if (taps.dataset.wanted !== wanted) {
      taps.dataset.wanted = wanted;
      const label = wanted === "play" ? words.tapToPlay : words.sound;
      const onclick = () => (wanted === "play" ? stream.play() : stream.unmute()).then(refresh);
      taps.replaceChildren(
        ...(wanted === "" ? [] : [element("button", { type: "button", class: "tap", onclick }, icon(wanted), label)]),
      );
    }
  }

  video.addEventListener("resize", () => {
    // The page gives the picture the room that its shape needs; the shape is the stream's, not the page's.
    if (video.videoWidth > 0) {
      player.style.setProperty("--ratio", video.videoWidth / video.videoHeight);
    }
  });
  document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
    const typing = target instanceof HTMLInputElement;
    if (key.toLowerCase() === "f" && !typing && !ctrlKey && !metaKey && !altKey) {
      full?.toggle();
    }
  });
  keepLit(() => stream.status === "playing");
  watchHands(body);
  setInterval(refresh, TICK_MILLIS);
  refresh();
  if (new URLSearchParams(location.search).get("control") === "1") {
    import("./controls.js")
      .then(({ addControls }) => addControls({ address: `${api}/commands`, player, session, strip }))
      .then((added) => (controls = added));
  }
}

start();
