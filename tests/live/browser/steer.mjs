// Sends commands to a session and measures when each one became visible to the viewers.

import { NUMBERS } from "./watch.mjs";

// Consecutive frames with one number that count as a pause, and frames over which a speed is measured.
const [STILL, PACE] = [10, 20];
// A frame that is at most this far from the target of a command, plus the time since, has reached it.
const NEAR = 60;
// Two frames have a seek between them when their distance in the session exceeds that in the stream by this many frames.
const JUMP = 12;
// Share of bright pixels that a message has at least in its area; without a message there are none.
const MESSAGE_BRIGHT_SHARE = 0.05;
// Chapters of the document have this many frames; skip and back move by one chapter at most.
const CHAPTER = 1024;
// Target of the seek: earlier than everything that was watched.
const SEEK_SECS = 2;

const distance = (from, to) => (to - from + NUMBERS) % NUMBERS;

/** Distance of two frames in the session minus their distance in the stream. */
function seekDistance([, from, since], [, to, until], fps) {
  const frames = to - from - (until - since) * fps;
  return frames - NUMBERS * Math.round(frames / NUMBERS);
}

/**
 * The commands in their order. `seen` returns the index of the first frame that shows the effect, or -1. Its arguments are
 * the frames since the request, the last frame before, the time of the request, and the response.
 */
function commands(fps, changes) {
  // The first observed frame may be later than the target, by the time since the request.
  const reaches = (fits, goal) => (frames, { before, asked, status }) =>
    frames.findIndex((frame, at) => {
      const last = at === 0 ? before : frames[at - 1];
      const passed = ((frame[0] - asked) / 1000) * fps;
      const lands = distance((goal(status) % NUMBERS) - NEAR, frame[1]) <= 2 * NEAR + passed;
      return last !== undefined && lands && fits(seekDistance(last, frame, fps));
    });
  const part = ({ current }) => Math.round(current.start_secs * fps);
  const onwards = (frames) => frames > JUMP && frames <= CHAPTER + NEAR;
  const backwards = (frames) => frames < -JUMP && frames >= -CHAPTER - 2 * NEAR;
  const pace = (frames, fits) =>
    frames.findIndex(([, number, time], at) => {
      const later = frames[at + PACE];
      return later !== undefined && later[2] > time && fits(distance(number, later[1]) / fps / (later[2] - time));
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
      command: { command: "seek", to: SEEK_SECS },
      seen: reaches((frames) => Math.abs(frames) > JUMP, () => SEEK_SECS * fps),
    },
    { command: { command: "skip" }, seen: reaches(onwards, part) },
    { command: { command: "skip" }, name: "skip again", seen: reaches(onwards, part) },
    { command: { command: "back" }, seen: reaches(backwards, part) },
    { command: { command: "speed", value: 2 }, seen: (frames) => pace(frames, (speed) => speed > 1.6) },
    {
      command: { command: "speed", value: 1 },
      name: "normal speed",
      seen: (frames) => pace(frames, (speed) => speed > 0.6 && speed < 1.4),
    },
    // A changed document has something bright where messages are, and the next one has not. The numbers stay.
    ...changes.map((document, index) => ({
      command: { command: "document", document },
      name: `document ${index + 1}`,
      seen: (frames) => frames.findIndex(([, , , bright]) => (index % 2 === 0 ? bright > MESSAGE_BRIGHT_SHARE : bright === 0)),
    })),
    {
      command: { command: "message", text: "Breathe, keep your back straight", seconds: 60 },
      seen: (frames) => frames.findIndex(([, , , bright]) => bright > MESSAGE_BRIGHT_SHARE),
    },
  ];
}

/** The header with a token, if there is one. */
export const bearer = (token) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

/**
 * Sends the commands in order, each once all viewers have seen the effect of the one before and `rest` has been awaited;
 * `isWanted` chooses them by name. `wait` watches until its argument returns true. Each viewer's `visible` is set to the
 * milliseconds from request to effect, or null. Returns pairs of a name and the time of its request.
 */
export async function steer(session, token, viewers, fps, { wait, rest = () => {}, isWanted = () => true, changes = [] }) {
  const sent = [];
  for (const { command, name = command.command, seen } of commands(fps, changes)) {
    if (!isWanted(name)) {
      continue;
    }
    // Frames before the request and unreadable frames are ignored.
    const from = viewers.map(({ frames }) => frames.length);
    const asked = Date.now();
    const response = await fetch(`${session}/commands`, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(token) },
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
    sent.push([name, asked]);
    await rest();
  }
  return sent;
}
