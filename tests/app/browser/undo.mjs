// Undo and redo over a reload: what was done is undone to the start and done again, and ends byte-equal.
//
//   node undo.mjs BASE_URL

import assert from "node:assert/strict";

import { names, press, run, tabTo, until, untilSaved } from "./support.mjs";

await run(async (world) => {
  const exercises = await world.exercises(6);
  const original = { title: "Undo", exercises: exercises.map(({ id }) => ({ id, duration: 30 })), audio: { cues: { style: "beeps" } } };
  const id = await world.workout(original);
  const page = await world.open(`train/${id}`);
  await page.waitForSelector(".row");
  // The server leaves out what is usual.
  const document = async () => (await world.call("GET", `api/workouts/${id}`)).json.document;
  const order = await names(page);
  const start = JSON.stringify(await document());

  await tabTo(page, ".row:nth-child(1) .row-name");
  await press(page, "Alt+ArrowDown");
  await until(() => names(page), (list) => list[1] === order[0], "the order");
  await press(page, "Delete");
  await until(() => names(page), (list) => list.length === 5, "the list");
  await tabTo(page, "#rounds");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await page.click('input[name="format"][value="9:16"]');
  await page.click('input[name="theme"][value="ocean"]');
  await page.click('input[name="intensity"][value="facile"]');
  await page.click(".templates");
  await page.waitForSelector("[popover]:popover-open .menu-item");
  await page.click("[popover]:popover-open .menu-item");
  await untilSaved(page);
  const edited = JSON.stringify(await document());
  assert.notEqual(edited, start);

  await page.reload();
  await page.waitForSelector(".row");
  const canUndo = () => page.$eval('[aria-keyshortcuts="Control+Z"]', (button) => button.ariaDisabled !== "true");
  let steps = 0;
  while (await canUndo()) {
    await press(page, "Control+z");
    steps += 1;
  }
  await until(async () => JSON.stringify(await document()), (text) => text === start, "the document");
  for (let step = 0; step < steps; step += 1) {
    await press(page, "Control+Shift+z");
  }
  await until(async () => JSON.stringify(await document()), (text) => text === edited, "the document");
  return { steps };
});
