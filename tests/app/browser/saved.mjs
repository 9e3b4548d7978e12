// The saved workouts: renamed, duplicated, deleted and put back, deleted for good.
//
//   node saved.mjs BASE_URL

import assert from "node:assert/strict";

import { press, run, until } from "./support.mjs";

await run(async (world) => {
  const [{ id: exercise }] = await world.exercises(1);
  const mark = `Saved ${Date.now()}`;
  const id = await world.workout({ title: mark, exercises: [{ id: exercise, duration: 30 }], audio: {} });
  const page = await world.open("train");
  const item = async (title) => {
    const [found] = await page.$$(`::-p-xpath(//li[@class="saved-item"][.//*[text()="${title}"]])`);
    return found;
  };
  const titles = () => page.$$eval(".saved-title", (list) => list.map(({ textContent }) => textContent));
  const choose = async (title, entry) => {
    await until(titles, (list) => list.includes(title), "the list");
    const button = await (await item(title)).$("[aria-haspopup=menu]");
    await button.click();
    await page.waitForSelector(`[popover]:popover-open .menu-item:nth-child(${entry})`);
    await page.click(`[popover]:popover-open .menu-item:nth-child(${entry})`);
  };
  const document = async () => (await world.call("GET", `api/workouts/${id}`)).json?.document;

  await choose(mark, 1);
  await page.waitForSelector("dialog[open] input");
  await press(page, "Control+a");
  await page.keyboard.type(`${mark} renamed`);
  await page.keyboard.press("Enter");
  const title = `${mark} renamed`;
  await until(titles, (list) => list.includes(title), "the list");
  assert.deepEqual(await document(), { title, exercises: [{ id: exercise, duration: 30 }], audio: {} });

  await choose(title, 2);
  const copy = `${title} (copy)`;
  await until(titles, (list) => list.includes(copy), "the list");

  await choose(title, 3);
  await until(titles, (list) => !list.includes(title), "the list");
  await page.click(".toast-action");
  await until(titles, (list) => list.includes(title), "the list");
  assert.notEqual(await document(), undefined);

  await choose(copy, 3);
  await until(titles, (list) => !list.includes(copy), "the list");
  // What was not put back is deleted when the page is left.
  await page.goto(world.url("live"));
  const stored = async () => (await world.call("GET", "api/workouts?size=50")).json.workouts.map((workout) => workout.title);
  await until(stored, (list) => !list.includes(copy), "the list of the server");
  return { title };
});
