// Opens pages without a cache, and measures what came before the first paint.
//
//   node paint.mjs BASE_URL
//
// Standard output is one JSON object: for each page the compressed bytes before the first paint and in all, without images, and
// the time of the first paint in milliseconds.

import assert from "node:assert/strict";

import { run, until } from "./support.mjs";

const MOST_BYTES = 60_000;

/** The bytes of the page and of its files. Runs inside the page. */
function measure() {
  const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null;
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const files = all.filter(({ name }) => !/\.(jpg|png|svg|mp4)\b|\/api\//.test(name));
  // What follows the shell with a low priority does not delay it, also where it has arrived before a late paint.
  const following = new Set([...document.querySelectorAll("link")].filter((link) => link.fetchPriority === "low").map(({ href }) => href));
  const bytes = (entries) => entries.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  return { paint, first: bytes(files.filter(({ name, responseEnd }) => responseEnd <= paint && !following.has(name))), all: bytes(files) };
}

await run(async (world) => {
  const exercises = (await world.exercises(6)).map(({ id }) => ({ id }));
  const id = await world.workout({ title: "Paint", exercises });
  const result = {};
  for (const path of ["library", "train", `train/${id}`, "live", "account"]) {
    const page = await world.open(path);
    const found = await until(() => page.evaluate(measure), ({ paint }) => paint !== null, "the first paint");
    assert.ok(found.first > 0 && found.first <= MOST_BYTES, `${path}: ${found.first} bytes`);
    result[path.replace(id, "ID")] = { ...found, paint: Math.round(found.paint) };
    await page.browserContext().close();
  }
  return result;
});
