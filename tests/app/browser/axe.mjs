// Checks every page, in both languages and themes, on a phone and at a desk, with axe-core.
//
//   node axe.mjs BASE_URL
//
// Standard output is one JSON object: how many pages were checked.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { DESK, PHONE, run, until } from "./support.mjs";

const AXE = readFileSync(fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The violations of a page as short texts. */
async function violations(page, what) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async (tags) => {
    // Frames of the player have their own tests.
    const { violations: list } = await window.axe.run(document, { runOnly: tags, iframes: false });
    return list.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`);
  }, TAGS);
  return found.map((text) => `${what}: ${text}`);
}

const CLIP = fileURLToPath(new URL("../../../assets/catalogue/air_squat/air_squat.mov", import.meta.url));
/** Sends a clip; the page shows what was found in it. */
async function chooseClip(page) {
  await page.waitForSelector(".exercise-open");
  await (await page.$('input[type="file"]')).uploadFile(CLIP);
  await page.waitForSelector(".upload .main-action");
}

/** The pages, and what opens their dialogs. */
const pages = (id) => [
  ["library", async (page) => page.waitForSelector(".exercise-open")],
  [
    "library",
    async (page) => {
      await page.waitForSelector(".exercise-open");
      await page.click(".exercise-open");
      await page.waitForSelector(".detail[open]");
    },
  ],
  ["library", chooseClip],
  [
    "library",
    async (page) => {
      await chooseClip(page);
      await page.click(".upload .main-action");
      await page.waitForSelector(".exercise-dialog[open]");
      await page.$eval(".more", (details) => (details.open = true));
    },
  ],
  ["admin?view=users", async (page) => page.waitForSelector(".admin .table tbody tr")],
  [
    "admin?view=clubs",
    async (page) => {
      await page.waitForSelector(".club");
      await page.$$eval('.club [aria-expanded="false"]', (buttons) => buttons.forEach((button) => button.click()));
      await page.waitForSelector(".member");
      await page.click('.club > p .button[aria-haspopup="dialog"]');
      await page.waitForSelector(".member-form");
    },
  ],
  ["admin?view=exercises", async (page) => page.waitForSelector(".admin .hint a")],
  ["admin?view=audit", async (page) => page.waitForSelector(".log tbody tr")],
  ["train", async (page) => page.waitForSelector(".saved-item")],
  ["train/new", async (page) => page.waitForSelector(".empty")],
  [`train/${id}`, async (page) => page.waitForSelector(".frame img")],
  [
    `train/${id}`,
    async (page) => {
      await page.waitForSelector(".row");
      await page.click(".button.add");
      await page.waitForSelector(".pick");
    },
  ],
  [
    `train/${id}`,
    async (page) => {
      await page.waitForSelector(".row");
      await page.click(".row-body > .icon-button");
      await page.waitForSelector("[popover]:popover-open");
    },
  ],
  [
    `train/${id}`,
    async (page) => {
      await page.waitForSelector(".row");
      await page.evaluate(() => document.querySelector(".keys-button").click());
      await page.waitForSelector(".keys");
    },
  ],
  ["live", async (page) => page.waitForSelector(".start")],
  ["assistant", async (page) => page.waitForSelector(".ask")],
  ["account", async (page) => page.waitForSelector(".device")],
];

await run(async (world) => {
  const exercises = (await world.exercises(5)).map(({ id }, index) => ({
    ...{ id, duration: 20 + index, rest: 10 },
    ...(index === 1 || index === 2 ? { group: "legs" } : {}),
  }));
  const groups = [{ id: "legs", title: "Legs", rounds: 3 }];
  const id = await world.workout({ title: "Accessible", rounds: 2, exercises, groups });
  // An account, a club and a log.
  const { json: club } = await world.call("POST", "api/clubs", { name: `Accessible ${Date.now()}` });
  const member = { email: `axe${Date.now()}@x.example`, password: "correct horse battery staple", name: "Axe", role: "PLAYER" };
  assert.equal((await world.call("POST", `api/clubs/${club.id}/members`, member)).status, 201);
  const found = [];
  let checked = 0;
  for (const [language, theme, viewport] of [
    ["en", "light", DESK],
    ["fr", "dark", PHONE],
  ]) {
    // One window for all pages, as people have it: what the pages share is loaded once.
    const page = await world.open("", { language, theme, viewport });
    for (const [path, prepare] of pages(id)) {
      await page.goto(world.url(path));
      await prepare(page);
      assert.equal(await page.$eval("html", ({ lang }) => lang), language);
      const title = await until(() => page.title(), (text) => text !== "repcast", "the title");
      assert.match(title, / · repcast$/);
      found.push(...(await violations(page, `/${path} ${language} ${theme} ${viewport.width}`)));
      checked += 1;
    }
    await page.browserContext().close();
  }
  // The wall screen has the language of the browser.
  const { json: session } = await world.call("POST", "api/live?start_paused=true", { title: "Wall", resolution: "720p", exercises, groups });
  for (const viewport of [DESK, PHONE]) {
    const page = await world.open(`wall/${session.id}`, { viewport });
    await until(() => page.title(), (text) => text === "Wall · repcast", "the title");
    found.push(...(await violations(page, `/wall ${viewport.width}`)));
    await page.browserContext().close();
    checked += 1;
  }
  await world.call("DELETE", `api/live/${session.id}`, undefined, { authorization: `Bearer ${session.control_token}` });
  assert.deepEqual(found, []);
  return { checked };
});
