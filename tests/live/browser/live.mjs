// Plays a repcast stream with real players in headless Chromium, and measures what is on their screens.
//
//   node live.mjs SERVER (--stream ID [--posted MILLIS] | --document FILE) [OPTIONS]
//
//   --stream ID        a session that there is; --posted says when it was asked for, in milliseconds since 1970
//   --document FILE    a session that is begun for this and ended after it
//   --players LIST     page, hls.js, shaka, native; separated by commas [all of them]
//   --together         all players at the same time, and not one after the other
//   --secs N           how long each is watched after its first frame [6]
//   --settle N         the first seconds of those, in which latency is not judged [3]
//   --commands         steers the session meanwhile; after that, all players must have seen each command
//   --to-end           the session comes to its end by itself: waits for that, and then watches from its beginning
//                      until the player says that it is over, instead of --secs
//   --patience N       longest wait for the first frame, for a command, and for the end beyond the stream's length [20]
//
// The session shows a canvas of 1280x720 at 30 frames a second whose frames carry their number (tests/support/
// numbered.rs) in the top left corner; at speed 1 frame n of the session shows n modulo 4096. The server needs
// `--cors '*'`, because the players' pages come from elsewhere. Standard output has one JSON object per player. Nothing
// is judged here: the exit status is 0 when there is a report for each. CHROMIUM names another browser than Debian's.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import puppeteer from "puppeteer-core";

import { steer } from "./steer.mjs";
import { serve } from "./server.mjs";
import { CANVAS, NUMBERS, compare, look, watch } from "./watch.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FPS = 30;
const POLL_MILLIS = 100;
const COMPARE_MILLIS = 500;
// Where the session's answer takes longer, nobody knows when it was true.
const ANSWER_MILLIS = 1000;
// The last picture is told of a moment after the end.
const LAST_MILLIS = 1000;
// Starting the browser is slow on a cold disk.
const LAUNCH_MILLIS = 60_000;
// Opening a page is slow on a busy machine.
const PAGE_MILLIS = 180_000;

const script = (name) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));

/** How each player is started. `start` runs inside its page; `page` is the program's own, which starts by itself. */
const PLAYERS = {
  page: null,
  "hls.js": {
    script: script("hls.js/dist/hls.min.js"),
    start(url) {
      const hls = new Hls({ lowLatencyMode: true });
      hls.on(Hls.Events.ERROR, (_, { type, details, fatal, error }) => {
        window.watched.errors.push(`${fatal ? "fatal " : ""}${type} ${details}: ${error?.message}`);
      });
      const video = document.querySelector("video");
      hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
      hls.loadSource(url);
      hls.attachMedia(video);
    },
  },
  shaka: {
    script: script("shaka-player/dist/shaka-player.compiled.js"),
    async start(url) {
      const tell = (error) => {
        const fatal = error.severity === shaka.util.Error.Severity.RECOVERABLE ? "" : "fatal ";
        const text = error.code === undefined ? error.stack : `shaka ${error.code}: ${error.data?.map(String).join(", ")}`;
        window.watched.errors.push(`${fatal}${text}`.slice(0, 400));
      };
      shaka.polyfill.installAll();
      const video = document.querySelector("video");
      const player = new shaka.Player();
      player.addEventListener("error", ({ detail }) => tell(detail));
      player.configure({ streaming: { lowLatencyMode: true } });
      await player.attach(video);
      player.load(url).then(() => video.play(), tell);
    },
  },
  native: {
    script: script("hls.js/dist/hls.min.js"),
    start(url) {
      const video = document.querySelector("video");
      // Without this its picture may not be read.
      video.crossOrigin = "anonymous";
      video.src = url;
      video.play().catch((error) => window.watched.errors.push(`play: ${error.message}`));
    },
  },
};

/** One player in a window of its own: windows behind others are not drawn. */
class Viewer {
  frames = [];
  latencies = [];
  visible = {};
  problems = [];
  last = null;

  constructor(name, page) {
    this.name = name;
    this.page = page;
  }

