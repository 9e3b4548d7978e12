// The state of playback: the badge in the strip, and the notice over the video while it does not play.

import { byId, write } from "./dom.js";
import { isOver } from "./session.js";
import { seconds, words } from "./words.js";

/** The combined state: that of the stream, unless the session has a state with priority. */
export function overall(stream, view) {
  if (view?.state === "failed") {
    return "failed";
  }
  if (stream.status === "unsupported" || stream.status === "blocked") {
    return stream.status;
  }
  if (stream.status === "ended" || (view !== null && isOver(view))) {
    return "ended";
  }
  // The stream has a state "waiting" of its own.
  if (view?.state === "waiting" && stream.started) {
    return "lobby";
  }
  if (view?.state === "paused" && stream.started) {
    return "paused";
  }
  return stream.status;
}

/** Shows the state and the latency, which is null if unknown. */
export function showBadge(state, latency) {
  const live = state === "playing";
  write(byId("badge"), live && latency !== null ? `${words.live} · ${seconds(latency)}` : badgeWords(state));
  const notice = byId("notice");
  const text = noticeWords(state);
  notice.hidden = text === "";
  write(byId("notice-text"), text);
}

function badgeWords(state) {
  switch (state) {
    case "playing":
      return words.live;
    case "absent":
      return words.connecting;
    case "blocked":
      return words.live;
    case "unsupported":
      return words.failed;
    default:
      return words[state];
  }
}

function noticeWords(state) {
  switch (state) {
    case "connecting":
    case "waiting":
    case "absent":
    case "unsupported":
    case "failed":
      return words[state];
    case "ended":
      return words.finished;
    default:
      return "";
  }
}
