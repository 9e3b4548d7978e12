// The screen around the picture: full screen, a screen that does not go dark in the middle of a workout, and hands
// that have been still for a while.

import { iconButton, relabel } from "./dom.js";
import { words } from "./words.js";

const IDLE_MILLIS = 3000;

/** A function that goes into full screen and out again, and its button; null where there is no full screen. */
export function fullscreen(player, video) {
  const ask = player.requestFullscreen ?? player.webkitRequestFullscreen;
  if (ask === undefined && video.webkitEnterFullscreen === undefined) {
    return null;
  }
  const shown = () => document.fullscreenElement ?? document.webkitFullscreenElement ?? null;
  const toggle = async () => {
    try {
      if (shown() !== null) {
        await (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
      } else if (ask !== undefined) {
        await ask.call(player);
      } else {
        // An iPhone shows nothing but a video in full screen.
        video.webkitEnterFullscreen();
      }
    } catch {
      // A browser may refuse, for instance inside a frame: the page stays as it is.
    }
  };
  const button = iconButton("enter", words.fullscreen, toggle, { class: "round" });
  const follow = () =>
    shown() === null ? relabel(button, "enter", words.fullscreen) : relabel(button, "leave", words.leaveFullscreen);
  document.addEventListener("fullscreenchange", follow);
  document.addEventListener("webkitfullscreenchange", follow);
  return { toggle, button };
}

/** Keeps the screen lit while the page is seen and `wanted()` says so. */
export function keepLit(wanted) {
  let lock = null;
  const renew = async () => {
    if (lock === null && !document.hidden && wanted()) {
      try {
        lock = (await navigator.wakeLock?.request("screen")) ?? null;
        lock?.addEventListener("release", () => (lock = null));
      } catch {
        // A low battery forbids it; the session goes on.
      }
    }
  };
  document.addEventListener("visibilitychange", renew);
  setInterval(renew, IDLE_MILLIS);
}

/** Notes on the body when nobody has touched anything for a while, so that the strip can leave a full screen. */
export function watchHands(body) {
  let timer = null;
  const moved = () => {
    body.removeAttribute("data-idle");
    clearTimeout(timer);
    timer = setTimeout(() => body.setAttribute("data-idle", ""), IDLE_MILLIS);
  };
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) {
    document.addEventListener(event, moved, { passive: true });
  }
  moved();
}
