// The library: search, filters that the address keeps, the clip under the pointer, details, and adding to a workout.
//
//   node library.mjs BASE_URL

import assert from "node:assert/strict";

import { names, run, tabTo, until, untilSaved } from "./support.mjs";

await run(async (world) => {
  const { json: all } = await world.call("GET", "api/exercises?language=en&size=500");
  const page = await world.open("library", { motion: "no-preference" });
  const shown = () => page.$$eval(".exercise-name", (list) => list.map(({ textContent }) => textContent));
  await until(shown, (list) => list.length === all.length, "the list");

  // The clip plays while the pointer is over the card.
  await page.hover(".exercise-open");
  await page.waitForFunction(() => document.querySelector(".exercise video")?.currentTime > 0);
  await page.hover("h1");
  await page.waitForFunction(() => document.querySelector(".exercise video") === null);

  // Search and a filter; both are in the address, and there after a reload.
  await page.keyboard.press("/");
  await page.keyboard.type(all[1].name);
  await until(shown, (list) => list.length < all.length && list[0] === all[1].name, "the list");
  await page.reload();
  await until(shown, (list) => list.length > 0 && list[0] === all[1].name, "the list");
  await page.click(".filters > .button");
  await until(shown, (list) => list.length === all.length, "the list");
  const level = all.find(({ difficulty }) => difficulty !== null).difficulty;
  await page.select('select[aria-label="Level"]', level);
  const matching = all.filter(({ difficulty }) => difficulty === level).length;
  await until(shown, (list) => list.length === matching, "the list");
  assert.match(page.url(), new RegExp(`level=${level}`));
  await page.click(".filters > .button");

  // Details by keyboard; from there into a workout, and another from its card.
  await tabTo(page, ".exercise-open");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".detail[open]");
  await page.click(".detail .main-action");
  await page.waitForSelector(".toast-action");
  await page.click(".exercise:nth-child(2) .exercise-add");
  await until(() => page.$$eval(".toast", (list) => list.length), (count) => count === 2, "the toasts");
  await page.click(".toast-action");
  await until(() => names(page), (list) => list.length === 2, "the workout");
  await untilSaved(page);
  const document = await world.saved(page);
  assert.deepEqual(document.exercises.map(({ id }) => id), [all[0].id, all[1].id]);
  return { exercises: all.length };
});
