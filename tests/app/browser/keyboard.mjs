// Builds a session of ten exercises by keyboard alone: adds, moves, changes times, undoes, saves, previews and plays it.
//
//   node keyboard.mjs BASE_URL
//
// Standard output is one JSON object: how long the frames of the preview took, in milliseconds, and what was announced.

import assert from "node:assert/strict";

import { focused, names, press, run, said, tabTo, until, untilSaved } from "./support.mjs";

const COUNT = 10;
// Longer than a frame takes.
const QUIET_MILLIS = 1200;

/** The value of a function when it stays the same for a while. */
async function settled(get) {
  for (let last = await get(); ; ) {
    await new Promise((done) => setTimeout(done, QUIET_MILLIS));
    const next = await get();
    if (next === last) {
      return next;
    }
    last = next;
  }
}

await run(async (world) => {
  const exercises = await world.exercises(COUNT);
  const page = await world.open("train/new");
  await page.waitForSelector(".empty");

  // The picker stays open; Enter adds the first match.
  await press(page, "a");
  await page.waitForSelector(".picker[open] .pick");
  for (const [index, { name }] of exercises.entries()) {
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await until(() => names(page), (list) => list.length === index + 1, "the list");
  }
  assert.match(await said(page), /10 exercises/);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".picker", { hidden: true });
  const added = await names(page);
  assert.deepEqual(added, exercises.map(({ name }) => name));

  // Lifted, moved by two places, dropped; the focus stays on the handle.
  await tabTo(page, ".row:nth-child(2) .handle");
  await page.keyboard.press("Space");
  const announced = [await said(page)];
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  announced.push(await said(page));
  await page.keyboard.press("Space");
  const moved = [added[0], added[2], added[3], added[1], ...added.slice(4)];
  await until(() => names(page), (list) => list.join() === moved.join(), "the order");
  announced.push(await said(page));
  assert.match(announced[1], /place 4 of 10/);
  assert.match((await focused(page)).label, /, 4 of 10$/);

  // Lifted, moved, put back.
  await page.keyboard.press("Space");
  await page.keyboard.press("End");
  await page.keyboard.press("Escape");
  assert.deepEqual(await names(page), moved);
  announced.push(await said(page));
  assert.match(announced[3], /back at place 4/);

  // A place that is typed.
  await page.keyboard.press("Tab");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  const first = [added[1], added[0], ...added.slice(2)];
  await until(() => names(page), (list) => list.join() === first.join(), "the order");
  assert.equal((await focused(page)).value, "1");

  // Work and rest of the first item, by arrows and typed; the total follows.
  await tabTo(page, ".row:first-child .row-fields input");
  await page.keyboard.type("1:00");
  await page.keyboard.press("Tab");
  await press(page, "ArrowUp");
  await press(page, "ArrowUp");
  await press(page, "Shift+ArrowUp");
  const rest = await focused(page);
  assert.equal(rest.value, "11");

  // Rounds.
  await tabTo(page, "#rounds");
  await page.keyboard.type("2");
  await page.keyboard.press("Tab");
  await page.keyboard.type("90");
  await page.keyboard.press("Enter");
  const total = await page.$eval("#total", ({ textContent }) => textContent);

  // A title, from the start of the page.
  await page.focus("body");
  await tabTo(page, ".title", "Shift+Tab");
  await page.keyboard.type("Ten by keyboard");
  await page.keyboard.press("Enter");
  await untilSaved(page);
  const document = await world.saved(page);
  assert.equal(document.title, "Ten by keyboard");
  assert.deepEqual([document.rounds, document.rest_between_rounds], [2, 90]);
  assert.deepEqual(document.exercises[0], { id: exercises[1].id, duration: 60, rest: 11 });

  // Duplicated and deleted, undone and done again.
  await tabTo(page, ".row:first-child .row-name");
  await press(page, "d");
  await until(() => names(page), (list) => list.length === COUNT + 1, "the list");
  await press(page, "Delete");
  await until(() => names(page), (list) => list.length === COUNT, "the list");
  await press(page, "Control+z");
  await press(page, "Control+z");
  await until(() => names(page), (list) => list.join() === first.join(), "the order");
  await press(page, "Control+Shift+z");
  await until(() => names(page), (list) => list.length === COUNT + 1, "the list");
  await press(page, "Control+z");

  // The keys are explained.
  await press(page, "?");
  await page.waitForSelector(".keys");
  await page.keyboard.press("Escape");

  // The preview follows an edit.
  const frame = () => page.$eval(".frame img", ({ src }) => src).catch(() => "");
  const millis = [];
  await until(frame, (src) => src !== "", "the preview");
  for (let edit = 0; edit < 5; edit += 1) {
    await tabTo(page, ".row:first-child .row-fields input");
    const before = await settled(frame);
    const start = performance.now();
    await press(page, "ArrowUp");
    await until(frame, (src) => src !== before, "the preview");
    millis.push(Math.round(performance.now() - start));
  }
  const described = await page.$eval(".frame img", ({ alt }) => alt);
  assert.ok(described.includes(first[0]), described);

  // The timeline: to the next item and back.
  await tabTo(page, ".ribbon-cursor", "Shift+Tab");
  await page.keyboard.press("PageDown");
  const text = await focused(page).then(() => page.$eval(".ribbon-cursor", (slider) => slider.getAttribute("aria-valuetext")));
  assert.match(text, /Rest, round 1 of 2/);

  // Played from here, changed while it plays, stopped.
  await press(page, "p");
  const player = await page.waitForSelector("iframe.player");
  const id = new URL(await player.evaluate(({ src }) => src)).pathname.split("/").at(-2);
  const inside = await player.contentFrame();
  await inside.waitForFunction(() => document.querySelector("video")?.currentTime > 0);
  await tabTo(page, ".row:first-child .row-fields input");
  await press(page, "ArrowUp");
  const items = async () => (await world.call("GET", `api/live/${id}`)).json.items;
  const shown = await page.$eval(".row:first-child .row-fields input", (input) => Number(input.getAttribute("aria-valuenow")));
  await until(items, (list) => Math.abs(list[0].end - list[0].start - shown) < 0.05, "the first item that plays");
  await tabTo(page, ".row:first-child .row-name", "Shift+Tab");
  await press(page, "p");
  await page.waitForSelector("iframe.player", { hidden: true });
  await untilSaved(page);
  await world.saved(page);
  return { millis, announced, total };
});
