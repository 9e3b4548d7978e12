// Groups by keyboard: a superset is made, shaped, named, moved and ended, and the server plays what the list shows.
//
//   node groups.mjs BASE_URL

import assert from "node:assert/strict";

import { PHONE, focused, press, run, tabTo, until, untilSaved } from "./support.mjs";

/** Where each row is in its group. */
const groups = (page) => page.$$eval(".row", (rows) => rows.map(({ dataset }) => dataset.group ?? "-").join(" "));

const total = (page) => page.$eval("#total", ({ textContent }) => textContent);

await run(async (world) => {
  const exercises = (await world.exercises(5)).map(({ id }) => ({ id, duration: 30 }));
  const id = await world.workout({ title: "Groups", exercises });
  const page = await world.open(`train/${id}`);
  await page.waitForSelector(".row");
  const document = async () => (await world.call("GET", `api/workouts/${id}`)).json.document;

  await tabTo(page, ".row:nth-child(3) .row-name");
  await press(page, "g");
  await until(() => groups(page), (found) => found === "- first last - -", "the group");
  assert.match((await focused(page)).kind, /row-name/);
  // Three sets of a minute, and three exercises alone.
  assert.equal(await total(page), "4:30");
  await tabTo(page, ".row:nth-child(4) .row-name");
  await press(page, "g");
  await until(() => groups(page), (found) => found === "- first inner last -", "the longer group");

  await tabTo(page, ".group-title", "Shift+Tab");
  await page.keyboard.type("Legs");
  await tabTo(page, ".group-fields .number:nth-child(1) input");
  await page.keyboard.type("2");
  await tabTo(page, ".group-fields .number:nth-child(2) input");
  await page.keyboard.type("15");
  await tabTo(page, ".group-fields .number:nth-child(3) input");
  await page.keyboard.type("45");
  await page.keyboard.press("Enter");
  assert.equal(await total(page), "5:00");
  await untilSaved(page);
  const { groups: made } = await until(document, ({ groups: [group] = [] }) => group?.rest === 45, "the group");
  assert.deepEqual(made, [{ id: made[0].id, title: "Legs", rounds: 2, rest_between_rounds: 15, rest: 45 }]);

  // The server shows it in the picture, and its times are those of the list.
  const steps = await world.call("POST", "api/live", await document());
  assert.equal(steps.status, 201);
  const session = (await world.call("GET", `api/live/${steps.json.id}`)).json;
  await world.call("DELETE", `api/live/${steps.json.id}`);
  assert.equal(session.duration_secs, 300);
  assert.deepEqual(session.items.slice(0, 3).map(({ group, set }) => [group, set]), [[null, null], ["Legs", 1], ["Legs", 1]]);

  // Shapes by the menu.
  await tabTo(page, ".group-head .icon-button", "Shift+Tab");
  await tabTo(page, '.group-head .icon-button[aria-haspopup="menu"]', "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[popover]:popover-open .menu-item");
  await press(page, "ArrowDown");
  await page.keyboard.press("Enter");
  await until(async () => (await document()).groups[0], ({ every, rounds }) => every === 60 && rounds === 5, "the EMOM");
  assert.equal(await total(page), "16:45");

  // Moving an item away takes it out; moving it between two puts it back.
  await tabTo(page, ".row:nth-child(4) .row-name");
  await press(page, "Alt+ArrowDown");
  await until(() => groups(page), (found) => found === "- first last - -", "the group without it");
  await press(page, "Alt+ArrowUp");
  await press(page, "Alt+ArrowUp");
  await until(() => groups(page), (found) => found === "- first inner last -", "the group with it");
  await press(page, "Shift+G");
  await until(() => groups(page), (found) => found === "- first last - -", "the group without it");
  await tabTo(page, '.group-head .icon-button:not([aria-haspopup="menu"])', "Shift+Tab");
  await page.keyboard.press("Enter");
  await until(() => groups(page), (found) => found === "- - - - -", "no group");
  await until(document, ({ groups: left }) => left === undefined, "no group");

  const canUndo = () => page.$eval('[aria-keyshortcuts="Control+Z"]', (button) => button.ariaDisabled !== "true");
  while (await canUndo()) {
    await press(page, "Control+z");
  }
  assert.equal(await groups(page), "- - - - -");
  assert.equal(await total(page), "2:30");

  // A fault of a group is said at its head. Nothing is wider than a phone.
  const wrong = await world.workout({
    exercises: exercises.map((exercise) => ({ ...exercise, group: "a" })),
    groups: [{ id: "a", title: "A long name of a group that has to be cut off", rounds: 100 }],
  });
  const phone = await world.open(`train/${wrong}`, { viewport: PHONE });
  await phone.waitForSelector(".group-head");
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await tabTo(phone, "#rounds");
  await phone.keyboard.type("3");
  await phone.keyboard.press("Enter");
  await phone.waitForSelector('.save[data-state="rejected"]');
  return { total: await total(phone) };
});
