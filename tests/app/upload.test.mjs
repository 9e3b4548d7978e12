// Uploads: archives of picture sequences, transfers that are interrupted, and the list of them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bodyOf, fieldsOf, nameOf } from "../../assets/app/upload/fields.js";
import { MOST_BYTES, clipsOf } from "../../assets/app/upload/files.js";
import { Rate } from "../../assets/app/upload/rate.js";
import { inOrder, pack, sequenceName } from "../../assets/app/upload/tar.js";
import { CHUNK_BYTES, Transfer } from "../../assets/app/upload/transfer.js";

const settled = () => new Promise((done) => setImmediate(done));
const problem = (status) => Object.assign(new Error(String(status)), { status, isTemporary: status === 0 || status >= 500 });

/** A server in memory. `fail` is what the next call fails with; `hold` keeps chunks until they are released. */
function fakeServer() {
  const world = { uploads: new Map(), calls: [], fail: [], isHeld: false, release: null, now: 0 };
  const call = (name, ...about) => {
    world.calls.push([name, ...about]);
    const failure = world.fail[0];
    if (failure !== undefined && failure.call === name) {
      world.fail.shift();
      throw failure.problem;
    }
  };
  world.server = {
    async create(name, length) {
      call("create", name, length);
      const id = `u${world.uploads.size + 1}`;
      world.uploads.set(id, { bytes: 0, length });
      return id;
    },
    async offset(id) {
      call("offset", id);
      if (!world.uploads.has(id)) {
        throw problem(404);
      }
      return world.uploads.get(id).bytes;
    },
    async send(id, offset, chunk, onSent, signal) {
      call("send", id, offset, chunk.size);
      world.now += 1000;
      onSent(chunk.size / 2);
      if (world.isHeld) {
        await new Promise((done, failed) => {
          world.release = done;
          signal.addEventListener("abort", () => failed(problem(0)));
        });
      }
      const upload = world.uploads.get(id);
      assert.equal(offset, upload.bytes);
      upload.bytes += chunk.size;
      return upload.bytes;
    },
    async remove(id) {
      call("remove", id);
      world.uploads.delete(id);
    },
    now: () => world.now,
    wait: async (millis) => void world.calls.push(["wait", millis]),
  };
  return world;
}

const SIZE = 2 * CHUNK_BYTES + 5;
const file = new Blob([new Uint8Array(SIZE)]);
const names = (world) => world.calls.map(([name]) => name);

test("a file is sent in chunks", async () => {
  const world = fakeServer();
  const seen = [];
  const transfer = new Transfer(world.server, { file, name: "a.mov" }, () => seen.push([transfer.state, transfer.sent]));
  await transfer.start();
  assert.deepEqual(world.calls.map(([name, , offset]) => [name, offset]), [
    ["create", SIZE],
    ["send", 0],
    ["send", CHUNK_BYTES],
    ["send", 2 * CHUNK_BYTES],
  ]);
  assert.deepEqual([transfer.state, transfer.sent, transfer.id], ["sent", SIZE, "u1"]);
  assert.ok(seen.some(([state, sent]) => state === "sending" && sent === CHUNK_BYTES / 2));
});

test("after an interruption it asks what has arrived and goes on there", async () => {
  const world = fakeServer();
  world.fail = [{ call: "send", problem: problem(0) }, { call: "offset", problem: problem(503) }];
  const transfer = new Transfer(world.server, { file, name: "a.mov" }, () => undefined);
  await transfer.start();
  assert.deepEqual(names(world), ["create", "send", "wait", "offset", "wait", "offset", "send", "send", "send"]);
  assert.deepEqual(world.calls.filter(([name]) => name === "wait").map(([, millis]) => millis), [1000, 2000]);
  assert.equal(transfer.state, "sent");
});

test("a chunk whose answer was lost is not sent twice", async () => {
  const world = fakeServer();
  world.uploads.set("old", { bytes: CHUNK_BYTES, length: SIZE });
  world.fail = [{ call: "send", problem: problem(409) }];
  const transfer = new Transfer(world.server, { file, name: "a.mov", id: "old" }, () => undefined);
  await transfer.start();
  assert.deepEqual(world.calls.filter(([name]) => name === "send").map(([, , offset]) => offset), [CHUNK_BYTES, CHUNK_BYTES, 2 * CHUNK_BYTES]);
  assert.equal(transfer.state, "sent");
});

test("an upload that has expired is begun again", async () => {
  const world = fakeServer();
  const transfer = new Transfer(world.server, { file, name: "a.mov", id: "expired" }, () => undefined);
  await transfer.start();
  assert.deepEqual(names(world), ["offset", "wait", "create", "send", "send", "send"]);
  assert.deepEqual([transfer.state, transfer.id], ["sent", "u1"]);
});

