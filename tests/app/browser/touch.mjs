// Builds a session on a phone, by touch alone.
//
//   node touch.mjs BASE_URL

import assert from "node:assert/strict";

import { PHONE, names, run, said, until, untilSaved } from "./support.mjs";

/** Drags by touch from one point to another, in steps. */
async function drag(page, from, to, { hold = 0 } = {}) {
  const touch = await page.touchscreen.touchStart(from.x, from.y);
  for (let step = 1; step <= 12; step += 1) {
    await touch.move(from.x + ((to.x - from.x) * step) / 12, from.y + ((to.y - from.y) * step) / 12);
    await new Promise((done) => setTimeout(done, 16));
  }
  await new Promise((done) => setTimeout(done, hold));
  await touch.end();
}

const middle = (page, selector) =>
  page.$eval(selector, (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  });

await run(async (world) => {
  const exercises = await world.exercises(10);
  const page = await world.open("train/new", { viewport: PHONE });
  await page.tap(".button.add");
  await page.waitForSelector(".picker[open] .pick");
  for (const [index, { name }] of exercises.entries()) {
    const [pick] = await page.$$(`::-p-xpath(//button[contains(@class, "pick")][.//*[text()="${name}"]])`);
    await pick.tap();
    await until(() => names(page), (list) => list.length === index + 1, "the list");
  }
  await page.tap(".picker .main-action");
  await page.waitForSelector(".picker", { hidden: true });
  const added = await names(page);
  assert.equal(added.length, 10);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(isWide, false, "the page scrolls sideways");

  // All that is touched is large enough.
  const small = await page.$$eval("button, input:not([type=radio]), a, select, summary", (elements) =>
    elements
      .map((element) => [element, (element.closest("label.number") ?? element).getBoundingClientRect()])
      .filter(([element, box]) => box.width > 0 && !element.closest(".unseen, .skip, [popover]:not(:popover-open)"))
      .filter(([, { width, height }]) => width < 43.5 || height < 43.5)
      .map(([element, { width, height }]) => `${element.className || element.outerHTML.slice(0, 80)} ${width} x ${height}`),
  );
  assert.deepEqual(small, []);

  // The second item is dragged two places down.
  await page.$eval(".rows", (list) => list.scrollIntoView());
  const start = await middle(page, ".row:nth-child(2) .handle");
  const end = await middle(page, ".row:nth-child(4) .handle");
  await drag(page, start, { x: start.x, y: end.y + 8 });
  const moved = [added[0], added[2], added[3], added[1], ...added.slice(4)];
  await until(() => names(page), (list) => list.join() === moved.join(), "the order");
  assert.match(await said(page), /dropped at place 4 of 10/);

  // Held at the lower edge, the page scrolls and the item gets to the end.
  await page.$eval(".rows", (list) => list.scrollIntoView());
  const top = await middle(page, ".row:nth-child(1) .handle");
  await drag(page, top, { x: top.x, y: PHONE.height - 12 }, { hold: 2500 });
  const far = await until(() => names(page), (list) => list[0] !== moved[0], "the order");
  assert.ok(far.lastIndexOf(moved[0]) > 4, far.join());

  // Deleted by the menu and put back by the toast.
  await page.$eval(".rows", (list) => list.scrollIntoView());
  await page.tap(".row:nth-child(1) .row-body > .icon-button");
  await page.waitForSelector("[popover]:popover-open .menu-item.bad");
  await page.tap("[popover]:popover-open .menu-item.bad");
  await until(() => names(page), (list) => list.length === 9, "the list");
  await page.tap(".toast-action");
  await until(() => names(page), (list) => list.join() === far.join(), "the order");

  await untilSaved(page);
  const document = await world.saved(page);
  assert.equal(document.exercises.length, 10);
  return { order: far };
});
