// Reads frame numbers from the video on the page. Runs inside the page, before its own scripts.
//
// The frames carry their number as black and white blocks in the top left corner of the canvas, as
// tests/support/numbered.rs draws them: twelve bits in a row, the highest on the left, and their inverse below.

/** Number of distinct frame numbers: twelve bits. */
export const NUMBERS = 4096;
/** Size of the canvas that the numbers are drawn on; smaller renditions are scaled down. */
export const CANVAS = { width: 1280, height: 720 };

/**
 * Observes the first video element of the page and stores the observations in `window.watched`: the time of the first frame,
 * a list of `[time, number, media time, bright]` for each frame shown (number -1 where it cannot be read, bright
 * the share of bright pixels where messages are drawn), stalls and errors. All times are milliseconds since 1970.
 */
export function watch({ width, height }) {
  const [BITS, BLOCK_WIDTH, BLOCK_HEIGHT, MARGIN] = [12, 16, 32, 4];
  const [DARKEST, BRIGHTEST] = [70, 185];
  // Messages are in the lower third, left of the pause mark.
  const MESSAGE = { left: 0.28, top: 0.77, width: 0.36, height: 0.09, samples: [64, 12] };
  // Frames that are kept until the next call of `look`, and frames that are kept for `compare`.
  const [KEPT, RECENT] = [4000, 60];

  const seen = { frames: [], newest: [], navigated: performance.timeOrigin, shown: null, stalls: [], errors: [], ended: null };
  window.watched = seen;
  const canvas = (w, h) => new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
  const numbers = canvas(BITS * BLOCK_WIDTH, 2 * BLOCK_HEIGHT);
  const message = canvas(...MESSAGE.samples);
  const now = () => performance.timeOrigin + performance.now();

  function level({ data, width }, bit, row) {
    let [sum, count] = [0, 0];
    for (let y = row * BLOCK_HEIGHT + MARGIN; y < (row + 1) * BLOCK_HEIGHT - MARGIN; y += 4) {
      for (let x = bit * BLOCK_WIDTH + MARGIN; x < (bit + 1) * BLOCK_WIDTH - MARGIN; x += 2) {
        sum += data[4 * (y * width + x) + 1];
        count += 1;
      }
    }
    const mean = sum / count;
    return mean <= DARKEST ? 0 : mean >= BRIGHTEST ? 1 : null;
  }

  function number(picture) {
    const scale = picture.displayWidth / width;
    const size = [BITS * BLOCK_WIDTH, 2 * BLOCK_HEIGHT];
    numbers.drawImage(picture, 0, 0, size[0] * scale, size[1] * scale, 0, 0, ...size);
    const pixels = numbers.getImageData(0, 0, ...size);
    let value = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      const [upper, lower] = [level(pixels, bit, 0), level(pixels, bit, 1)];
      if (upper === null || lower === null || upper === lower) {
        return -1;
      }
      value = 2 * value + upper;
    }
    return value;
  }

  function bright(picture) {
    const scale = [picture.displayWidth, picture.displayHeight];
    const { left, top, samples } = MESSAGE;
    const from = [left * scale[0], top * scale[1], MESSAGE.width * scale[0], MESSAGE.height * scale[1]];
    message.drawImage(picture, ...from, 0, 0, ...samples);
    const { data } = message.getImageData(0, 0, ...samples);
    let count = 0;
    for (let at = 1; at < data.length; at += 4) {
      count += data[at] > 100 ? 1 : 0;
    }
    return count / (data.length / 4);
  }

  function follow(video) {
    let playing = false;
    video.addEventListener("playing", () => (playing = true));
    video.addEventListener("waiting", () => seen.shown !== null && seen.stalls.push(now()));
    video.addEventListener("ended", () => (seen.ended = now()));
    video.addEventListener("error", () => seen.errors.push(`video element: ${video.error?.message}`));
    const shown = () => {
      if (playing) {
        seen.shown ??= now();
      }
      // On a busy machine the video shows newer frames in the meantime: all is read from one, with the time of that one.
      const picture = new VideoFrame(video);
      const frame = [now(), number(picture), picture.timestamp / 1e6, bright(picture)];
      picture.close();
      for (const [list, most] of [[seen.frames, KEPT], [seen.newest, RECENT]]) {
        list.push(frame);
        if (list.length > most) {
          list.shift();
        }
      }
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  }

  const find = () => {
    const video = document.querySelector("video");
    return video === null ? requestAnimationFrame(find) : follow(video);
  };
  find();
}

/** Returns the observations since the last call, and the state of the video element. */
export function look() {
  const video = document.querySelector("video");
  const quality = video?.getVideoPlaybackQuality();
  const { frames, newest, ...rest } = window.watched;
  window.watched.frames = [];
  return {
    ...rest,
    frames,
    time: video?.currentTime,
    rate: video?.playbackRate,
    // JSON has no infinity.
    duration: Number.isFinite(video?.duration) ? video.duration : null,
    decoded: quality?.totalVideoFrames,
    dropped: quality?.droppedVideoFrames,
  };
}

/** The status of the session and the number on the screen at the same time, up to half of the response time. */
export async function compare(address) {
  const began = performance.now();
  const status = await (await fetch(address, { cache: "no-store" })).json();
  const took = performance.now() - began;
  const at = performance.timeOrigin + began + took / 2;
  const frame = window.watched.newest.findLast(([shown]) => shown <= at);
  const { state, speed, position_secs: position } = status;
  return { at, took, state, speed, position, number: frame?.[1] ?? -1 };
}
