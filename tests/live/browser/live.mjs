// Plays a repcast stream with several players in headless Chromium, and measures what they show.
//
//   node live.mjs SERVER (--stream ID [--posted MILLIS] | --document FILE) [OPTIONS]
//
//   --stream ID        an existing session; --posted is the time of its POST request, in milliseconds since 1970
//   --document FILE    starts a session for the test and ends it afterwards
//   --token TOKEN      the server's token, or the control token of the session, for commands and for the end
//   --players LIST     page, hls.js, shaka, native; separated by commas [all of them]
//   --together         plays all players at the same time instead of one after the other
//   --secs N           how long each player is observed after its first frame [6]
//   --settle N         the first of these seconds, in which latency is not measured [3]
//   --sound            measures the sound; of the commands only those are sent that change neither speed nor picture
//   --captions         turns captions on and compares them with the frames; of the commands, those of --sound are sent
//   --commands         sends commands to the session; then waits until all players have shown their effects
//   --changes FILE     with --commands: a list of documents that take the place of the session's, see steer.mjs
//   --to-end           waits for the end of the session and then plays it from its start to its end, instead of --secs
//   --wait-limit N     longest wait for the first frame, for a command, and for the end beyond the stream's length [20]
//
// The session shows a canvas of 1280x720 at 30 frames a second whose frames carry their number (tests/support/
// numbered.rs) in the top left corner; at speed 1 frame n of the session shows n modulo 4096. The server needs
// `--cors '*'`, because the players' pages have another origin. Standard output has one JSON object per player. The exit
// status is 0 when there is a report for each player, whatever its values. CHROMIUM names another browser than Debian's.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import puppeteer from "puppeteer-core";

import { bearer, steer } from "./steer.mjs";
import { serve } from "./server.mjs";
import { compareCaptions, listenToCaptions, takeCaptions } from "./captions.mjs";
import { hear, listen, offsets } from "./sound.mjs";
import { CANVAS, NUMBERS, compare, look, watch } from "./watch.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FPS = 30;
const POLL_MILLIS = 100;
const COMPARE_MILLIS = 500;
// A response that takes longer is not used, because the time of its values is too uncertain.
const ANSWER_MILLIS = 1000;
// The last frame is reported a moment after the end.
const LAST_MILLIS = 1000;
// Commands after which the sound or the captions are measured.
const SOUND_COMMANDS = ["pause", "resume", "seek"];
// Starting the browser is slow on a cold disk.
const LAUNCH_MILLIS = 60_000;
// Opening a page is slow on a busy machine.
const PAGE_MILLIS = 180_000;

const script = (name) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));

/** How each player is started. `start` runs inside its page; `page` is repcast's player page, which starts by itself. */
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
      window.showCaptions = () => (hls.subtitleTrack = 0);
      hls.loadSource(url);
      hls.attachMedia(video);
    },
  },
  shaka: {
    script: script("shaka-player/dist/shaka-player.compiled.js"),
    async start(url) {
      const report = (error) => {
        const fatal = error.severity === shaka.util.Error.Severity.RECOVERABLE ? "" : "fatal ";
        const text = error.code === undefined ? error.stack : `shaka ${error.code}: ${error.data?.map(String).join(", ")}`;
        window.watched.errors.push(`${fatal}${text}`.slice(0, 400));
      };
      shaka.polyfill.installAll();
      const video = document.querySelector("video");
      const player = new shaka.Player();
      player.addEventListener("error", ({ detail }) => report(detail));
      player.configure({ streaming: { lowLatencyMode: true } });
      await player.attach(video);
      window.showCaptions = () => player.selectTextTrack(player.getTextTracks()[0]);
      player.load(url).then(() => video.play(), report);
    },
  },
  native: {
    script: script("hls.js/dist/hls.min.js"),
    start(url) {
      const video = document.querySelector("video");
      // Required to read pixels of a video from another origin.
      video.crossOrigin = "anonymous";
      video.src = url;
      video.play().catch((error) => window.watched.errors.push(`play: ${error.message}`));
    },
  },
};

/** One player in its own window: covered windows are not drawn. */
class Viewer {
  frames = [];
  latencies = [];
  visible = {};
  problems = [];
  last = null;
  sound = null;
  captions = null;

  constructor(name, page) {
    this.name = name;
    this.page = page;
  }

