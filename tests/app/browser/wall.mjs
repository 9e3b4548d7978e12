// The wall screen: a card before the session and after it, the picture between them, no controls, and a server that is gone.
//
//   node wall.mjs BASE_URL

import assert from "node:assert/strict";

import { run, until } from "./support.mjs";

const WALL = { width: 1920, height: 1080 };
const data = (page) => page.evaluate(() => ({ ...document.body.dataset }));
const reached = (page, state, card) => until(() => data(page), (found) => found.state === state && found.card === card, state);

await run(async (world) => {
  const exercises = (await world.exercises(2)).map(({ id }) => ({ id, duration: 120 }));
  const document = { title: "Morning class", resolution: "720p", fps: 24, exercises };

  // Without a session there is a card, not an error.
  const missing = await world.open("wall/unknown", { viewport: WALL });
  await until(() => missing.$eval("#text", ({ textContent }) => textContent), (text) => text === "Starts soon", "the card");
  await reached(missing, "absent", "on");
  await missing.browserContext().close();

  const { status, json: started } = await world.call("POST", "api/live?start_paused=true", document);
  assert.equal(status, 201);
  const authorization = { authorization: `Bearer ${started.control_token}` };
  const command = (json) => world.call("POST", `api/live/${started.id}/commands`, json, authorization);
  const page = await world.open(`wall/${started.id}`, { viewport: WALL });
  await until(() => page.$eval("#title", ({ textContent }) => textContent), (title) => title === "Morning class", "the title");
  await reached(page, "lobby", "off");
  assert.equal((await command({ command: "start" })).status, 200);
  await reached(page, "playing", "off");

  // The picture is all there is: it fills the screen, and the cursor is hidden.
  const shown = await page.$eval("video", (video) => ({ ...video.getBoundingClientRect().toJSON(), cursor: getComputedStyle(video).cursor }));
  assert.deepEqual([shown.x, shown.y, shown.width, shown.height, shown.cursor], [0, 0, WALL.width, WALL.height, "none"]);
  assert.equal((await page.$$("button, a, input")).length, 0);

  // While the connection is lost the last picture stays, with a small sign.
  await page.setOfflineMode(true);
  await until(() => page.$eval("#sign", ({ hidden, textContent }) => !hidden && textContent), (text) => text === "Reconnecting…", "the sign");
  assert.equal((await data(page)).card, "off");
  await page.setOfflineMode(false);
  await until(() => page.$eval("#sign", ({ hidden }) => hidden), (isHidden) => isHidden, "the sign");
  await reached(page, "playing", "off");

  await world.call("DELETE", `api/live/${started.id}`, undefined, authorization);
  await reached(page, "ended", "on");
  assert.equal(await page.$eval("#text", ({ textContent }) => textContent), "Session finished");
  return { session: started.id };
});
