// Steers a session, and finds in the pictures of its viewers when each command became visible.

import { NUMBERS } from "./watch.mjs";

// Frames of one number in a row that are no coincidence, and frames over which a speed is told.
const [STILL, PACE] = [10, 20];
// A picture this many frames from where a command leads has come there.
const NEAR = 60;
// Fewer frames than this from one picture to the next are a frame left out, at whatever speed.
const JUMP = 12;
// The share of bright pixels where a message is drawn; without one there are none.
const WORDS = 0.05;
// Parts of the document are this long, in frames.
const CHAPTER = 1024;

const apart = (from, to) => (to - from + NUMBERS) % NUMBERS;
const near = (number, goal) => Math.min(apart(number, goal), apart(goal, number)) <= NEAR;

/** The commands in their order. `seen` gives the index of the first frame that shows it, or -1. */
function commands(fps) {
  const jump = (frames, lands) =>
    frames.findIndex(([, number], at) => {
      const step = at === 0 ? 0 : apart(frames[at - 1][1], number);
      return step > JUMP && lands(number);
    });
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
    { command: { command: "resume" }, seen: (frames) => frames.findIndex(([, number]) => number !== frames[0][1]) },
    { command: { command: "seek", to: 20 }, seen: (frames) => jump(frames, (number) => near(number, 20 * fps)) },
    { command: { command: "skip" }, seen: (frames) => jump(frames, (number) => near(number, CHAPTER)) },
    { command: { command: "skip" }, name: "skip again", seen: (frames) => jump(frames, (number) => near(number, 2 * CHAPTER)) },
    { command: { command: "back" }, seen: (frames) => jump(frames, (number) => near(number % CHAPTER, 0)) },
    { command: { command: "speed", value: 2 }, seen: (frames) => pace(frames, (speed) => speed > 1.6) },
    {
      command: { command: "speed", value: 1 },
      name: "normal speed",
      seen: (frames) => pace(frames, (speed) => speed > 0.6 && speed < 1.4),
    },
    {
      command: { command: "message", text: "Breathe, keep your back straight", seconds: 5 },
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
    for (const viewer of viewers) {
      viewer.visible[name] = null;
    }
    await wait(() =>
      viewers.every((viewer, index) => {
        if (viewer.visible[name] === null) {
          const frames = viewer.frames.slice(from[index]).filter(([at, number]) => at >= asked && number >= 0);
          const at = frames.length === 0 ? -1 : seen(frames);
          viewer.visible[name] = at < 0 ? null : Math.round(frames[at][0] - asked);
        }
        return viewer.visible[name] !== null;
      }),
    );
  }
}
