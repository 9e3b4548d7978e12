// When a workout is saved, and what happens when that fails.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Autosave } from "../../assets/app/train/autosave.js";

const document = (title) => ({ title, exercises: [{ id: "squat" }] });
const settled = () => new Promise((done) => setImmediate(done));

/** A server in memory, and timers that run when `tick` is called. */
function setUp() {
  const timers = new Set();
  const world = {
    sent: [],
    waits: [],
    fail: null,
    etag: 0,
    states: [],
    stored: null,
    async tick() {
      const due = [...timers];
      timers.clear();
      due.forEach((run) => run());
      await settled();
    },
  };
  const server = {
    async send(wanted, id, etag) {
      world.sent.push([wanted.title, id, etag]);
      if (world.fail !== null) {
        throw world.fail;
      }
      world.etag += 1;
      world.stored = wanted;
      return { id: id ?? "w1", etag: `"${world.etag}"`, updatedAt: "", document: wanted };
    },
    load: async (id) => ({ id, etag: '"other"', updatedAt: "", document: world.stored }),
    later(run, millis) {
      world.waits.push(millis);
      timers.add(run);
      return () => timers.delete(run);
    },
  };
  const autosave = new Autosave(server, () => world.states.push(autosave.state));
  return { world, autosave };
}

test("edits are saved together, first as a new workout and then with its ETag", async () => {
  const { world, autosave } = setUp();
  autosave.change(document("A"));
  autosave.change(document("B"));
  await world.tick();
  assert.deepEqual(world.sent, [["B", null, null]]);
  autosave.change(document("C"));
  await world.tick();
  assert.deepEqual(world.sent[1], ["C", "w1", '"1"']);
  assert.equal(autosave.state, "saved");
  assert.equal(autosave.isUnsaved, false);
});

test("an edit during a save is saved after it", async () => {
  const { world, autosave } = setUp();
  autosave.change(document("A"));
  const saving = world.tick();
  autosave.change(document("B"));
  await saving;
  await world.tick();
  assert.deepEqual(world.sent.map(([title]) => title), ["A", "B"]);
  assert.equal(autosave.isUnsaved, false);
});

test("a failed save is repeated, later each time, and at once by flush", async () => {
  const { world, autosave } = setUp();
  world.fail = { status: 503, isTemporary: true, retryAfterSecs: 60 };
  autosave.change(document("A"));
  await world.tick();
  assert.equal(autosave.state, "failed");
  assert.equal(world.waits.at(-1), 60_000);
  world.fail = { status: 0, isTemporary: true, retryAfterSecs: 0 };
  await world.tick();
  assert.ok(autosave.isUnsaved);
  world.fail = null;
  autosave.flush();
  await settled();
  assert.equal(autosave.state, "saved");
});

test("a workout that someone else has changed is a conflict until it is resolved", async () => {
  for (const whose of ["mine", "theirs"]) {
    const { world, autosave } = setUp();
    autosave.start("w1", '"1"');
    world.stored = document("Theirs");
    world.fail = { status: 412 };
    autosave.change(document("Mine"));
    await world.tick();
    assert.equal(autosave.state, "conflict");
    assert.equal(autosave.theirs.document.title, "Theirs");
    autosave.change(document("Mine too"));
    await world.tick();
    assert.equal(world.sent.length, 1);
    world.fail = null;
    autosave.resolve(whose);
    await world.tick();
    assert.deepEqual(world.sent.slice(1), whose === "mine" ? [["Mine too", "w1", '"other"']] : []);
    assert.equal(autosave.state, "saved");
    assert.equal(autosave.isUnsaved, false);
  }
});

test("a save whose answer was lost is no conflict", async () => {
  const { world, autosave } = setUp();
  autosave.start("w1", '"1"');
  world.stored = document("Mine");
  world.fail = { status: 412 };
  autosave.change(document("Mine"));
  await world.tick();
  assert.equal(autosave.state, "saved");
});

test("a workout that was deleted elsewhere is saved as a new one", async () => {
  const { world, autosave } = setUp();
  autosave.start("w1", '"1"');
  world.fail = { status: 404 };
  autosave.change(document("A"));
  await world.tick();
  world.fail = null;
  await world.tick();
  assert.deepEqual(world.sent[1], ["A", null, null]);
  assert.equal(autosave.state, "saved");
});

test("what the server rejects waits for the next edit, an empty workout for an exercise", async () => {
  const { world, autosave } = setUp();
  autosave.change({ exercises: [] });
  assert.equal(autosave.state, "empty");
  world.fail = { status: 422 };
  autosave.change(document("A"));
  await world.tick();
  await world.tick();
  assert.equal(autosave.state, "rejected");
  assert.equal(world.sent.length, 1);
  world.fail = null;
  autosave.change(document("B"));
  await world.tick();
  assert.equal(autosave.state, "saved");
});

test("a server without saved workouts is asked once", async () => {
  const { world, autosave } = setUp();
  world.fail = { status: 404 };
  autosave.change(document("A"));
  await world.tick();
  autosave.change(document("B"));
  autosave.flush();
  await world.tick();
  assert.equal(autosave.state, "unsupported");
  assert.equal(world.sent.length, 1);
  assert.ok(autosave.isUnsaved);
});
