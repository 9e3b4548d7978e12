// Full screen, the wake lock that keeps the screen on during a workout, and the detection of idle users.

import { iconButton, relabel } from "./dom.js";
import { words } from "./words.js";

const IDLE_MILLIS = 3000;

/** A function that toggles full screen, and its button; null where full screen is not supported. */
export function fullscreen(player, video) {
  const request = player.requestFullscreen ?? player.webkitRequestFullscreen;
  if (request === undefined && video.webkitEnterFullscreen === undefined) {
    return null;
  }
  const shown = () => document.fullscreenElement ?? document.webkitFullscreenElement ?? null;
  const toggle = async () => {
    try {
      if (shown() !== null) {
        await (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
      } else if (request !== undefined) {
        await request.call(player);
      } else {
        // iPhones support full screen for video elements only.
        video.webkitEnterFullscreen();
      }
    } catch {
      // The browser may deny it, for instance inside a frame.
    }
  };
  const button = iconButton("enter", words.fullscreen, toggle, { class: "round" });
  const follow = () =>
    shown() === null ? relabel(button, "enter", words.fullscreen) : relabel(button, "leave", words.leaveFullscreen);
  document.addEventListener("fullscreenchange", follow);
  document.addEventListener("webkitfullscreenchange", follow);
  return { toggle, button };
}

/** Keeps the screen on while the page is visible and `isNeeded()` returns true. */
export function keepScreenOn(isNeeded) {
  let lock = null;
  const renew = async () => {
    if (lock === null && !document.hidden && isNeeded()) {
      try {
        lock = (await navigator.wakeLock?.request("screen")) ?? null;
        lock?.addEventListener("release", () => (lock = null));
      } catch {
        // Denied, for instance at a low battery level.
      }
    }
  };
  document.addEventListener("visibilitychange", renew);
  setInterval(renew, IDLE_MILLIS);
}

/** Sets `data-idle` on the body without input for a while, so that the strip can be hidden in full screen. */
export function trackIdle(body) {
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
