// The workout, its edits, undo and redo, and its times.

import assert from "node:assert/strict";
import { test } from "node:test";

import { toExercise } from "../../assets/app/catalogue.js";
import { DEPTH, edit, parseHistory, redo, seal, startHistory, undo } from "../../assets/app/train/history.js";
import { reduce } from "../../assets/app/train/reducer.js";
import { lastFrameAt, muscleBalance, schedule, stepAt } from "../../assets/app/train/schedule.js";
import { TEMPLATE_NAMES, applyTemplate } from "../../assets/app/train/templates.js";
import { EMPTY, fromDocument, isSame, numeric, toDocument } from "../../assets/app/train/workout.js";

const catalogue = (...exercises) => new Map(exercises.map((json) => [json.id, toExercise(json)]));
const SQUAT = { id: "squat", name: "Squat", muscles: ["quadriceps"], secondary_muscles: ["glutes"] };
const PLANK = { id: "plank", name: "Plank", default_duration: 12.5, categories: ["core"] };
const CATALOGUE = catalogue(SQUAT, PLANK);

/** Numbers from 0 to below 1 that are the same in each run (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function randomAction(next, workout) {
  const pick = (values) => values[Math.floor(next() * values.length)];
  const key = pick(workout.exercises)?.key ?? 0;
  const secs = Math.round(next() * 1000) / 10;
  return pick([
    () => ({ type: "add", items: [{ id: pick(["squat", "plank"]), duration: secs + 1 }], at: Math.floor(next() * 20) }),
    () => ({ type: "add", items: [{ id: "squat" }, { id: "plank", rest: 0 }] }),
    () => ({ type: "remove", key }),
    () => ({ type: "duplicate", key }),
    () => ({ type: "move", key, to: Math.floor(next() * 20) }),
    () => ({ type: "change", key, fields: { duration: pick([undefined, secs + 1]), rest: secs } }),
    () => ({ type: "change", key, fields: { speed: pick([undefined, 0.5, 1.25]) } }),
    () => ({ type: "changeAll", fields: { rest: Math.round(secs) } }),
    () => ({ type: "swap", key, id: pick(["squat", "plank"]) }),
    () => ({ type: "set", fields: { rounds: 1 + Math.floor(next() * 5), title: pick(["A", "B", undefined]) } }),
    () => ({ type: "set", fields: { intensity: pick(["facile", "moyen", "intense"]), theme: pick(["ocean", undefined]) } }),
    () => ({ type: "template", name: pick(TEMPLATE_NAMES) }),
    () => ({ type: "group", key }),
    () => ({ type: "ungroup", key }),
    () => ({ type: "changeGroup", id: pick(workout.groups ?? [{ id: "" }]).id, fields: { rounds: pick([undefined, 2]), title: "Legs" } }),
    () => ({ type: "replace", document: { exercises: [{ id: "plank" }, { id: "squat", rest: 5 }], audio: {} } }),
  ])();
}

test("a document stays as it is, with the fields that the builder does not know", () => {
  const document = {
    title: "Morning",
    audio: { cues: { style: "voice" } },
    exercises: [{ id: "squat", duration: "30000/1001", say: "Heels down.", rest: 0 }, { id: "plank" }],
  };
  assert.deepEqual(toDocument(fromDocument(document)), document);
});

test("items move, are copied, changed and removed", () => {
  let workout = fromDocument({ exercises: [{ id: "a" }, { id: "b" }, { id: "c" }] });
  const ids = () => workout.exercises.map(({ id }) => id).join("");
  workout = reduce(workout, { type: "move", key: 1, to: 2 });
  assert.equal(ids(), "bca");
  workout = reduce(workout, { type: "move", key: 1, to: -5 });
  assert.equal(ids(), "abc");
  workout = reduce(workout, { type: "duplicate", key: 2 });
  assert.equal(ids(), "abbc");
  assert.equal(new Set(workout.exercises.map(({ key }) => key)).size, 4);
  workout = reduce(workout, { type: "swap", key: 3, id: "x" });
  workout = reduce(workout, { type: "remove", key: 1 });
  assert.equal(ids(), "bbx");
  workout = reduce(workout, { type: "change", key: 2, fields: { rest: 0, duration: 20 } });
  workout = reduce(workout, { type: "change", key: 2, fields: { duration: undefined } });
  assert.deepEqual(toDocument(workout).exercises[0], { id: "b", rest: 0 });
});

test("an edit that changes nothing leaves the same workout", () => {
  const workout = fromDocument({ title: "A", exercises: [{ id: "a", rest: 5 }] });
  const same = [
    { type: "remove", key: 9 },
    { type: "move", key: 1, to: 7 },
    { type: "change", key: 1, fields: { rest: 5, speed: undefined } },
    { type: "set", fields: { title: "A", rounds: undefined } },
    { type: "add", items: [] },
  ];
  same.forEach((action) => assert.equal(reduce(workout, action), workout, action.type));
  assert.equal(applyTemplate(EMPTY, "tabata"), EMPTY);
});

test("a document holds at most 1000 exercises", () => {
  const items = Array.from({ length: 999 }, () => ({ id: "a" }));
  const workout = reduce(EMPTY, { type: "add", items });
  assert.equal(reduce(workout, { type: "add", items }).exercises.length, 1000);
});

test("a thousand random edits are undone and redone byte by byte", () => {
  const next = random(20261128);
  let history = startHistory(EMPTY);
  const snapshots = [JSON.stringify(history.present)];
  while (snapshots.length <= 1000) {
    const edited = edit(history, randomAction(next, history.present));
    if (edited !== history) {
      history = edited;
      snapshots.push(JSON.stringify(history.present));
    }
    // Now and then back and forth, which changes nothing.
    if (next() < 0.1) {
      const steps = Math.floor(next() * DEPTH);
      for (let step = 0; step < steps; step += 1) history = undo(history);
      for (let step = 0; step < steps; step += 1) history = redo(history);
    }
  }
  assert.equal(history.past.length, DEPTH);
  const end = JSON.stringify(history.present);
  for (let step = 1; step <= DEPTH; step += 1) {
    history = undo(history);
    assert.equal(JSON.stringify(history.present), snapshots[1000 - step]);
  }
  assert.equal(undo(history), history);
  // As after a reload.
  history = parseHistory(JSON.stringify(history));
  for (let step = 0; step < DEPTH; step += 1) history = redo(history);
  assert.equal(JSON.stringify(history.present), end);
  assert.equal(redo(history), history);
});

test("steps of one value are undone together, until they are sealed", () => {
  let history = startHistory(fromDocument({ exercises: [{ id: "a" }] }));
  const change = (duration) => (history = edit(history, { type: "change", key: 1, fields: { duration } }, "duration 1"));
  [35, 40, 45].forEach(change);
  assert.equal(history.past.length, 1);
  history = seal(history);
  change(50);
  assert.equal(history.past.length, 2);
  assert.equal(undo(undo(history)).present.exercises[0].duration, undefined);
});

test("text that is no history is none", () => {
  [null, "", "{}", "[]", '{"present":{},"past":[],"future":[]}'].forEach((text) => assert.equal(parseHistory(text), null));
});

test("times are those of the server", () => {
  const frames = (document) =>
    schedule(fromDocument(document), CATALOGUE).steps.map(({ kind, start, end }) => {
      const fps = document.fps ?? 30;
      return [kind, Math.round(start * fps), Math.round(end * fps)];
    });
  // The cases of crates/model/src/workout/schedule.rs.
  assert.deepEqual(frames({ intensity: "facile", exercises: [{ id: "squat", duration: 30, rest: 10 }, { id: "plank" }] }), [
    ["exercise", 0, 630],
    ["rest", 630, 930],
    ["exercise", 930, 1193],
  ]);
  const rounds = { rounds: 2, rest_between_rounds: 2, fps: 25 };
  const exercises = [{ id: "squat", duration: 1 }, { id: "plank", duration: 1, rest: 1 }];
  assert.deepEqual(frames({ ...rounds, exercises }), [
    ["exercise", 0, 25],
    ["exercise", 25, 50],
    ["rest", 50, 125],
    ["exercise", 125, 150],
    ["exercise", 150, 175],
    ["rest", 175, 200],
  ]);
  const screens = { intro: true, get_ready: 3, outro: true, fps: 25, exercises: [{ id: "squat", duration: 1, rest: 2 }] };
  assert.deepEqual(frames(screens).map(([kind, , end]) => [kind, end]), [
    ["intro", 100],
    ["get_ready", 175],
    ["exercise", 200],
    ["rest", 250],
    ["outro", 400],
  ]);
  assert.deepEqual(frames({ intro: false, get_ready: 0, exercises: [{ id: "squat", duration: 1 }] }), [["exercise", 0, 30]]);
});

test("boundaries do not drift", () => {
  const exercises = Array.from({ length: 300 }, () => ({ id: "squat", duration: "1001/3000" }));
  const times = schedule(fromDocument({ exercises, rounds: 3 }), CATALOGUE);
  assert.ok(Math.abs(times.total - 300.3) < 1 / 30, `${times.total}`);
});

test("work, rest, the step at a time and the last frame", () => {
  const workout = fromDocument({ rounds: 2, exercises: [{ id: "squat", duration: 20, rest: 10 }, { id: "plank", rest: 0 }] });
  const times = schedule(workout, CATALOGUE);
  assert.deepEqual([times.total, times.work, times.rest], [85, 65, 20]);
  assert.equal(stepAt(times, 25)?.kind, "rest");
  assert.equal(stepAt(times, 900)?.round, 2);
  assert.ok(lastFrameAt(times) < 85 && lastFrameAt(times) > 84.9);
  assert.equal(schedule(EMPTY, CATALOGUE).total, 0);
});

test("muscles are counted by the time they work", () => {
  const workout = fromDocument({ exercises: [{ id: "squat", duration: 20 }, { id: "plank", duration: 5 }, { id: "gone" }] });
  const balance = muscleBalance(workout, schedule(workout, CATALOGUE), CATALOGUE);
  assert.deepEqual(balance, [
    { muscle: "quadriceps", secs: 20 },
    { muscle: "glutes", secs: 10 },
    { muscle: "core", secs: 5 },
  ]);
});

test("templates fill the times", () => {
  const workout = fromDocument({ intensity: "facile", exercises: Array.from({ length: 5 }, () => ({ id: "squat", say: "Go" })) });
  const durations = (name) => applyTemplate(workout, name).exercises.map(({ duration, rest }) => `${duration}/${rest}`);
  assert.deepEqual(durations("tabata"), Array(5).fill("20/10"));
  assert.deepEqual(durations("pyramid"), ["20/15", "30/15", "40/15", "30/15", "20/15"]);
  for (const name of TEMPLATE_NAMES) {
    const filled = applyTemplate(workout, name);
    assert.equal(filled.intensity, "moyen");
    assert.equal(filled.exercises[0].say, "Go");
    assert.ok(filled.rounds >= 1 && filled.rounds <= 100);
  }
  // Each minute starts an exercise.
  const emom = schedule(applyTemplate(workout, "emom"), CATALOGUE);
  assert.ok(emom.steps.filter(({ kind }) => kind === "exercise").every(({ start }) => start % 60 === 0));
});

test("documents are the same without what is usual, in any order of fields", () => {
  const one = { title: "A", rounds: 1, exercises: [{ id: "a", rest: 0, duration: 5 }], theme: "midnight" };
  assert.ok(isSame(one, { exercises: [{ duration: 5, id: "a", speed: 1 }], title: "A" }));
  assert.ok(!isSame(one, { ...one, exercises: [{ id: "a", duration: 5, rest: 1 }] }));
  assert.ok(!isSame(one, { ...one, exercises: [...one.exercises, ...one.exercises] }));
});

test("numbers of documents may be fractions", () => {
  assert.equal(numeric("30000/1001", 0).toFixed(3), "29.970");
  assert.deepEqual([numeric(2, 0), numeric("x", 7), numeric("", 7), numeric("1/0", 7), numeric(undefined, 7)], [2, 7, 7, 7, 7]);
});

/** The groups of the items, as letters: "-" for none. */
const groupsOf = ({ exercises, groups = [] }) =>
  exercises.map(({ group }) => (group === undefined ? "-" : "abc"[groups.findIndex(({ id }) => id === group)])).join("");

