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
      await page.click(".row > .icon-button");
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
  const exercises = (await world.exercises(5)).map(({ id }, index) => ({ id, duration: 20 + index, rest: 10 }));
  const id = await world.workout({ title: "Accessible", rounds: 2, exercises });
  const found = [];
  let checked = 0;
  for (const [language, theme, viewport] of [
    ["en", "light", DESK],
    ["fr", "dark", DESK],
    ["fr", "light", PHONE],
    ["en", "dark", PHONE],
  ]) {
    for (const [path, prepare] of pages(id)) {
      const page = await world.open(path, { language, theme, viewport });
      await prepare(page);
      assert.equal(await page.$eval("html", ({ lang }) => lang), language);
      const title = await until(() => page.title(), (text) => text !== "repcast", "the title");
      assert.match(title, / · repcast$/);
      found.push(...(await violations(page, `/${path} ${language} ${theme} ${viewport.width}`)));
      checked += 1;
      await page.browserContext().close();
    }
  }
  assert.deepEqual(found, []);
  return { checked };
});
