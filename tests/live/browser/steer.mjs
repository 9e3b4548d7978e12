// Steers a session, and finds in the pictures of its viewers when each command became visible.

import { NUMBERS } from "./watch.mjs";

// Frames of one number in a row that are no coincidence, and frames over which a speed is told.
const [STILL, PACE] = [10, 20];
// A picture this many frames from where a command leads, and from what has passed since, has come there.
const NEAR = 60;
// Pictures that are so many frames further from each other in the session than in the stream have a jump between them.
const JUMP = 12;
// The share of bright pixels where a message is drawn; without one there are none.
const WORDS = 0.05;
// Parts of the document are this long, in frames, and no command for parts leads further.
const CHAPTER = 1024;
// Where a command seeks to: so early that all that is watched lies behind it.
const SOUGHT_SECS = 2;

const apart = (from, to) => (to - from + NUMBERS) % NUMBERS;

/** Frames that lie between two pictures in the session, beyond those between them in the stream. */
function leap([, from, since], [, to, until], fps) {
  const frames = to - from - (until - since) * fps;
  return frames - NUMBERS * Math.round(frames / NUMBERS);
}

/**
 * The commands in their order. `seen` gives the index of the first frame that shows it, or -1. It is given the frames
 * since the command was asked for, the last one before them, when that was, and the session's answer.
 */
function commands(fps) {
  // Whoever looks away meanwhile sees a later picture first: it lies as far behind the goal as time has passed.
  const jump = (fits, goal) => (frames, { before, asked, status }) =>
    frames.findIndex((frame, at) => {
      const last = at === 0 ? before : frames[at - 1];
      const passed = ((frame[0] - asked) / 1000) * fps;
      const lands = apart((goal(status) % NUMBERS) - NEAR, frame[1]) <= 2 * NEAR + passed;
      return last !== undefined && lands && fits(leap(last, frame, fps));
    });
  const part = ({ current }) => Math.round(current.start_secs * fps);
  const onwards = (frames) => frames > JUMP && frames <= CHAPTER + NEAR;
  const backwards = (frames) => frames < -JUMP && frames >= -CHAPTER - 2 * NEAR;
  const pace = (frames, fits) =>
    frames.findIndex(([, number, time], at) => {
      const later = frames[at + PACE];
      return later !== undefined && later[2] > time && fits(apart(number, later[1]) / fps / (later[2] - time));
    });
  return [
    {
      command: { command: "pause" },
      seen: (frames) =>
        frames.findIndex(([, number], at) => {
          const run = frames.slice(at, at + STILL);
          return run.length === STILL && run.every((frame) => frame[1] === number);
        }),
    },
    {
      command: { command: "resume" },
      seen: (frames, { before = frames[0] }) => frames.findIndex(([, number]) => number !== before[1]),
    },
    {
      command: { command: "seek", to: SOUGHT_SECS },
      seen: jump((frames) => Math.abs(frames) > JUMP, () => SOUGHT_SECS * fps),
    },
    { command: { command: "skip" }, seen: jump(onwards, part) },
    { command: { command: "skip" }, name: "skip again", seen: jump(onwards, part) },
    { command: { command: "back" }, seen: jump(backwards, part) },
    { command: { command: "speed", value: 2 }, seen: (frames) => pace(frames, (speed) => speed > 1.6) },
    {
      command: { command: "speed", value: 1 },
      name: "normal speed",
      seen: (frames) => pace(frames, (speed) => speed > 0.6 && speed < 1.4),
    },
    {
      command: { command: "message", text: "Breathe, keep your back straight", seconds: 60 },
      seen: (frames) => frames.findIndex(([, , , bright]) => bright > WORDS),
    },
  ];
}

/**
 * Sends the commands one after the other, each once all viewers have seen the one before. `wait` watches until what it
 * is given says so. Each viewer's `visible` gets the milliseconds from the request to the picture, null for never.
 */
export async function steer(session, viewers, fps, wait) {
  for (const { command, name = command.command, seen } of commands(fps)) {
    // Nothing of before may be taken for an effect, and unreadable frames say nothing.
    const from = viewers.map(({ frames }) => frames.length);
    const asked = Date.now();
    const response = await fetch(`${session}/commands`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(command),
    });
    if (!response.ok) {
      throw new Error(`${name}: ${response.status} ${await response.text()}`);
    }
    const status = await response.json();
    for (const viewer of viewers) {
      viewer.visible[name] = null;
    }
    await wait(() =>
      viewers.every((viewer, index) => {
        if (viewer.visible[name] === null) {
          const frames = viewer.frames.slice(from[index]).filter(([at, number]) => at >= asked && number >= 0);
          const before = viewer.frames.findLast(([at, number]) => at < asked && number >= 0);
          const at = frames.length === 0 ? -1 : seen(frames, { before, asked, status });
          viewer.visible[name] = at < 0 ? null : Math.round(frames[at][0] - asked);
        }
        return viewer.visible[name] !== null;
      }),
    );
  }
}