test("items are put into groups and taken out of them", () => {
  let workout = fromDocument({ exercises: [..."12345"].map((id) => ({ id })) });
  const does = (action) => {
    workout = reduce(workout, action);
    return groupsOf(workout);
  };
  assert.equal(does({ type: "group", key: 1 }), "-----");
  assert.equal(does({ type: "group", key: 3 }), "-aa--");
  assert.equal(does({ type: "group", key: 4 }), "-aaa-");
  assert.equal(does({ type: "group", key: 2 }), "aaaa-");
  assert.deepEqual(workout.groups, [{ id: "group-1", rounds: 3 }]);
  // One from the middle goes behind the group.
  assert.equal(does({ type: "ungroup", key: 2 }), "aaa--");
  assert.deepEqual(workout.exercises.map(({ id }) => id).join(""), "13425");
  assert.equal(does({ type: "ungroup", key: 1 }), "-aa--");
  assert.equal(does({ type: "group", key: 5 }), "-aabb");
  // Groups that touch become one.
  assert.equal(does({ type: "group", key: 2 }), "-aaaa");
  assert.equal(does({ type: "dissolve", id: "group-1" }), "-----");
  assert.equal("groups" in toDocument(workout), false);
});

test("a group stays whole when items move", () => {
  const start = fromDocument({
    groups: [{ id: "x", rounds: 2 }],
    exercises: [{ id: "1" }, { id: "2", group: "x" }, { id: "3", group: "x" }, { id: "4" }],
  });
  const moved = (key, to) => groupsOf(reduce(start, { type: "move", key, to }));
  assert.equal(moved(1, 1), "aaa-", "between two of a group");
  assert.equal(moved(2, 0), "--a-", "away from it");
  assert.equal(moved(2, 2), "-aa-", "within it");
  assert.equal(moved(4, 0), "--aa");
  const without = reduce(reduce(start, { type: "remove", key: 2 }), { type: "remove", key: 3 });
  assert.equal("groups" in without, false);
  // Of a group that is gone, an item is put back alone.
  assert.equal(groupsOf(reduce(without, { type: "add", items: [start.exercises[1]], at: 1 })), "---");
  assert.equal(groupsOf(reduce(start, { type: "duplicate", key: 3 })), "-aaa-");
  assert.equal(groupsOf(reduce(start, { type: "add", items: [{ id: "5" }], at: 2 })), "-aaa-");
  assert.equal("groups" in reduce(start, { type: "template", name: "tabata" }), false);
});

