// The builder: a workout, its preview, and what is done with it.

import { useEffect, useMemo, useRef, useState } from "../vendor/hooks.mjs";
import { catalogue, loadExercises } from "../exercises.js";
import { rewrite } from "../router.js";
import { useStore } from "../store.js";
import { announce, toast } from "../toasts.js";
import { Failure, Icon, explain, html, useTitle, useWindowEvent } from "../ui.js";
import { words } from "../words.js";
import { Actions } from "./actions.js";
import { editor } from "./editor.js";
import { NumberField } from "./fields.js";
import { Head } from "./head.js";
import { commandOf } from "./keys.js";
import { List, focusRow } from "./list.js";
import { Look } from "./look.js";
import { Menu } from "./menu.js";
import { Player } from "./player.js";
import { BOUNDS, indexOf } from "./reducer.js";
import { schedule } from "./schedule.js";
import { Stage } from "./stage.js";
import { Summary } from "./summary.js";
import { TEMPLATE_NAMES } from "./templates.js";
import { keepCursor, moveCursor, selectItem, selected } from "./view.js";
import { numeric, toDocument } from "./workout.js";

/** The faults of items or groups by index and field, such as those of `document.exercises[2].speed`. @param {any[]} problems @param {"exercises" | "groups"} list */
function faultsOf(problems, list) {
  /** @type {Record<number, Record<string, string>>} */
  const found = {};
  for (const { place, message } of problems.flatMap((problem) => problem?.faults ?? [])) {
    const [, name, index, field] = /^(?:document\.)?(\w+)\[(\d+)\]\.?(\w*)/.exec(place) ?? [];
    if (name === list) {
      found[Number(index)] = { ...found[Number(index)], [field || "id"]: message };
    }
  }
  return found;
}

