// The two ways to play a live stream in a video element: hls.js over media source extensions, and the browser's own
// HLS, which is all that an older iPhone has. Both are opened with the same callbacks:
//
//   ready()            the stream is there, play() makes sense
//   failed(status)     it is broken and must be opened again; status is the HTTP status where one is known
//   sound()            the stream has an audio track
//
// and give back { latency(), resume(), close() }: seconds behind live or null, back to live after a pause, the end.

// A stream of 0.5 s parts asks for three parts of distance. Above 3 s the player jumps, below that it plays a little
// faster; a stall buys a tenth of a second more distance and not the second that hls.js would take, because the
// picture should stay within 2 s of the coach.
const LATENCY = {
  lowLatencyMode: true,
  liveSyncDuration: 1.5,
  liveMaxLatencyDuration: 3,
  liveSyncOnStallIncrease: 0.1,
  maxLiveSyncPlaybackRate: 1.1,
};

// Nobody seeks back in a live picture; what was played is kept for half a minute so that memory stays bounded.
const BUFFER = { backBufferLength: 30, maxBufferLength: 12, maxMaxBufferLength: 30 };

const retry = (maxNumRetry) => ({ maxNumRetry, retryDelayMs: 400, maxRetryDelayMs: 4000, backoff: "exponential" });
const policy = (tries, firstByteMs, wholeMs) => ({
  default: {
    maxTimeToFirstByteMs: firstByteMs,
    maxLoadTimeMs: wholeMs,
    timeoutRetry: retry(tries),
    errorRetry: retry(tries),
  },
});

// A media playlist is asked for as long as the server is merely away, so that the last picture stays on the screen; a
// 4xx answer means another stream and is never retried by hls.js: then the whole stream is opened again. A playlist's
// first byte may take as long as a blocked reload does.
const POLICIES = {
  manifestLoadPolicy: policy(0, 8000, 10000),
  playlistLoadPolicy: policy(Infinity, 10000, 12000),
  fragLoadPolicy: policy(6, 6000, 12000),
};

// A second media error this soon after the first is not repaired but started over.
const MEDIA_REPAIR_MILLIS = 5000;

/** Plays through hls.js; null where the browser has no media source extensions. */
export function openWithHls(video, url, { ready, failed, sound }) {
  const { Hls } = globalThis;
  if (!Hls?.isSupported()) {
    return null;
  }
  const hls = new Hls({ ...LATENCY, ...BUFFER, ...POLICIES });
  let repairedAt = -Infinity;
  hls.on(Hls.Events.MANIFEST_PARSED, ready);
  hls.on(Hls.Events.BUFFER_CODECS, (_, { audio, audiovideo }) => {
    if (audio || /mp4a|opus|ac-3/.test(audiovideo?.codec ?? "")) {
      sound();
    }
  });
  hls.on(Hls.Events.ERROR, (_, { type, fatal, response }) => {
    if (!fatal) {
      return;
    }
    const now = performance.now();
    if (type === Hls.ErrorTypes.MEDIA_ERROR && now - repairedAt > MEDIA_REPAIR_MILLIS) {
      repairedAt = now;
      hls.recoverMediaError();
    } else {
      failed(response?.code);
    }
  });
  hls.attachMedia(video);
  hls.loadSource(url);
  return {
    latency: () => (hls.latestLevelDetails?.live && hls.latency > 0 ? hls.latency : null),
    // hls.js jumps by itself once it is more than the largest latency behind.
    resume: () => {},
    close: () => hls.destroy(),
  };
}

// Clocks of phones are off by seconds at times: an answer outside these bounds is no latency.
const PLAUSIBLE_SECS = 30;
// How far behind the end of what can be seeked to a picture that slept is put, and from where on.
const [NATIVE_DISTANCE_SECS, NATIVE_TOO_FAR_SECS] = [1.5, 6];

/** Plays through the browser's own HLS; null where it has none. */
export function openNatively(video, url, { ready, failed, sound }) {
  if (video.canPlayType("application/vnd.apple.mpegurl") === "") {
    return null;
  }
  const listening = new AbortController();
  const on = (event, heard) => video.addEventListener(event, heard, { signal: listening.signal });
  on("loadedmetadata", ready);
  on("error", () => failed());
  on("playing", () => video.audioTracks?.length > 0 && sound());
  video.src = url;
  video.load();
  return {
    latency() {
      const began = video.getStartDate?.().getTime();
      const secs = (Date.now() - began) / 1000 - video.currentTime;
      return secs > 0 && secs < PLAUSIBLE_SECS ? secs : null;
    },
    resume() {
      const { seekable } = video;
      const edge = seekable.length > 0 ? seekable.end(seekable.length - 1) : 0;
      if (Number.isFinite(edge) && edge - video.currentTime > NATIVE_TOO_FAR_SECS) {
        video.currentTime = edge - NATIVE_DISTANCE_SECS;
      }
    },
    close() {
      listening.abort();
      video.removeAttribute("src");
      video.load();
    },
  };
}
