// Compares the captions that players have with the frames that they show.
//
// The session has subtitles of which each names its second and is shown for most of it, and frames that carry their number
// (watch.mjs). What is compared are the cues of the text track at the media time of each frame: when the browser draws them
// depends on the load of the machine.

// Seconds of each second for which its text is shown; the same as in tests/live/players/captions.rs.
const SHOWN_SECS = 0.8;

/**
 * Keeps the media time of each frame that the first video element of the page shows, and the texts of the cues there. Runs
 * inside the page, before its own scripts.
 */
export function listenToCaptions(fps) {
  const MOST = 8000;
  const kept = [];
  window.captioned = kept;
  const follow = (video) => {
    const shown = (_, { mediaTime }) => {
      const middle = mediaTime + 0.5 / fps;
      const tracks = [...video.textTracks].filter(({ mode }) => mode !== "disabled");
      const cues = tracks.flatMap(({ cues }) => [...(cues ?? [])]);
      const texts = cues.filter(({ startTime, endTime }) => startTime <= middle && middle < endTime).map(({ text }) => text);
      if (kept.length < MOST) {
        kept.push([mediaTime, texts]);
      }
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };
  const find = () => {
    const video = document.querySelector("video");
    return video === null ? requestAnimationFrame(find) : follow(video);
  };
  find();
}

/** What was kept, and what the player page draws. Runs inside the page. */
export function takeCaptions() {
  const box = document.querySelector(".captions");
  return { kept: window.captioned, drawn: box === null ? null : box.hidden ? "" : box.textContent };
}

/** The text that belongs to a frame. */
function expected(number, fps) {
  const second = Math.floor(number / fps);
  return number / fps - second < SHOWN_SECS ? [`Second ${second}`] : [];
}

/**
 * Counts frames whose captions are those of the frame, are not there yet, and are others. `frames` are those of watch.mjs.
 * `texts` are the different captions that were right.
 */
export function compareCaptions(frames, kept, fps) {
  const numbers = new Map(frames.map(([, number, time]) => [Math.round(time * fps), number]));
  const report = { right: 0, missing: 0, wrong: [], texts: [] };
  for (const [time, texts] of kept) {
    const number = numbers.get(Math.round(time * fps)) ?? -1;
    if (number < 0) {
      continue;
    }
    const wanted = expected(number, fps);
    if (texts.join("|") === wanted.join("|")) {
      report.right += 1;
      report.texts.push(...wanted);
    } else if (texts.length === 0) {
      report.missing += 1;
    } else {
      report.wrong.push([time, number, texts.join("|")]);
    }
  }
  report.texts = new Set(report.texts).size;
  return report;
}
