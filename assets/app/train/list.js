// The ordered list of exercises, and how its items are moved.

import { useLayoutEffect, useMemo, useRef, useState } from "../vendor/hooks.mjs";
import { announce } from "../toasts.js";
import { html } from "../ui.js";
import { words } from "../words.js";
import { editor } from "./editor.js";
import { Row } from "./row.js";
import { Sorter } from "./sort.js";
import { DEFAULT_SECS, MOST_EXERCISES, numeric } from "./workout.js";

/** @typedef {import("../catalogue.js").Exercise} Exercise */

/** Focuses a control of a row. @param {number | undefined} key @param {string} control a selector */
export function focusRow(key, control) {
  /** @type {HTMLElement | null} */
  const element = document.querySelector(`.row[data-key="${key}"] ${control}`);
  element?.focus();
  return element !== null;
}

/**
 * @param {object} props
 * @param {import("./workout.js").Workout} props.workout
 * @param {ReadonlyMap<string, Exercise>} props.exercises
 * @param {number | null} props.selected the key of the selected item
 * @param {Record<number, Record<string, string>>} props.faults of items by index and field
 * @param {Record<number, Record<string, string>>} props.groupFaults of groups by index and field
 * @param {Pick<import("./row.js").RowActions, "select" | "swap" | "duplicate" | "remove" | "group" | "ungroup">} props.actions
 */
export function List({ workout, exercises, selected, faults, groupFaults, actions }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [lifted, setLifted] = useState(/** @type {{index: number, target: number}} */ (NONE));
  const wanted = useRef(/** @type {[number, string] | null} */ (null));
  const items = workout.exercises;
  const nameOf = (/** @type {number} */ index) => {
    const id = editor.workout.exercises[index]?.id ?? "";
    return exercises.get(id)?.name ?? id;
  };
  const move = (/** @type {number} */ key, /** @type {number} */ to, /** @type {string} */ focus) => {
    wanted.current = [key, focus];
    editor.dispatch({ type: "move", key, to });
    announce(words.movedTo(nameOf(to), to + 1, editor.workout.exercises.length));
  };
  const count = () => editor.workout.exercises.length;
  const sorter = useRef(/** @type {Sorter | null} */ (null));
  sorter.current ??= new Sorter({
    onLift: (index) => {
      setLifted({ index, target: index });
      announce(words.lifted(nameOf(index), index + 1, count()));
    },
    onTarget: (index, target) => {
      setLifted({ index, target });
      announce(words.placed(nameOf(index), target + 1, count()));
    },
    onDrop: (index, target) => {
      setLifted(NONE);
      const { key } = editor.workout.exercises[index];
      wanted.current = [key, ".handle"];
      const name = nameOf(index);
      editor.dispatch({ type: "move", key, to: target });
      announce(words.dropped(name, target + 1, count()));
    },
    onCancel: (index) => {
      setLifted(NONE);
      announce(words.putBack(nameOf(index), index + 1));
    },
  });
  // Moved elements lose the focus.
  useLayoutEffect(() => {
    if (wanted.current !== null) {
      focusRow(...wanted.current);
      wanted.current = null;
    }
  });
  useLayoutEffect(() => () => sorter.current?.cancel(), []);
  const grab = (/** @type {PointerEvent} */ event, /** @type {number} */ index) => {
    if (event.button === 0 && list.current !== null) {
      follow(/** @type {Sorter} */ (sorter.current), event, list.current, index);
    }
  };
  const handleKey = (/** @type {KeyboardEvent} */ event, /** @type {number} */ index) => {
    if (list.current !== null && steer(/** @type {Sorter} */ (sorter.current), event, list.current, index)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const change = (/** @type {number} */ key, /** @type {any} */ fields, /** @type {string | null} */ tag) =>
    editor.dispatch({ type: "change", key, fields }, tag);
  const changeGroup = (/** @type {string} */ id, /** @type {any} */ fields, /** @type {string | null} */ tag) =>
    editor.dispatch({ type: "changeGroup", id, fields }, tag);
  const shape = (/** @type {string} */ id, /** @type {string} */ name) => {
    const secsOf = (/** @type {import("./workout.js").Item} */ item) =>
      numeric(item.duration, exercises.get(item.id)?.default_duration ?? DEFAULT_SECS);
    editor.dispatch({ type: "shape", id, name, secsOf });
    announce(words.templateDone(words.groupShapes[name]));
  };
  const dissolve = (/** @type {string} */ id) => {
    wanted.current = [items.find(({ group }) => group === id)?.key ?? 0, ".row-name"];
    editor.dispatch({ type: "dissolve", id });
    announce(words.dissolved);
  };
  const latest = useRef(/** @type {any} */ ({}));
  latest.current = { ...actions, change, changeGroup, shape, dissolve, move, grab, handleKey };
  const groups = new Map((workout.groups ?? []).map((group, index) => [group.id, { group, groupFault: groupFaults[index] }]));
  const stable = useMemo(() => steady(latest), []);
  const rows = useRef(/** @type {Map<number, {inputs: unknown[], row: any}>} */ (new Map()));
  /** A row, which is made again only when something of it has changed. @param {import("./workout.js").Item} item @param {number} index */
  const rowOf = (item, index) => {
    const exercise = exercises.get(item.id);
    const isKnown = exercises.size === 0;
    const [isSelected, isLifted, place] = [item.key === selected, index === lifted.index, placeOf(index, lifted)];
    const { group, groupFault } = groups.get(item.group ?? "") ?? {};
    const position = group === undefined ? "" : positionOf(items, index);
    const inputs = [item, index, items.length, exercise, isKnown, isSelected, isLifted, place, faults[index], group, position, groupFault];
    const made = rows.current.get(item.key);
    if (made?.inputs.every((input, at) => input === inputs[at])) {
      return made.row;
    }
    const row = html`
      <${Row}
        key=${item.key}
        item=${item}
        index=${index}
        count=${items.length}
        exercise=${exercise}
        isKnown=${isKnown}
        isSelected=${isSelected}
        isLifted=${isLifted}
        place=${place}
        group=${group}
        position=${position}
        faults=${faults[index] ?? NO_FAULTS}
        groupFaults=${groupFault ?? NO_FAULTS}
        actions=${stable}
      />
    `;
    if (rows.current.size > 2 * MOST_EXERCISES) {
      rows.current.clear();
    }
    rows.current.set(item.key, { inputs, row });
    return row;
  };
  return html`
    <p id="sort-help" class="unseen">${words.sortHelp}</p>
    <ol class=${items.length > LONG ? "rows long" : "rows"} ref=${list} onFocusOut=${() => editor.seal()}>
      ${items.map(rowOf)}
    </ol>
  `;
}

/** Functions that stay the same and call the latest ones. @param {{current: any}} latest @returns {import("./row.js").RowActions} */
function steady(latest) {
  const names = ["select", "swap", "duplicate", "remove", "group", "ungroup", "changeGroup", "shape", "dissolve", "change", "move", "grab", "handleKey"];
  const call = (/** @type {string} */ name) => (/** @type {unknown[]} */ ...values) => latest.current[name](...values);
  return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, call(name)])));
}