test("groups have the times of the server", () => {
  const times = (document) => {
    const { steps, total } = schedule(fromDocument(document), CATALOGUE);
    return [total, steps.map(({ kind, start, set }) => `${kind[0]}${start}/${set}`).join(" ")];
  };
  const items = (...lengths) => lengths.map(([duration, rest, group]) => ({ id: "squat", duration, rest, ...(group ? { group } : {}) }));
  const sets = { fps: 25, rounds: 2, rest_between_rounds: 5, groups: [{ id: "a", rounds: 2, rest_between_rounds: 3, rest: 4 }] };
  const [total, shown] = times({ ...sets, exercises: items([1, 0], [2, 1, "a"], [1, 0, "a"]) });
  assert.equal(total, 37);
  assert.equal(shown.slice(0, 48), "e0/1 e1/1 r3/1 e4/1 r5/1 e8/2 r10/2 e11/2 r12/1 ");
  const every = { fps: 25, intensity: "facile", groups: [{ id: "a", every: 60 }], exercises: items([40, 99, "a"]) };
  assert.deepEqual(times(every), [60, "e0/1 r28/1"]);
  const until = { fps: 25, groups: [{ id: "a", duration: 10, rest: 2 }], exercises: items([3, 0, "a"], [4, 1, "a"]) };
  assert.deepEqual(times(until), [12, "e0/1 e3/1 r7/1 e8/2 r10/1"]);
  // Not without an end.
  assert.equal(schedule(fromDocument({ groups: [{ id: "a", duration: 43200 }], exercises: items([0.1, 0, "a"]) }), CATALOGUE).steps.length, 1000);
});

test("groups take shapes", () => {
  const start = fromDocument({ groups: [{ id: "x" }], exercises: [{ id: "1", group: "x", duration: 90 }, { id: "2", group: "x" }] });
  const shaped = (name, from = start) => reduce(from, { type: "shape", id: "x", name, secsOf: ({ duration = 30 }) => duration });
  assert.deepEqual(shaped("emom").groups, [{ id: "x", rounds: 5, every: 60 }]);
  assert.deepEqual(shaped("emom").exercises.map(({ duration }) => duration), [40, undefined]);
  assert.deepEqual(shaped("amrap", shaped("emom")).groups, [{ id: "x", duration: 720 }]);
  assert.deepEqual(shaped("tabata", shaped("amrap")).groups, [{ id: "x", rounds: 4 }]);
  assert.deepEqual(toDocument(shaped("tabata")).exercises[1], { id: "2", group: "x", duration: 20, rest: 10 });
});
