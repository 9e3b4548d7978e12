// How long the builder's picture takes to show an edit: from the key to the frame that is drawn.
//
//   node measure/preview.mjs BASE_URL
//
// Standard output is one JSON object: the median, the 95th percentile and the longest of the times, in milliseconds. Leave the
// machine idle meanwhile.

import { run } from "../browser/support.mjs";

const EDITS = 100;

/** Steps the focused field up, and waits until another picture is drawn. Runs inside the page. */
async function edit(field) {
  const shown = () => document.querySelector(".frame img")?.src;
  const before = shown();
  const start = performance.now();
  document.querySelector(field).dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }));
  while (shown() === before) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  return performance.now() - start;
}

await run(async (world) => {
  const exercises = (await world.exercises(10)).map(({ id }) => ({ id, duration: 30, rest: 10 }));
  const id = await world.workout({ title: "Preview", rounds: 2, exercises });
  const page = await world.open(`train/${id}`);
  await page.waitForSelector(".frame img");
  const times = [];
  for (let index = 0; index < EDITS; index += 1) {
    // Each time another exercise, whose picture is another one.
    const row = `.row:nth-child(${(index % exercises.length) + 1})`;
    await page.click(`${row} .row-name`);
    await new Promise((done) => setTimeout(done, 1000));
    times.push(await page.evaluate(edit, `${row} .row-fields input`));
  }
  const sorted = times.toSorted((one, two) => one - two);
  const at = (share) => Math.round(sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]);
  return { edits: EDITS, median: at(0.5), p95: at(0.95), longest: at(1) };
});