// Rows outside of the window of a longer list are not drawn.
const LONG = 40;
const NO_FAULTS = Object.freeze({});
const NONE = Object.freeze({ index: -1, target: -1 });

/** Where an item of a group is in it. @param {readonly import("./workout.js").Item[]} items @param {number} index */
function positionOf(items, index) {
  const { group } = items[index];
  const [hasBefore, hasAfter] = [items[index - 1]?.group === group, items[index + 1]?.group === group];
  return hasBefore ? (hasAfter ? "inner" : "last") : hasAfter ? "first" : "only";
}

/** Where a row is drawn while one is lifted. @param {number} at @param {{index: number, target: number}} lifted */
function placeOf(at, { index, target }) {
  if (at === index) {
    return target;
  }
  const isPassed = target > index ? at > index && at <= target : at >= target && at < index;
  return isPassed ? at + (target > index ? -1 : 1) : at;
}

/** Drags a row with a pointer until it is released; Escape puts it back. @param {Sorter} sorter @param {PointerEvent} event @param {HTMLElement} list @param {number} index */
function follow(sorter, event, list, index) {
  sorter.drop();
  const handle = /** @type {HTMLElement} */ (event.currentTarget);
  const { pointerId } = event;
  event.preventDefault();
  handle.focus({ preventScroll: true });
  handle.setPointerCapture(pointerId);
  sorter.lift(list, index, "pointer", event.clientY);
  const end = new AbortController();
  const { signal } = end;
  const done = (/** @type {() => void} */ finish) => {
    end.abort();
    finish();
  };
  handle.addEventListener("pointermove", ({ clientY }) => sorter.follow(clientY), { signal });
  handle.addEventListener("pointerup", () => done(() => sorter.drop()), { signal });
  handle.addEventListener("pointercancel", () => done(() => sorter.cancel()), { signal });
  addEventListener("keydown", (pressed) => pressed.key === "Escape" && done(() => sorter.cancel()), { signal, capture: true });
}

/** Lifts, moves and drops a row by keyboard; whether the key was one of these. @param {Sorter} sorter @param {KeyboardEvent} event @param {HTMLElement} list @param {number} index */
function steer(sorter, { key, altKey, ctrlKey, metaKey, currentTarget }, list, index) {
  if (altKey || ctrlKey || metaKey) {
    return false;
  }
  const isLifted = sorter.lifted !== null;
  if (key === " " || (key === "Enter" && isLifted)) {
    if (isLifted) {
      sorter.drop();
    } else {
      sorter.lift(list, index, "keyboard");
      // Leaving the handle drops the row where it is drawn.
      currentTarget?.addEventListener("blur", () => sorter.lifted?.by === "keyboard" && sorter.drop(), { once: true });
    }
    return true;
  }
  const steps = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
  if (isLifted && key in steps) {
    sorter.step(steps[/** @type {keyof typeof steps} */ (key)]);
    return true;
  }
  if (isLifted && key === "Escape") {
    sorter.cancel();
    return true;
  }
  return false;
}