  /** Opens the window; `start` loads the session. */
  static async open(browser, name, { sound, captions }) {
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
    if (sound) {
      await page.evaluateOnNewDocument(listen);
    }
    if (captions) {
      await page.evaluateOnNewDocument(listenToCaptions, FPS);
    }
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

  /** Compares the shown frame with the session, and stores the latency if the session plays at speed 1. */
  async compare(address) {
    const { at, took, state, speed, position, number } = await this.page.evaluate(compare, address);
    if (took <= ANSWER_MILLIS && state === "playing" && speed === 1 && number >= 0) {
      const behind = (((position * FPS - number) % NUMBERS) + NUMBERS) % NUMBERS;
      // Small negative latencies are kept, because they are errors.
      this.latencies.push([at, (behind > NUMBERS / 2 ? behind - NUMBERS : behind) / FPS]);
    }
  }

  /** Measures the sound since the start; `sent` are the commands and their times. */
  async hear(sent) {
    const { onsets, ...heard } = await this.page.evaluate(hear);
    this.sound = { ...heard, tones: onsets.length, offsetMillis: offsets(this.frames, onsets, sent, FPS) };
  }

  /** Turns the captions on, as a user of the player does. */
  async showCaptions() {
    if (this.name === "page") {
      await this.page.keyboard.press("c");
    } else {
      await this.page.evaluate(() => window.showCaptions());
    }
  }

  /** Compares the captions since they were turned on. */
  async readCaptions() {
    const { kept, drawn } = await this.page.evaluate(takeCaptions);
    this.captions = { ...compareCaptions(this.frames, kept, FPS), drawn };
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
      sound: this.sound,
      captions: this.captions,
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

/** Waits until a session has ended at the end of its document; returns its status. */
async function sessionEnd(api, waitLimit) {
  const began = Date.now();
  for (;;) {
    const status = await call(api, "GET");
    if (status.state === "ended") {
      return status;
    }
    if (Date.now() - began > status.duration_secs * 1000 + waitLimit) {
      throw new Error(`the session does not end: ${JSON.stringify(status)}`);
    }
    await sleep(POLL_MILLIS);
  }
}

/** Observes until `done` returns true or the time has passed; returns whether it did. */
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
  const [secs, settle, waitLimit] = [options.secs, options.settle, options["wait-limit"]].map((text) => Number(text) * 1000);
  const viewers = await Promise.all(names.map((name) => Viewer.open(browser, name, options)));
  if (session.finished) {
    // An ended session is kept for a minute: the windows are open by then, and the number of late frames is final.
    session.lateFrames = (await sessionEnd(session.api, waitLimit)).late_frames;
  }
  await Promise.all(viewers.map((viewer) => viewer.start(session)));
  const run = (millis, done) => watchAll(viewers, session, millis, done);
  await run(waitLimit, () => viewers.every(({ last }) => last.shown !== null));
  if (options.captions) {
    await Promise.all(viewers.map((viewer) => viewer.showCaptions()));
  }
  if (session.finished) {
    const lengths = viewers.map(({ last }) => (last.duration ?? 0) * 1000);
    await run(Math.max(...lengths) + waitLimit, () => viewers.every(({ last }) => last.ended !== null));
    await sleep(LAST_MILLIS);
    await Promise.all(viewers.map((viewer) => viewer.look()));
  } else {
    await run(secs, () => false);
    session.steadyTo = Date.now();
  }
  const playing = viewers.filter(({ last }) => last.shown !== null);
  let sent = [];
  if (options.commands) {
    const wait = (done) => run(waitLimit, done);
    const listening = { rest: () => run(secs, () => false), isWanted: (name) => SOUND_COMMANDS.includes(name) };
    const changes = options.changes === undefined ? [] : JSON.parse(readFileSync(options.changes));
    const isListening = options.sound || options.captions;
    sent = await steer(session.api, options.token, playing, FPS, { wait, changes, ...(isListening ? listening : {}) });
  }
  if (options.sound) {
    await Promise.all(playing.map((viewer) => viewer.hear(sent)));
  }
  if (options.captions) {
    await Promise.all(playing.map((viewer) => viewer.readCaptions()));
  }
  for (const viewer of viewers) {
    console.log(JSON.stringify(viewer.report(session, settle)));
    await viewer.close();
  }
}

async function call(url, method, body, token) {
  const headers = { "content-type": "application/json", ...bearer(token) };
  const response = await fetch(url, { method, body, headers });
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
      changes: { type: "string" },
      stream: { type: "string" },
      posted: { type: "string" },
      document: { type: "string" },
      token: { type: "string" },
      players: text(Object.keys(PLAYERS).join(",")),
      together: { type: "boolean", default: false },
      secs: text("6"),
      settle: text("3"),
      sound: { type: "boolean", default: false },
      captions: { type: "boolean", default: false },
      commands: { type: "boolean", default: false },
      "to-end": { type: "boolean", default: false },
      "wait-limit": text("20"),
    },
  });
  const [server] = positionals;
  const names = options.players.split(",");
  const unknown = names.find((name) => !(name in PLAYERS));
  if (positionals.length !== 1 || (options.stream === undefined) === (options.document === undefined)) {
    throw new Error("usage: node live.mjs SERVER (--stream ID | --document FILE) [OPTIONS]");
  }
  if (unknown !== undefined) {
    throw new Error(`unknown player: ${unknown}`);
  }
  if (!existsSync(CHROMIUM)) {
    throw new Error(`there is no browser at ${CHROMIUM}; run script/bootstrap`);
  }
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-backgrounding-occluded-windows"],
    timeout: LAUNCH_MILLIS,
  });
  let created = null;
  try {
    // The browser is started before the session, so that its start is not measured.
    let posted = options.posted === undefined ? null : Number(options.posted);
    let id = options.stream;
    if (options.document !== undefined) {
      posted = Date.now();
      const started = await call(new URL("/api/live", server), "POST", readFileSync(options.document), options.token);
      created = id = started.id;
      options.token ??= started.control_token;
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
      // Only the first group starts together with the session.
      posted = null;
    }
  } finally {
    await browser.close();
    // An ended session may have been removed.
    if (created !== null && !options["to-end"]) {
      await call(new URL(`/api/live/${created}`, server), "DELETE", undefined, options.token);
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`live.mjs: ${error.message}`);
  process.exitCode = 1;
}