/** @param {{id: string}} props */
export function Page({ id }) {
  useStore(editor.version);
  const { byId } = useStore(catalogue);
  const chosen = useStore(selected);
  const [dialog, setDialog] = useState(/** @type {(() => any) | null} */ (null));
  const [frameProblem, setFrameProblem] = useState(/** @type {any} */ (null));
  const { workout, autosave } = editor;
  const times = useMemo(() => schedule(workout, byId), [workout, byId]);
  const latest = useRef(times);
  latest.current = times;
  const player = useRef(/** @type {Player | null} */ (null));
  player.current ??= new Player(
    (secs) => moveCursor(latest.current, secs, false),
    (problem) => toast(explain(problem)),
  );
  const playing = player.current;
  useTitle(workout.title ?? words.untitled);

  useEffect(() => void loadExercises(), []);
  useEffect(() => {
    editor.onNamed = (named) => rewrite(`train/${named}`);
    selected.set(null);
    moveCursor(latest.current, 0, false);
    void editor.open(id === "new" ? null : id);
    return () => {
      playing.stop();
      editor.onNamed = () => {};
    };
  }, [id]);
  useWindowEvent("pagehide", () => playing.stop());
  useEffect(() => keepCursor(times), [times]);
  useEffect(() => playing.change(toDocument(workout)), [workout]);
  useEffect(() => {
    if (autosave.state === "conflict") {
      void openDialog("conflict");
    }
  }, [autosave.state]);

  const nameOf = (/** @type {number} */ key) => {
    const item = workout.exercises[indexOf(workout, key)];
    return byId.get(item?.id ?? "")?.name ?? item?.id ?? "";
  };
  const close = () => setDialog(null);
  const openDialog = async (/** @type {string} */ name) => {
    const render = await DIALOGS[name]({ exercises: byId, onClose: close });
    setDialog(() => render);
  };
  const actions = {
    select: (/** @type {number} */ key) => selectItem(latest.current, key),
    swap: async (/** @type {number} */ key) => {
      const { Swap } = await import("./swap.js");
      const item = editor.workout.exercises[indexOf(editor.workout, key)];
      const onSwap = (/** @type {string} */ other) => {
        editor.dispatch({ type: "swap", key, id: other });
        announce(words.swapped(byId.get(other)?.name ?? other));
      };
      const onClose = () => {
        close();
        focusRow(key, ".row-name");
      };
      setDialog(() => () => html`<${Swap} id=${item.id} onSwap=${onSwap} onClose=${onClose} />`);
    },
    duplicate: (/** @type {number} */ key) => {
      editor.dispatch({ type: "duplicate", key });
      const copy = editor.workout.exercises[indexOf(editor.workout, key) + 1];
      announce(words.duplicated(nameOf(key)));
      setTimeout(() => focusRow(copy?.key, ".row-name"));
    },
    remove: (/** @type {number} */ key) => remove(key, nameOf(key)),
    group: (/** @type {number} */ key) => regroup("group", key, words.grouped(nameOf(key))),
    ungroup: (/** @type {number} */ key) => regroup("ungroup", key, words.ungrouped(nameOf(key))),
  };

  useWindowEvent("keydown", (/** @type {KeyboardEvent} */ event) => {
    const command = commandOf(event);
    if (command === null || (event.repeat && !["undo", "redo", "up", "down", "next", "previous"].includes(command))) {
      return;
    }
    event.preventDefault();
    run(command, { actions, openDialog, play: () => document.querySelector(/** @type {any} */ (".button.play"))?.click() });
  });

  // Parts that an edit of another part does not concern are not made again.
  const summary = useMemo(() => html`<${Summary} workout=${workout} times=${times} exercises=${byId} />`, [workout, times, byId]);
  const look = useMemo(() => html`<${Look} workout=${workout} />`, [workout]);
  const rounds = useMemo(() => html`<${Rounds} workout=${workout} />`, [workout]);
  const stage = useMemo(
    () => html`
      <${Stage} workout=${workout} times=${times} exercises=${byId} player=${playing} onProblem=${setFrameProblem}>
        <${Actions} workout=${workout} player=${playing} onDialog=${(/** @type {any} */ render) => setDialog(() => render)} />
      <//>
    `,
    [workout, times, byId],
  );

  if (editor.isOpening) {
    return html`<div class="waiting" role="status"><span class="spinner"></span><span class="unseen">${words.loading}</span></div>`;
  }
  if (editor.failure !== null) {
    return html`<${Failure}>${explain(editor.failure)}<//><p><a href="train">${words.pages.train}</a></p>`;
  }
  const count = workout.exercises.length;
  const problems = [frameProblem, autosave.state === "rejected" ? autosave.problem : null];
  const [faults, groupFaults] = [faultsOf(problems, "exercises"), faultsOf(problems, "groups")];
  return html`
    <div class=${`builder ${count === 0 ? "without-items" : ""}`}>
      <${Head} onDialog=${openDialog} />
      <div class="left">
        ${stage} ${summary}
      </div>
      <div class="right">
        <section class="list-area" aria-labelledby="list-title">
          <div class="list-head">
            <h2 id="list-title">${words.exercises}</h2>
            <${Menu} label=${words.templates} class="button templates" entries=${templateEntries(count)}>
              <${Icon} name="layers" /><span>${words.templates}</span>
            <//>
            <button type="button" class="button main-action add" aria-keyshortcuts="A" onClick=${() => openDialog("picker")}>
              <${Icon} name="plus" />${words.addExercise}
            </button>
          </div>
          ${count === 0
            ? html`<div class="empty"><${Icon} name="train" /><strong>${words.emptyTitle}</strong><p>${words.emptyText}</p></div>`
            : html`
                <${List}
                  workout=${workout}
                  exercises=${byId}
                  selected=${chosen}
                  faults=${faults}
                  groupFaults=${groupFaults}
                  actions=${actions}
                />
              `}
          ${rounds}
        </section>
        ${look}
      </div>
    </div>
    ${dialog === null ? null : dialog()}
  `;
}

/** Puts an item into the group above, or takes it out of its group; the focus stays. @param {"group" | "ungroup"} type @param {number} key @param {string} done */
function regroup(type, key, done) {
  const before = editor.workout;
  const control = document.activeElement?.classList.contains("handle") ? ".handle" : ".row-name";
  editor.dispatch({ type, key });
  if (editor.workout !== before) {
    announce(done);
    setTimeout(() => focusRow(key, control));
  }
}

/** Deletes an item, and offers it back. @param {number} key @param {string} name */
function remove(key, name) {
  const index = indexOf(editor.workout, key);
  const item = editor.workout.exercises[index];
  editor.dispatch({ type: "remove", key });
  const { history } = editor;
  const next = editor.workout.exercises[Math.min(index, editor.workout.exercises.length - 1)];
  setTimeout(() => focusRow(next?.key, ".row-name") || /** @type {any} */ (document.querySelector(".button.add"))?.focus());
  // After further edits, only the deletion is taken back.
  const putBack = () => (editor.history === history ? editor.undo() : editor.dispatch({ type: "add", items: [item], at: index }));
  toast(words.removed(name), { label: words.undo, run: putBack });
}

