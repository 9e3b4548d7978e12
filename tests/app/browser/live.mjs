// Leads a workout live: from the builder, with the coach's page in a tab that it opens, and an athlete in another browser.
//
//   node live.mjs BASE_URL

import assert from "node:assert/strict";

import { WAIT_MILLIS, run, until } from "./support.mjs";

await run(async (world) => {
  const exercises = (await world.exercises(3)).map(({ id }) => ({ id, duration: 40, rest: 5 }));
  const id = await world.workout({ title: "A class", resolution: "720p", exercises });
  const page = await world.open(`train/${id}`);
  await page.waitForSelector(".row");

  const opened = new Promise((found) => page.once("popup", found));
  await page.click(".button.lead");
  // The new tab is in front, and hidden pages are not drawn.
  await page.bringToFront();
  await page.waitForSelector(".control-link");
  const code = await page.$eval(".join-code", ({ textContent }) => textContent);
  const athletesUrl = await page.$eval(".join a", ({ href }) => href);
  assert.match(code, /^[A-Z]{4}$/);
  await until(() => page.$eval(".join img", ({ naturalWidth }) => naturalWidth), (width) => width > 0, "the QR code");

  // The coach's tab has the controls; it starts the class.
  const coach = await opened;
  coach.setDefaultTimeout(WAIT_MILLIS);
  await coach.bringToFront();
  await coach.waitForSelector(".transport .main:not([disabled])");
  const athlete = await (await world.browser.createBrowserContext()).newPage();
  athlete.setDefaultTimeout(WAIT_MILLIS);
  await athlete.goto(athletesUrl);
  assert.equal(await athlete.$(".transport"), null);
  await coach.bringToFront();
  await coach.click(".transport .main");
  await athlete.bringToFront();
  await athlete.waitForFunction(() => document.body.dataset.state === "playing");

  // The list of sessions has it, with the right to end it.
  await page.bringToFront();
  await page.click(".lead-dialog .dialog-actions .button:not(.main-action)");
  await page.waitForSelector(".session");
  const listed = await page.$$eval(".session", (cards) => cards.map(({ innerText }) => innerText));
  assert.ok(listed.some((text) => text.includes(code) && text.includes("A class")), listed.join());
  await until(
    () => page.$$eval(".session", (cards) => cards.map(({ dataset }) => dataset.state)),
    (states) => states.includes("playing"),
    "the state",
  );
  const [end] = await page.$$(`::-p-xpath(//li[contains(., "${code}")]//button)`);
  await end.click();
  await athlete.bringToFront();
  await athlete.waitForFunction(() => document.body.dataset.state === "ended");

  // Started from the list of saved workouts instead.
  await page.bringToFront();
  await page.select(".start select", id);
  const second = new Promise((found) => page.once("popup", found));
  await page.click(".start .main-action");
  const controls = await second;
  await controls.waitForSelector(".transport .main:not([disabled])");
  await page.bringToFront();
  const [waiting] = await page.$$('::-p-xpath(//li[@data-state="waiting"]//button)');
  await waiting.click();
  await until(
    () => page.$$eval(".session", (cards) => cards.map(({ dataset }) => dataset.state)),
    (states) => !states.includes("waiting"),
    "the state",
  );
  return { code };
});
