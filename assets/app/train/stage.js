// The preview: the frame at the cursor from the compositor of the server, or the workout as it plays.

import { useEffect, useMemo, useRef, useState } from "../vendor/hooks.mjs";
import { clock } from "../format.js";
import { useStore } from "../store.js";
import { Icon, explain, html } from "../ui.js";
import { words } from "../words.js";
import { Frames } from "./frames.js";
import { Ribbon, nameOfStep } from "./ribbon.js";
import { stepAt } from "./schedule.js";
import { cursor } from "./view.js";
import { toDocument, toPreview } from "./workout.js";

/** @typedef {import("./workout.js").Workout} Workout */
/** @typedef {import("../api.js").Problem} Problem */

/** Whether the list shows what is wrong. @param {Problem} problem */
const isSeen = ({ faults }) => faults.length > 0 && faults.every(({ place }) => /(exercises|groups)\[\d+\]/.test(place));

const WIDTH_STEP_PX = 160;

/** The width of a frame that fills a box, in pixels of the device. @param {HTMLElement | null} box @param {string | undefined} format */
function widthIn(box, format) {
  const [ratio, most] = format === "9:16" ? [9 / 16, 720] : format === "1:1" ? [1, 720] : [16 / 9, 1280];
  const shown = Math.min(box?.clientWidth ?? 640, (box?.clientHeight ?? 360) * ratio) * Math.min(devicePixelRatio, 2);
  return Math.min(Math.max(Math.ceil(shown / WIDTH_STEP_PX) * WIDTH_STEP_PX, WIDTH_STEP_PX * 2), most);
}

/**
 * @param {object} props
 * @param {Workout} props.workout
 * @param {import("./schedule.js").Schedule} props.times
 * @param {ReadonlyMap<string, import("../catalogue.js").Exercise>} props.exercises
 * @param {import("./player.js").Player} props.player
 * @param {(problem: Problem | null) => void} props.onProblem
 * @param {any} [props.children] the actions below
 */
export function Stage({ workout, times, exercises, player, onProblem, children }) {
  const session = useStore(player.session);
  const seek = (/** @type {number} */ at) => player.seek(at);
  const format = ["16:9", "9:16", "1:1"].find((name) => name === workout.format) ?? "16:9";
  return html`
    <section class="stage" aria-label=${words.preview}>
      <div class="screen" data-format=${format}>
        <${Frame} workout=${workout} times=${times} exercises=${exercises} isPaused=${session !== null} onProblem=${onProblem} />
        ${session === null ? null : html`<iframe class="player" title=${words.playerTitle} src=${session.address} allow="autoplay; fullscreen"></iframe>`}
      </div>
      <${Ribbon} times=${times} workout=${workout} exercises=${exercises} onSeek=${seek} />
      ${children}
    </section>
  `;
}

/** @param {any} props */
function Frame({ workout, times, exercises, isPaused, onProblem }) {
  const at = useStore(cursor);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [frame, setFrame] = useState({ src: "", at: 0, millis: 0 });
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const frames = useRef(/** @type {Frames | null} */ (null));
  const document = useMemo(() => toPreview(toDocument(workout)), [workout]);
  useEffect(() => {
    const show = (/** @type {Blob} */ blob, /** @type {number} */ millis) => {
      const src = URL.createObjectURL(blob);
      const image = new Image();
      image.src = src;
      // The previous image stays until this one can be drawn.
      image.decode().then(
        () => setFrame((last) => (URL.revokeObjectURL(last.src), { src, at: cursor.value, millis })),
        () => URL.revokeObjectURL(src),
      );
    };
    const loader = new Frames(show, (found) => (setProblem(found), onProblem(found)));
    frames.current = loader;
    return () => loader.close();
  }, []);
  useEffect(() => {
    if (times.total > 0 && !isPaused) {
      frames.current?.want({ document, at: Math.round(at * 1000) / 1000, width: widthIn(box.current, workout.format) });
    }
  }, [document, at, isPaused]);
  const isEmpty = times.total === 0;
  const name = nameOfStep(stepAt(times, at), workout, exercises);
  return html`
    <div class="frame" ref=${box} data-frame-millis=${Math.round(frame.millis)}>
      ${isEmpty
        ? html`<p class="frame-note"><${Icon} name="play" />${words.previewEmpty}</p>`
        : frame.src === ""
          ? problem === null && html`<span class="spinner"></span>`
          : html`<img src=${frame.src} alt=${words.frameOf(clock(at), name)} />`}
      ${problem === null || isEmpty ? null : html`<p class="frame-problem" role="status">${isSeen(problem) ? words.seeList : explain(problem)}</p>`}
    </div>
  `;
}