/** @type {Record<string, (props: any) => Promise<() => any>>} */
const DIALOGS = {
  async picker({ onClose }) {
    const { Picker } = await import("./picker.js");
    const onAdd = (/** @type {string} */ id) => {
      const at = selected.value === null ? undefined : indexOf(editor.workout, selected.value) + 1;
      editor.dispatch({ type: "add", items: [{ id }], ...(at === undefined || at === 0 ? {} : { at }) });
      selected.set(at === undefined || at === 0 ? null : (editor.workout.exercises[at]?.key ?? null));
    };
    return () => html`<${Picker} count=${editor.workout.exercises.length} onAdd=${onAdd} onClose=${onClose} />`;
  },
  async help({ onClose }) {
    const { Help } = await import("./help.js");
    return () => html`<${Help} onClose=${onClose} />`;
  },
  async conflict(props) {
    const { Conflict } = await import("./conflict.js");
    return () => html`<${Conflict} ...${props} />`;
  },
};

/** @param {import("./keys.js").Command} command @param {any} does */
function run(command, { actions, openDialog, play }) {
  const { exercises } = editor.workout;
  const key = selected.value;
  const index = key === null ? -1 : indexOf(editor.workout, key);
  const focused = document.activeElement?.closest(".row") !== null;
  const control = document.activeElement?.classList.contains("handle") ? ".handle" : ".row-name";
  const moveTo = (/** @type {number} */ to) => {
    if (index >= 0 && to >= 0 && to < exercises.length) {
      editor.dispatch({ type: "move", key: /** @type {number} */ (key), to });
      announce(words.movedTo("", to + 1, exercises.length));
      setTimeout(() => focusRow(key ?? 0, control));
    }
  };
  const goTo = (/** @type {number} */ to) => focusRow(exercises[Math.min(Math.max(to, 0), exercises.length - 1)]?.key, control);
  const commands = {
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    add: () => openDialog("picker"),
    help: () => openDialog("help"),
    play,
    swap: () => index >= 0 && actions.swap(key),
    duplicate: () => index >= 0 && actions.duplicate(key),
    remove: () => index >= 0 && focused && actions.remove(key),
    group: () => index >= 0 && actions.group(key),
    ungroup: () => index >= 0 && actions.ungroup(key),
    up: () => moveTo(index - 1),
    down: () => moveTo(index + 1),
    next: () => goTo(index + 1),
    previous: () => goTo(index < 0 ? 0 : index - 1),
  };
  commands[command]();
}

/** @param {number} count */
const templateEntries = (count) =>
  TEMPLATE_NAMES.map((name) => ({
    label: words.templateNames[name],
    icon: /** @type {const} */ ("clock"),
    isOff: count === 0,
    run: () => {
      editor.dispatch({ type: "template", name });
      const { history } = editor;
      // Not after further edits, which this would undo instead.
      const takeBack = () => editor.history === history && editor.undo();
      toast(words.templateDone(words.templateNames[name]), { label: words.undo, run: takeBack });
    },
  }));

/** How often the list is repeated. @param {{workout: import("./workout.js").Workout}} props */
function Rounds({ workout }) {
  const set = (/** @type {any} */ fields, /** @type {string | null} */ tag) => editor.dispatch({ type: "set", fields }, tag);
  return html`
    <div class="rounds" onFocusOut=${() => editor.seal()}>
      <${Icon} name="repeat" />
      <${NumberField}
        kind="number"
        id="rounds"
        caption=${words.rounds}
        label=${words.rounds}
        value=${numeric(workout.rounds, 1)}
        bounds=${BOUNDS.rounds}
        step=${1}
        isDefault=${workout.rounds === undefined}
        onChange=${(/** @type {number} */ value, /** @type {boolean} */ isStep) => set({ rounds: Math.round(value) }, isStep ? "rounds" : null)}
      />
      <${NumberField}
        kind="time"
        id="between"
        caption=${words.between}
        label=${words.betweenLabel}
        unit="s"
        value=${numeric(workout.rest_between_rounds, 0)}
        bounds=${BOUNDS.rest_between_rounds}
        step=${5}
        isDefault=${workout.rest_between_rounds === undefined}
        onChange=${(/** @type {number} */ value, /** @type {boolean} */ isStep) => set({ rest_between_rounds: value }, isStep ? "between" : null)}
      />
    </div>
  `;
}
