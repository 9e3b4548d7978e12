// The list of items next to the video: what is now and next, jumps of the coach, and the sheet on a phone.
//
//   node items.mjs BASE_URL

import assert from "node:assert/strict";

import { PHONE, run, until } from "./support.mjs";

const now = (page) => page.evaluate(() => document.querySelector(".item[aria-current] .item-name")?.textContent ?? "");

await run(async (world) => {
  const exercises = (await world.exercises(4)).map(({ id }) => ({ id, duration: 60, rest: 10 }));
  const grouped = [{ ...exercises[0], group: "legs" }, { ...exercises[1], group: "legs" }, ...exercises.slice(2)];
  const groups = [{ id: "legs", title: "Legs", rounds: 2 }];
  const document = { title: "Items", resolution: "720p", fps: 24, exercises: grouped, groups };
  const { json: started } = await world.call("POST", "api/live", document);
  const authorization = { authorization: `Bearer ${started.control_token}` };
  const { items } = (await world.call("GET", `api/live/${started.id}`)).json;
  const wanted = items.filter(({ kind }) => kind === "exercise");

  // Athletes see the list; the coach jumps by it.
  const athlete = await world.open(`live/${started.id}/`);
  await until(() => now(athlete), (name) => name === wanted[0].name, "the current item");
  assert.equal(await athlete.$(".items button.item"), null);
  assert.equal(await athlete.$eval('[data-place="next"] .item-name', ({ textContent }) => textContent), wanted[1].name);
  assert.equal((await athlete.$$(".items-list > li")).length, items.length);
  const headings = await athlete.$$eval(".item-group", (found) => found.map(({ textContent }) => textContent));
  assert.deepEqual(headings, ["Legs · Set 1", "Legs · Set 2"]);
  await athlete.click(".items-button");
  assert.equal(await athlete.$eval(".items", ({ hidden }) => hidden), true);
  await athlete.click(".items-button");

  const coach = await world.open(`live/${started.id}/?control=1#${started.control_token}`);
  await coach.waitForSelector(".items button.item");
  await coach.click(`.items-list > li:nth-child(${wanted[4].index + 1}) button`);
  await athlete.bringToFront();
  await until(() => now(athlete), (name) => name === wanted[4].name, "the current item");

  // On a phone it is a sheet.
  const phone = await world.open(`live/${started.id}/`, { viewport: PHONE });
  await phone.waitForSelector(".items-button:not([hidden])");
  assert.equal(await phone.$eval(".items", ({ hidden }) => hidden), true);
  await phone.tap(".items-button");
  await until(() => now(phone), (name) => name === wanted[4].name, "the current item");
  await phone.keyboard.press("Escape");
  assert.equal(await phone.$eval(".items", ({ hidden }) => hidden), true);
  await world.call("DELETE", `api/live/${started.id}`, undefined, authorization);
  return { items: items.length };
});