  /** Opens the window. What belongs to the session follows with `start`. */
  static async open(browser, name) {
    const context = await browser.createBrowserContext();
    const viewer = new Viewer(name, await context.newPage());
    const { page, problems } = viewer;
    page.setDefaultTimeout(PAGE_MILLIS);
    page.setDefaultNavigationTimeout(PAGE_MILLIS);
    await page.setViewport(CANVAS);
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
    page.on("response", (response) => {
      if (response.status() >= 400) {
        problems.push(`${response.status()} for ${new URL(response.url()).pathname}`);
      }
    });
    await page.evaluateOnNewDocument(watch, CANVAS);
    const player = PLAYERS[name];
    if (player !== null) {
      viewer.server = await serve(null, player.script);
      await page.goto(viewer.server.origin);
    }
    return viewer;
  }

  async start(session) {
    const player = PLAYERS[this.name];
    await (player === null ? this.page.goto(session.page) : this.page.evaluate(player.start, session.master));
  }

  async look() {
    const { frames, ...rest } = await this.page.evaluate(look);
    this.frames.push(...frames);
    this.last = rest;
    return rest;
  }

  /** Compares the picture with the session, and keeps the difference where the session plays at its own speed. */
  async compare(address) {
    const { at, took, state, speed, position, number } = await this.page.evaluate(compare, address);
    if (took <= ANSWER_MILLIS && state === "playing" && speed === 1 && number >= 0) {
      const behind = (((position * FPS - number) % NUMBERS) + NUMBERS) % NUMBERS;
      // A picture that is ahead by a few frames is what a fault would look like.
      this.latencies.push([at, (behind > NUMBERS / 2 ? behind - NUMBERS : behind) / FPS]);
    }
  }

  report(session, settleMillis) {
    const { navigated, shown, stalls, errors, ended, ...rest } = this.last;
    const steady = this.latencies.filter(([at]) => shown !== null && at >= shown + settleMillis && at < session.steadyTo);
    const numbers = this.frames.map(([, number]) => number);
    return {
      player: this.name,
      startupMillis: shown === null ? null : Math.round(shown - navigated),
      sincePostMillis: shown === null || session.posted === null ? null : Math.round(shown - session.posted),
      latency: summary(steady.map(([, secs]) => secs)),
      stalls: stalls.length,
      stalledAtSecs: stalls.map((at) => round((at - shown) / 1000)),
      errors,
      problems: this.problems,
      frames: this.frames.length,
      unclear: numbers.filter((number) => number < 0).length,
      first: numbers[0] ?? null,
      final: numbers.at(-1) ?? null,
      ended: ended !== null,
      lateFrames: session.lateFrames,
      visible: this.visible,
      ...rest,
    };
  }

  async close() {
    this.server?.close();
    await this.page.browserContext().close();
  }
}

const round = (value) => Math.round(value * 1000) / 1000;

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return sorted.length === 0 ? null : { samples: sorted.length, least: at(0), median: at(0.5), p95: at(0.95), most: at(1) };
}

/** Waits until a session has come to its end by itself, and gives what it tells then. */
async function sessionEnd(api, patience) {
  const began = Date.now();
  for (;;) {
    const status = await call(api, "GET");
    if (status.state === "ended") {
      return status;
    }
    if (Date.now() - began > status.duration_secs * 1000 + patience) {
      throw new Error(`the session does not end: ${JSON.stringify(status)}`);
    }
    await sleep(POLL_MILLIS);
  }
}

/** Watches until `done` says so or the time is over; true when it did. */
async function watchAll(viewers, session, millis, done) {
  const until = Date.now() + millis;
  let compareAt = 0;
  while (Date.now() < until) {
    await Promise.all(viewers.map((viewer) => viewer.look()));
    if (done()) {
      return true;
    }
    if (!session.finished && Date.now() >= compareAt) {
      compareAt = Date.now() + COMPARE_MILLIS;
      await Promise.all(viewers.map((viewer) => viewer.compare(session.api)));
    }
    await sleep(POLL_MILLIS);
  }
  return false;
}

