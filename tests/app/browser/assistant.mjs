// The assistant: a request in words, what was understood changed and sent again, and the workout opened in the builder.
//
//   node assistant.mjs BASE_URL

import assert from "node:assert/strict";

import { names, run, until } from "./support.mjs";

await run(async (world) => {
  const page = await world.open("assistant");
  await page.waitForSelector('.nav-link[href="assistant"]');
  const [sent, made] = [[], []];
  const isAsking = (request) => request.method() === "POST" && request.url().endsWith("/api/generate-training");
  page.on("request", (request) => isAsking(request) && sent.push(JSON.parse(request.postData())));
  page.on("response", async (response) => isAsking(response.request()) && made.push((await response.json()).sessionId));
  await page.type("textarea", "15 minutes for legs, no jumps");
  await page.click(".ask .main-action");
  await page.waitForSelector(".answer");
  assert.deepEqual(sent[0], { user_input: "15 minutes for legs, no jumps", config: { language: "en" } });
  const minutes = '.chip input[type="number"]';
  const first = await page.$eval(".answer a", ({ href }) => href);

  // A field that is changed precedes the words; the others are sent as they were understood.
  await page.$eval(minutes, (input) => (input.value = ""));
  await page.type(minutes, "10");
  await page.keyboard.press("Tab");
  await page.click(".ask .main-action");
  await until(() => page.$eval(".answer a", ({ href }) => href), (href) => href !== first, "the answer");
  assert.equal(sent[1].config.duration_minutes, 10);

  // The same again is another plan; with other words, only what was changed is kept.
  await page.click(".ask .main-action");
  await until(() => sent.length, (count) => count === 3, "the requests");
  await page.waitForFunction(() => !document.querySelector(".ask .main-action").disabled);
  assert.notEqual(sent[2].config.seed, sent[1].config.seed);
  await page.type("textarea", ", with dumbbells");
  await page.click(".ask .main-action");
  await until(() => sent.length, (count) => count === 4, "the requests");
  assert.deepEqual(sent[3].config, { duration_minutes: 10, language: "en" });
  await page.waitForFunction(() => !document.querySelector(".ask .main-action").disabled);

  await page.click(".answer a");
  await until(() => names(page), (list) => list.length > 0, "the workout");
  await Promise.all(made.map((id) => world.call("DELETE", `api/workouts/${id}`)));
  return { requests: sent.length };
});
