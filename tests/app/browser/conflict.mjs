// A workout that is changed in two places: the dialog, its two choices, and an edit without a connection.
//
//   node conflict.mjs BASE_URL

import assert from "node:assert/strict";

import { press, run, until, untilSaved } from "./support.mjs";

const retitle = async (page, title) => {
  await page.click(".title");
  await press(page, "Control+a");
  await page.keyboard.type(title);
  await page.keyboard.press("Enter");
};

await run(async (world) => {
  const [{ id: exercise }] = await world.exercises(1);
  const original = { title: "Original", exercises: [{ id: exercise, duration: 30 }] };
  const id = await world.workout(original);
  const address = `api/workouts/${id}`;
  const page = await world.open(`train/${id}`);
  await page.waitForSelector(".row");
  const title = () => page.$eval(".title", ({ value }) => value);
  const stored = async () => (await world.call("GET", address)).json.document.title;
  /** Someone else saves the workout. */
  const interfere = async (other) => {
    const { etag } = await world.call("GET", address);
    const { status } = await world.call("PUT", address, { ...original, title: other }, { "if-match": etag });
    assert.ok(status < 300, `PUT ${status}`);
  };

  await interfere("Theirs");
  await retitle(page, "Mine");
  await page.waitForSelector(".conflict[open]");
  const shown = await page.$$eval(".version-title", (titles) => titles.map(({ textContent }) => textContent));
  assert.deepEqual(shown, ["Mine", "Theirs"]);
  assert.equal(await page.$$eval(".version .hint", (times) => times.every(({ textContent }) => /\d:\d\d/.test(textContent))), true);
  // Nothing is decided by closing it.
  await page.keyboard.press("Escape");
  await page.waitForSelector(".conflict", { hidden: true });
  assert.equal(await stored(), "Theirs");
  await page.click(".save .button");
  await page.waitForSelector(".keep-mine");
  await page.click(".keep-mine");
  await until(stored, (text) => text === "Mine", "the title");

  await interfere("Theirs again");
  await retitle(page, "Mine again");
  await page.waitForSelector(".take-theirs");
  await page.click(".take-theirs");
  await until(title, (text) => text === "Theirs again", "the title");
  await untilSaved(page);
  // Taking theirs can be undone.
  await page.focus("body");
  await press(page, "Control+z");
  await until(stored, (text) => text === "Mine again", "the title");

  // Without a connection, edits wait; they survive a reload of the page.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.setOfflineMode(true);
  await retitle(page, "Offline");
  await page.waitForSelector(".connection");
  await page.waitForSelector('.save[data-state="failed"]');
  assert.equal(await stored(), "Mine again");
  await page.reload();
  await page.waitForSelector(".row");
  assert.equal(await title(), "Offline");
  await page.setOfflineMode(false);
  await until(stored, (text) => text === "Offline", "the title");
  return { title: await title() };
});