async function play(browser, names, session, options) {
  const [secs, settle, patience] = [options.secs, options.settle, options.patience].map((text) => Number(text) * 1000);
  const viewers = await Promise.all(names.map((name) => Viewer.open(browser, name)));
  if (session.finished) {
    // A session that has ended is kept for a minute: the windows are there by then, and no frame is late any more.
    session.lateFrames = (await sessionEnd(session.api, patience)).late_frames;
  }
  await Promise.all(viewers.map((viewer) => viewer.start(session)));
  const run = (millis, done) => watchAll(viewers, session, millis, done);
  await run(patience, () => viewers.every(({ last }) => last.shown !== null));
  if (session.finished) {
    const lengths = viewers.map(({ last }) => (last.duration ?? 0) * 1000);
    await run(Math.max(...lengths) + patience, () => viewers.every(({ last }) => last.ended !== null));
    await sleep(LAST_MILLIS);
    await Promise.all(viewers.map((viewer) => viewer.look()));
  } else {
    await run(secs, () => false);
    session.steadyTo = Date.now();
  }
  if (options.commands) {
    const playing = viewers.filter(({ last }) => last.shown !== null);
    await steer(session.api, playing, FPS, (done) => run(patience, done));
  }
  for (const viewer of viewers) {
    console.log(JSON.stringify(viewer.report(session, settle)));
    await viewer.close();
  }
}

async function call(url, method, body) {
  const response = await fetch(url, { method, body, headers: { "content-type": "application/json" } });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${response.status} ${text}`);
  }
  return text === "" ? null : JSON.parse(text);
}

async function main(args) {
  const text = (fallback) => ({ type: "string", default: fallback });
  const { values: options, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      stream: { type: "string" },
      posted: { type: "string" },
      document: { type: "string" },
      players: text(Object.keys(PLAYERS).join(",")),
      together: { type: "boolean", default: false },
      secs: text("6"),
      settle: text("3"),
      commands: { type: "boolean", default: false },
      "to-end": { type: "boolean", default: false },
      patience: text("20"),
    },
  });
  const [server] = positionals;
  const names = options.players.split(",");
  const unknown = names.find((name) => !(name in PLAYERS));
  if (positionals.length !== 1 || (options.stream === undefined) === (options.document === undefined)) {
    throw new Error("usage: node live.mjs SERVER (--stream ID | --document FILE) [OPTIONS]");
  }
  if (unknown !== undefined) {
    throw new Error(`there is no player called ${unknown}`);
  }
  if (!existsSync(CHROMIUM)) {
    throw new Error(`there is no browser at ${CHROMIUM}; run script/bootstrap`);
  }
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox refuses to work for root, which is who runs tests in a container.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-backgrounding-occluded-windows"],
    timeout: LAUNCH_MILLIS,
  });
  let begun = null;
  try {
    // The browser is there before the session, so that its start is in no figure.
    let posted = options.posted === undefined ? null : Number(options.posted);
    let id = options.stream;
    if (options.document !== undefined) {
      posted = Date.now();
      begun = id = (await call(new URL("/api/live", server), "POST", readFileSync(options.document))).id;
    }
    const at = (path) => new URL(path, server).href;
    for (const group of options.together ? [names] : names.map((name) => [name])) {
      await play(browser, group, {
        api: at(`/api/live/${id}`),
        page: at(`/live/${id}/`),
        master: at(`/live/${id}/master.m3u8`),
        finished: options["to-end"],
        steadyTo: Infinity,
        lateFrames: null,
        posted,
      }, options);
      // Only the first was opened when the session began.
      posted = null;
    }
  } finally {
    await browser.close();
    // One that has ended may be gone already.
    if (begun !== null && !options["to-end"]) {
      await call(new URL(`/api/live/${begun}`, server), "DELETE");
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`live.mjs: ${error.message}`);
  process.exitCode = 1;
}
