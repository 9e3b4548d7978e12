// Live sessions: those that run, and starting a saved workout as a class.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { clock } from "../format.js";
import { useStore } from "../store.js";
import { toast } from "../toasts.js";
import { listWorkouts } from "../train/workouts.js";
import { Failure, Icon, explain, html, useTitle } from "../ui.js";
import { language, words } from "../words.js";
import { endSession, listSessions, startClass } from "./sessions.js";

/** @typedef {import("./sessions.js").Session} Session */

const POLL_MILLIS = 3000;

export function Page() {
  useStore(language);
  const [sessions, setSessions] = useState(/** @type {Session[] | null} */ (null));
  const load = useRef(async () => setSessions(await listSessions()));
  useTitle(words.pages.live);
  useEffect(() => {
    void load.current();
    const timer = setInterval(() => document.hidden || load.current(), POLL_MILLIS);
    return () => clearInterval(timer);
  }, []);
  const end = (/** @type {Session} */ { id }) => endSession(id).then(load.current, (error) => toast(explain(error)));
  return html`
    <div class="page-head"><h1>${words.pages.live}</h1></div>
    <div class="live">
      <${Start} onStarted=${load.current} />
      <section aria-labelledby="running">
        <h2 id="running">${words.running}</h2>
        ${sessions !== null && sessions.length === 0
          ? html`<div class="empty"><${Icon} name="live" /><strong>${words.noSessions}</strong><p>${words.noSessionsText}</p></div>`
          : null}
        <ul class="sessions">
          ${sessions?.map((session) => html`<${SessionCard} key=${session.id} session=${session} onEnd=${() => end(session)} />`)}
        </ul>
      </section>
    </div>
  `;
}

/** @param {{onStarted: () => void}} props */
function Start({ onStarted }) {
  const [workouts, setWorkouts] = useState(/** @type {import("../train/workouts.js").Summary[] | null} */ (null));
  const [chosen, setChosen] = useState("");
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    listWorkouts().then(
      (found) => {
        setWorkouts(found);
        setChosen(found[0]?.sessionId ?? "");
      },
      () => setWorkouts([]),
    );
  }, []);
  const start = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const opened = open("about:blank", "_blank");
    setStarting(true);
    setProblem(null);
    try {
      const { control_url: control } = await startClass({ sessionId: chosen });
      if (opened !== null && !opened.closed) {
        opened.location.href = new URL(control, document.baseURI).href;
      }
      onStarted();
    } catch (error) {
      opened?.close();
      setProblem(error);
    } finally {
      setStarting(false);
    }
  };
  return html`
    <section class="card start" aria-labelledby="start-title">
      <h2 id="start-title">${words.startClass}</h2>
      <p class="hint">${words.startClassText}</p>
      ${problem === null ? null : html`<${Failure}>${explain(problem)}<//>`}
      ${workouts !== null && workouts.length === 0
        ? html`<p><a class="button" href="train/new"><${Icon} name="plus" />${words.newWorkout}</a></p>`
        : html`
            <form class="start-form" onSubmit=${start}>
              <label class="field">
                <span>${words.workout}</span>
                <select class="input" value=${chosen} onChange=${(/** @type {any} */ event) => setChosen(event.target.value)}>
                  ${(workouts ?? []).map(
                    ({ sessionId, title, total_duration: secs }) =>
                      html`<option key=${sessionId} value=${sessionId}>${title || words.untitled} · ${clock(secs)}</option>`,
                  )}
                </select>
              </label>
              <button type="submit" class="button main-action" disabled=${isStarting || chosen === ""}>
                <${Icon} name="live" />${isStarting ? words.starting : words.openLobby}
              </button>
            </form>
          `}
    </section>
  `;
}

/** @param {{session: Session, onEnd: () => void}} props */
function SessionCard({ session, onEnd }) {
  const { id, state, title, position_secs: at, duration_secs: total, viewers, join_code: code, current, isOwn } = session;
  const isOver = state === "ended" || state === "failed";
  return html`
    <li class="card session" data-state=${state}>
      <div class="session-head">
        <h3>${title || words.untitled}</h3>
        <span class="tag state">${words.states[state] ?? state}</span>
      </div>
      <progress class="progress" max=${total} value=${at} aria-label=${words.progress}></progress>
      <p class="session-facts">
        <span>${clock(at)} / ${clock(total)}</span>
        <span>${words.viewers(viewers)}</span>
        <span>${words.code} <strong class="code">${code}</strong></span>
      </p>
      <p class="hint">${current?.name ?? ""}</p>
      <div class="session-actions">
        ${isOver
          ? null
          : html`
              ${isOwn
                ? html`<a class="button main-action" href=${`live/${id}/?control=1`} target="_blank"><${Icon} name="open" />${words.control}</a>`
                : null}
              <a class="button" href=${`live/${id}/`} target="_blank"><${Icon} name="play" />${words.watch}</a>
              <a class="button" href=${`wall/${id}`} target="_blank"><${Icon} name="screen" />${words.wallScreen}</a>
              ${isOwn ? html`<button type="button" class="button bad" onClick=${onEnd}><${Icon} name="stop" />${words.end}</button>` : null}
            `}
      </div>
    </li>
  `;
}
