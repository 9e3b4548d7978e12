// The wall screen: a session on all of a television, without controls. It never gives up: where there is no session it shows a
// card and keeps asking.
//
//   Stream   the video, opened again after failures     \
//                                                          refresh -> card, sign, <body data-...>
//   Session  the state, delayed by the video's latency  /

import { overall } from "./badge.js";
import { loadJson } from "./dialog.js";
import { byId, write } from "./dom.js";
import { keepScreenOn } from "./screen.js";
import { Session } from "./session.js";
import { Stream } from "./stream.js";
import { language, words } from "./words.js";

const TICK_MILLIS = 250;
// The title is asked for until it is known, and again now and then because the document of a session may be replaced.
const [TITLE_RETRY_MILLIS, TITLE_MILLIS] = [3000, 60_000];
const LONGEST_TITLE = 200;
// The latency that is assumed when the browser does not report it.
const USUAL_LATENCY_SECS = 2;
// Shorter interruptions show nothing.
const SIGN_MILLIS = 2500;
// What is shown by the picture itself, once it plays: a session that waits has a title and its code there.
const PICTURE_STATES = new Set(["playing", "lobby", "paused", "waiting"]);

/** The address of the session, derived from the page's `/wall/{id}` with any prefix of a proxy. */
function addresses() {
  const id = /\/wall\/([^/]+)/.exec(location.pathname)?.[1] ?? "";
  const at = (path) => new URL(path, location.href).href;
  return { api: at(`../api/live/${id}`), stream: at(`../live/${id}/master.m3u8`) };
}

function start() {
  const { body } = document;
  const { api, stream: url } = addresses();
  const stream = new Stream(byId("picture"), url);
  const session = new Session(`${api}/events`);
  document.documentElement.lang = language;
  let hasPlayed = false;
  let troubledAt = null;

  /** The state for the picture that is shown; what is lost meanwhile leaves the last picture. */
  function refresh() {
    const now = performance.now();
    const delaySecs = stream.started ? (stream.latency ?? USUAL_LATENCY_SECS) : 0;
    const view = session.view(now, delaySecs * 1000);
    const state = overall(stream, view);
    hasPlayed ||= stream.started;
    stream.resting = view?.state === "paused" || view?.state === "waiting";
    const isOver = state === "ended" || state === "failed" || state === "unsupported";
    if (state === "ended" || state === "failed") {
      stream.conclude();
    }
    body.dataset.state = state;
    body.dataset.sound = stream.hasSound && !stream.soundBlocked ? "on" : "off";
    const hasPicture = !isOver && hasPlayed && PICTURE_STATES.has(state);
    body.dataset.card = hasPicture ? "off" : "on";
    write(byId("text"), cardText(state));
    const isTroubled = hasPicture && (state === "waiting" || (!session.up && session.latest !== null));
    troubledAt = isTroubled ? (troubledAt ?? now) : null;
    showSign(hasPicture, troubledAt !== null && now - troubledAt > SIGN_MILLIS, state);
  }

  function showSign(hasPicture, isReconnecting, state) {
    const needsTap = state === "blocked" || (hasPicture && stream.soundBlocked);
    const text = isReconnecting ? words.reconnecting : !needsTap ? "" : state === "blocked" ? words.tapToPlay : words.wallSound;
    const sign = byId("sign");
    sign.hidden = text === "";
    write(sign, text);
  }

  // Browsers allow sound after any input; there is no button, because the screen has no pointer.
  const tapped = () => {
    if (stream.soundBlocked || stream.status === "blocked") {
      void stream.playAfterTap().then(refresh);
    }
  };
  document.addEventListener("pointerdown", tapped);
  document.addEventListener("keydown", tapped);
  keepScreenOn(() => !session.over);
  setInterval(refresh, TICK_MILLIS);
  refresh();
  void followTitle(api);
}

function cardText(state) {
  switch (state) {
    case "ended":
      return words.finished;
    case "failed":
    case "unsupported":
      return words[state];
    default:
      return words.wallSoon;
  }
}

/** Shows the title of the session; without one, the name of the program. */
async function followTitle(api) {
  const session = await loadJson(api);
  const title = typeof session?.title === "string" ? session.title.trim().slice(0, LONGEST_TITLE) : "";
  if (title !== "") {
    write(byId("title"), title);
    write(byId("name"), title);
    document.title = `${title} · repcast`;
  }
  setTimeout(() => followTitle(api), session === null ? TITLE_RETRY_MILLIS : TITLE_MILLIS);
}

start();