test("it is paused within a chunk, and resumed", async () => {
  const world = fakeServer();
  world.isHeld = true;
  const transfer = new Transfer(world.server, { file, name: "a.mov" }, () => undefined);
  const running = transfer.start();
  await settled();
  transfer.pause();
  await running;
  assert.equal(transfer.state, "paused");
  world.isHeld = false;
  await transfer.start();
  assert.deepEqual(names(world), ["create", "send", "offset", "send", "send", "send"]);
  assert.equal(transfer.state, "sent");
});

test("what the server rejects fails at once, and what is canceled is removed", async () => {
  const world = fakeServer();
  world.fail = [{ call: "create", problem: problem(413) }];
  const transfer = new Transfer(world.server, { file, name: "a.mov" }, () => undefined);
  await transfer.start();
  assert.deepEqual([transfer.state, transfer.problem.status], ["failed", 413]);
  world.isHeld = true;
  const running = transfer.start();
  await settled();
  await transfer.cancel();
  await running;
  assert.deepEqual([transfer.state, world.uploads.size], ["canceled", 0]);
});

test("the rate is smoothed", () => {
  const rate = new Rate();
  rate.add(0, 0);
  assert.equal(rate.value, 0);
  rate.add(1000, 1000);
  assert.equal(rate.value, 1000);
  rate.add(1100, 1050);
  assert.equal(rate.value, 1000);
  rate.add(1000, 4000);
  assert.equal(Math.round(rate.value), 500);
});

test("a sequence is an archive of numbered pictures in the order of their names", async () => {
  const pictures = ["f10.png", "f2.png", "f1.png"].map((name) => new File([name], name));
  assert.deepEqual(inOrder(pictures).map(({ name }) => name), ["f1.png", "f2.png", "f10.png"]);
  const bytes = new Uint8Array(await pack(inOrder(pictures)).arrayBuffer());
  assert.equal(bytes.length, 3 * 1024 + 1024);
  const text = (from, to) => new TextDecoder().decode(bytes.slice(from, to)).replaceAll("\0", "");
  assert.deepEqual([0, 1024, 2048].map((at) => [text(at, at + 100), text(at + 512, at + 520)]), [
    ["000001.png", "f1.png"],
    ["000002.png", "f2.png"],
    ["000003.png", "f10.png"],
  ]);
  assert.deepEqual([text(124, 136), text(156, 157), text(257, 262)], ["00000000006", "0", "ustar"]);
  // The sum of all bytes, with spaces for the sum itself.
  const header = bytes.slice(0, 512);
  const sum = parseInt(text(148, 154), 8);
  header.fill(32, 148, 156);
  assert.equal(sum, header.reduce((all, byte) => all + byte, 0));
  assert.deepEqual(["swing_0001.png", "12.png", "my clip 3.png"].map(sequenceName), ["swing.tar", "sequence.tar", "my clip.tar"]);
});

test("files are clips, sequences, or neither", () => {
  const files = (...list) => list.map((name) => new File(["x"], name));
  const { clips, unknown, alone } = clipsOf(files("a.MOV", "b.webm", "2.png", "1.png", "notes.txt"));
  assert.deepEqual(clips.map(({ name }) => name), ["a.MOV", "b.webm", "sequence.tar"]);
  assert.deepEqual([unknown, alone], [["notes.txt"], []]);
  assert.deepEqual(clipsOf(files("one.png")).alone, ["one.png"]);
  const large = { name: "large.mp4", size: MOST_BYTES + 1 };
  assert.deepEqual(clipsOf([large, new File([], "empty.gif")]).tooLarge, ["large.mp4", "empty.gif"]);
});

test("the fields of an exercise become the body of a request", () => {
  const upload = { upload_id: "u1", filename: "air_squat-2.mov", clip: { has_alpha: true, alpha: "straight" } };
  const fields = fieldsOf(undefined, upload);
  assert.deepEqual([fields.name, fields.alpha, fields.sides, fields.default_speed], ["Air squat 2", "straight", "both", "1"]);
  const body = bodyOf({ ...fields, name: " Squat ", met: "5,5", muscles: ["glutes"] }, "u1");
  assert.deepEqual([body.name, body.met, body.difficulty, body.default_duration], ["Squat", 5.5, null, null]);
  assert.deepEqual([body.upload_id, body.alpha, "club_id" in body, body.muscles], ["u1", "straight", false, ["glutes"]]);
  const edited = bodyOf(fieldsOf({ ...body, club_id: "c" }, null), null);
  assert.deepEqual(["upload_id" in edited, "alpha" in edited, edited.club_id, edited.met], [false, false, "c", 5.5]);
  assert.equal(nameOf("pistolSquat.webm"), "PistolSquat");
});
