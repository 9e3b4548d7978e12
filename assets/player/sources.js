// The two ways to play a live stream in a video element: hls.js with media source extensions, and the browser's native HLS,
// which is the only one on older iPhones. Both are opened with the same callbacks:
//
//   ready()            the stream is loaded and play() may be called
//   failed(status)     the stream must be opened again; status is the HTTP status code, if known
//   sound()            the stream has an audio track; called before ready() where that is known
//
// and return { latency(), resume(), close() }: seconds behind live or null; return to live after a pause; release.

// A stream with 0.5 s parts needs a distance of three parts. Above 3 s the player seeks, below that it plays slightly faster.
// A stall adds 0.1 s to the distance instead of the default 1 s, so that the video stays within 2 s of the coach.
const LATENCY = {
  lowLatencyMode: true,
  liveSyncDuration: 1.5,
  liveMaxLatencyDuration: 3,
  liveSyncOnStallIncrease: 0.1,
  maxLiveSyncPlaybackRate: 1.1,
};

// Viewers do not seek back in a live stream; a short back buffer bounds the memory.
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

// A media playlist is requested without limit while the server is unreachable, so that the last frame stays on the screen.
// hls.js does not retry after a 4xx response, which means another stream: then the whole stream is opened again. The first
// byte of a playlist may take as long as a blocking reload.
const POLICIES = {
  manifestLoadPolicy: policy(0, 8000, 10000),
  playlistLoadPolicy: policy(Infinity, 10000, 12000),
  fragLoadPolicy: policy(6, 6000, 12000),
};

// After a second media error within this time the stream is opened again instead of recovered.
const MEDIA_REPAIR_MILLIS = 5000;

/** Plays with hls.js; null if the browser has no media source extensions. */
export function openWithHls(video, url, { ready, failed, sound }) {
  const { Hls } = globalThis;
  if (!Hls?.isSupported()) {
    return null;
  }
  const hls = new Hls({ ...LATENCY, ...BUFFER, ...POLICIES });
  let repairedAt = -Infinity;
  hls.on(Hls.Events.MANIFEST_PARSED, (_, { audioTracks }) => {
    if (audioTracks.length > 0) {
      sound();
    }
    ready();
  });
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
  // The page draws captions itself.
  hls.subtitleDisplay = false;
  hls.attachMedia(video);
  hls.loadSource(url);
  return {
    latency: () => (hls.latestLevelDetails?.live && hls.latency > 0 ? hls.latency : null),
    // hls.js seeks by itself when it exceeds the largest latency.
    resume: () => {},
    close: () => hls.destroy(),
  };
}

// Clocks of phones can be wrong by seconds: latencies outside of these bounds are ignored.
const PLAUSIBLE_SECS = 30;
// After a pause, a video that is more than the second number behind the end of the seekable range is moved to the first.
const [NATIVE_DISTANCE_SECS, NATIVE_TOO_FAR_SECS] = [1.5, 6];

/** Plays with the browser's native HLS; null if it has none. */
export function openNatively(video, url, { ready, failed, sound }) {
  if (video.canPlayType("application/vnd.apple.mpegurl") === "") {
    return null;
  }
  const listening = new AbortController();
  const on = (event, listener) => video.addEventListener(event, listener, { signal: listening.signal });
  const listen = () => (video.audioTracks?.length > 0 || video.webkitAudioDecodedByteCount > 0) && sound();
  on("loadedmetadata", () => (listen(), ready()));
  on("error", () => failed());
  on("playing", listen);
  on("timeupdate", listen);
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
