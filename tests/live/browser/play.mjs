// Plays an HLS stream from a folder with hls.js in headless Chromium, from its first frame to its last.
//
//   node play.mjs FOLDER MASTER SECONDS
//
// MASTER is the master playlist's path inside FOLDER, SECONDS the length that the stream should have. The report of the
// player is printed as one JSON object. The exit status is 0 only when the player fired `ended`, reported the right
// length, and had no fatal error. CHROMIUM names another browser than Debian's.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

import { serve } from "./server.mjs";

const HLS_JS = fileURLToPath(new URL("node_modules/hls.js/dist/hls.min.js", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Allowed difference between the player's length and the right one: three frames at 30 frames per second.
const LENGTH_TOLERANCE_SECS = 0.1;
// Time in addition to the stream's length: starting the player and decoding in software on a busy machine.
const SPARE_SECS = 180;
// Opening a page is slow on a busy machine.
const PAGE_MILLIS = 180_000;
// Starting the browser is slow on a cold disk.
const LAUNCH_SECS = 60;

/** Runs inside the page: plays `url` and resolves with a report when it ends, fails or takes too long. */
function play(url, limitMillis) {
  return new Promise((settle) => {
    const video = document.querySelector("video");
    const report = { ended: false, holes: 0, errors: [], fatal: null, audioTracks: 0, buffered: {} };
    const finish = (fatal) => {
      const quality = video.getVideoPlaybackQuality();
      settle({
        ...report,
        fatal: report.fatal ?? fatal,
        duration: video.duration,
        position: video.currentTime,
        width: video.videoWidth,
        height: video.videoHeight,
        decodedFrames: quality.totalVideoFrames,
        droppedFrames: quality.droppedVideoFrames,
        // Chromium counts them although the element is muted.
        decodedAudioBytes: video.webkitAudioDecodedByteCount,
        cues: [...video.textTracks].flatMap(({ cues }) => [...(cues ?? [])].map((cue) => [cue.startTime, cue.endTime, cue.text])),
      });
    };
    setTimeout(() => finish(`not at the end after ${limitMillis} ms`), limitMillis);
    video.addEventListener("ended", () => {
      report.ended = true;
      report.holes = video.buffered.length - 1;
      finish(null);
    });
    video.addEventListener("error", () => finish(`video element: ${video.error?.message}`));
    if (!Hls.isSupported()) {
      finish("hls.js is not supported by this browser");
      return;
    }
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, { type, details, fatal, error }) => {
      // Playback may stall on a busy machine. Faults of the stream show in the buffered ranges and in the length.
      if (details === Hls.ErrorDetails.BUFFER_STALLED_ERROR && !fatal) {
        return;
      }
      const text = `${type} ${details}: ${error?.message}`;
      report.errors.push(text);
      if (fatal) {
        finish(text);
      }
    });
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, { audioTracks }) => (report.audioTracks = audioTracks.length));
    // As a user turns captions on.
    video.addEventListener("playing", () => (hls.subtitleTrack = hls.subtitleTracks.length - 1), { once: true });
    // One time range per source buffer, when nothing is missing.
    hls.on(Hls.Events.BUFFER_APPENDED, (_, { timeRanges }) => {
      for (const [kind, ranges] of Object.entries(timeRanges)) {
        report.buffered[kind] = Array.from({ length: ranges.length }, (_, index) => [ranges.start(index), ranges.end(index)]);
      }
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch((error) => finish(`play: ${error.message}`)));
    hls.loadSource(url);
    hls.attachMedia(video);
  });
}

async function main([folder, master, seconds]) {
  const expected = Number(seconds);
  if (master === undefined || !(expected > 0)) {
    throw new Error("usage: node play.mjs FOLDER MASTER SECONDS");
  }
  if (!existsSync(CHROMIUM)) {
    throw new Error(`there is no browser at ${CHROMIUM}; run script/bootstrap`);
  }
  const server = await serve(resolve(folder), HLS_JS);
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    timeout: LAUNCH_SECS * 1000,
    protocolTimeout: (expected + SPARE_SECS + LAUNCH_SECS) * 1000,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PAGE_MILLIS);
    page.setDefaultNavigationTimeout(PAGE_MILLIS);
    await page.goto(server.origin);
    const url = new URL(`media/${master.split("/").map(encodeURIComponent).join("/")}`, server.origin);
    const report = await page.evaluate(play, url.href, (expected + SPARE_SECS) * 1000);
    console.log(JSON.stringify(report));
    return report.ended && report.fatal === null && Math.abs(report.duration - expected) <= LENGTH_TOLERANCE_SECS;
  } finally {
    await browser.close();
    server.close();
  }
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(`play.mjs: ${error.message}`);
  process.exitCode = 1;
}
