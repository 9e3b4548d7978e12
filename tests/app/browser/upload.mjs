// Own exercises: a clip and a picture sequence are sent, interrupted, continued after a reload, described, edited and deleted.
//
//   node upload.mjs BASE_URL

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { run, said, tabTo, until } from "./support.mjs";

const CLIP = fileURLToPath(new URL("../../../assets/catalogue/air_squat/air_squat.mov", import.meta.url));
const FRAMES = 6;

const states = (page) => page.$$eval(".upload", (rows) => rows.map(({ dataset }) => dataset.state));
const reached = (page, ...wanted) => until(() => states(page), (found) => found.join() === wanted.join(), `the uploads, not ${wanted},`);
const choose = async (page, file) => (await page.$('input[type="file"]')).uploadFile(file);
const titles = (page) => page.$$eval(".exercise-name", (list) => list.map(({ textContent }) => textContent));

/** Holds the chunks of a page, so that they are interrupted when the test says so. */
async function holdChunks(page) {
  const world = { isHolding: true, held: [] };
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    world.isHolding && request.method() === "PATCH" ? world.held.push(request) : void request.continue();
  });
  return {
    next: () => until(() => world.held.length, (count) => count > 0, "the chunk").then(() => world.held.pop()),
    release: () => (world.isHolding = false),
  };
}

/** Drops pictures that a canvas has drawn on the page. Runs inside it. */
async function dropPictures(count) {
  const dataTransfer = new DataTransfer();
  for (let frame = count; frame > 0; frame -= 1) {
    const canvas = new OffscreenCanvas(320, 180);
    const context = canvas.getContext("2d");
    context.fillStyle = "tomato";
    context.fillRect(20 * frame, 40, 60, 100);
    dataTransfer.items.add(new File([await canvas.convertToBlob()], `swing_${frame}.png`, { type: "image/png" }));
  }
  dispatchEvent(new DragEvent("dragenter", { dataTransfer }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const isShown = document.querySelector(".drop-here") !== null;
  dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
  return isShown;
}

await run(async (world) => {
  const page = await world.open("library");
  await page.waitForSelector(".exercise-open");
  // What the page has made is deleted, also if the test fails.
  const made = [];
  page.on("response", async (response) => {
    if (response.request().method() === "POST" && response.url().endsWith("/api/exercises") && response.status() === 201) {
      made.push((await response.json()).id);
    }
  });

  // Paused and resumed by keyboard, and continued by itself after the connection was lost.
  const chunks = await holdChunks(page);
  await choose(page, CLIP);
  await reached(page, "sending");
  await chunks.next();
  await tabTo(page, '.upload button[aria-label^="Pause"]');
  await page.keyboard.press("Enter");
  await reached(page, "paused");
  await tabTo(page, '.upload button[aria-label^="Resume"]');
  await page.keyboard.press("Enter");
  await reached(page, "sending");
  await (await chunks.next()).abort("connectionreset");
  await reached(page, "retrying");
  await chunks.next();
  await reached(page, "sending");

  // After a reload the file is chosen again.
  page.on("dialog", (dialog) => dialog.accept());
  await tabTo(page, '.upload button[aria-label^="Pause"]');
  await page.keyboard.press("Enter");
  await reached(page, "paused");
  chunks.release();
  await page.reload();
  await page.waitForSelector(".exercise-open");
  await reached(page, "missing");
  await choose(page, CLIP);
  await reached(page, "ready");
  assert.match(await said(page), /air_squat\.mov: Ready/);

  // A sequence of pictures is dropped as well; one that is not wanted is discarded.
  assert.equal(await page.evaluate(dropPictures, FRAMES), true);
  await reached(page, "ready", "ready");
  assert.equal(await page.$eval(".upload:nth-child(2) .upload-name", ({ textContent }) => textContent), "swing.tar");
  await page.click('.upload:nth-child(2) button[aria-label^="Discard"]');
  await reached(page, "ready");

  // Described and saved, it is in the library at once.
  await page.click(".upload .main-action");
  await page.waitForSelector(".exercise-dialog[open]");
  assert.match(await page.$eval(".clip-check .hint", ({ textContent }) => textContent.trim()), /^\d+ × \d+, \d+ fps, [\d.]+ s$/);
  const name = `Squat of ${Date.now() % 100_000}`;
  await page.$eval('.exercise-form input[name="name"]', (input) => input.select());
  await page.type('.exercise-form input[name="name"]', name);
  await page.click('.exercise-form input[name="muscles"][value="glutes"]');
  await page.select('.exercise-form select[name="difficulty"]', "beginner");
  await page.click(".exercise-form .main-action");
  await until(() => titles(page), (list) => list.includes(name), "the library");
  assert.equal(await page.$(".upload"), null);
  const { json: saved } = await world.call("GET", `api/exercises/${made[0]}`);
  assert.deepEqual([saved.name, saved.muscles, saved.difficulty, saved.own], [name, ["glutes"], "beginner", true]);

  // Edited and deleted in place.
  const open = async () => {
    const [card] = await page.$$(`::-p-xpath(//li[contains(., "${name}")]/button[1])`);
    await card.click();
    await page.waitForSelector(".detail[open] .button.bad");
  };
  await open();
  await page.click(".detail .dialog-actions .button:nth-of-type(2)");
  await page.waitForSelector(".exercise-dialog[open]");
  await page.type('.exercise-form input[name="name"]', " again");
  await page.click(".exercise-form .main-action");
  await until(() => titles(page), (list) => list.includes(`${name} again`), "the library");

  // The administration has what people have added.
  const admin = await world.open("admin?view=exercises");
  const remove = await admin.waitForSelector(`::-p-xpath(//li[contains(., "${name} again")]//button[contains(@class, "bad")])`);
  await remove.click();
  await admin.waitForSelector(".admin-exercise .dialog[open] .button.bad");
  await admin.browserContext().close();

  await open();
  await page.click(".detail .button.bad");
  await page.waitForSelector(".detail .dialog[open] .button.bad");
  await page.click(".detail .dialog[open] .button.bad");
  await until(() => titles(page), (list) => !list.includes(`${name} again`), "the library");
  assert.equal((await world.call("GET", `api/exercises/${made[0]}`)).status, 404);
  return { exercise: made[0] };
});
