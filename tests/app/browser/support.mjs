// What the browser tests share: a browser, pages in a language and theme, and calls of the server.

import assert from "node:assert/strict";

import puppeteer from "puppeteer-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
// A machine that also builds may be slow.
export const WAIT_MILLIS = 60_000;

export const DESK = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740, isMobile: true, hasTouch: true };

/** Runs a test with a browser, and prints its result as one JSON object. @param {(world: World) => Promise<object>} test */
export async function run(test) {
  const [base] = process.argv.slice(2);
  if (base === undefined) {
    console.error(`usage: node ${process.argv[1]} BASE_URL`);
    process.exit(2);
  }
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    timeout: WAIT_MILLIS,
  });
  const world = new World(browser, base);
  try {
    const result = await test(world);
    assert.deepEqual(world.errors, []);
    console.log(JSON.stringify(result));
  } catch (error) {
    const pages = await Promise.all((await browser.pages()).map((page) => page.evaluate(() => document.body.innerText).catch(() => "")));
    console.error(error, JSON.stringify({ errors: world.errors, pages }, null, 1));
    process.exitCode = 1;
  } finally {
    await world.tidy();
    await browser.close();
  }
}

class World {
  errors = [];
  #made = new Set();

  constructor(browser, base) {
    this.browser = browser;
    this.base = base;
  }

  url(path) {
    return new URL(path, this.base).href;
  }

  /** A call of the server: status, headers and JSON. */
  async call(method, path, json, headers = {}) {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const init = { method, headers: { "content-type": "application/json", accept: "application/json", ...headers }, ...body };
    const response = await fetch(this.url(path), init);
    const text = await response.text();
    return { status: response.status, etag: response.headers.get("etag"), json: text === "" ? null : JSON.parse(text) };
  }

  /** The first exercises of the catalogue; they repeat if there are fewer. */
  async exercises(count) {
    const { json } = await this.call("GET", "api/exercises?language=en&size=500");
    return Array.from({ length: count }, (_, index) => json[index % json.length]);
  }

  /** Saves a workout; it is deleted at the end. */
  async workout(document) {
    const { status, json } = await this.call("POST", "api/workouts", document);
    assert.equal(status, 201);
    this.#made.add(json.sessionId);
    return json.sessionId;
  }

  /** What is at the server under the id of a page's address. */
  async saved(page) {
    const id = new URL(page.url()).pathname.split("/").at(-1);
    this.#made.add(id);
    return (await this.call("GET", `api/workouts/${id}`)).json.document;
  }

  /** A page of its own browser context. */
  async open(path, { viewport = DESK, language = "en", theme = "light", motion = "reduce" } = {}) {
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MILLIS);
    page.setDefaultNavigationTimeout(WAIT_MILLIS);
    page.on("pageerror", (error) => this.errors.push(error.stack ?? error.message));
    // Refused requests are also logged; tests look at what the page says about them.
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.errors.push(message.text());
      }
    });
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: theme },
      { name: "prefers-reduced-motion", value: motion },
    ]);
    await page.evaluateOnNewDocument((name) => localStorage.setItem("repcast.language", name), language);
    await page.goto(this.url(path));
    await page.waitForSelector("h1");
    return page;
  }

  async tidy() {
    await Promise.all([...this.#made].map((id) => this.call("DELETE", `api/workouts/${id}`).catch(() => undefined)));
  }
}

/** The names of the items in the list, in order. */
export const names = (page) => page.$$eval(".row-title", (rows) => rows.map(({ textContent }) => textContent));

/** Waits until the page says that everything is saved. */
export const untilSaved = (page) => page.waitForSelector('.save[data-state="saved"]');

/** What screen readers have announced last. */
export const said = (page) => page.$eval("#announcements", ({ textContent }) => textContent.trim());

/** The accessible name and the classes of the focused element. */
export const focused = (page) =>
  page.evaluate(() => {
    const { ariaLabel, className, textContent, value } = document.activeElement;
    return { label: ariaLabel ?? textContent.trim(), kind: className, value };
  });

/** Presses a key with modifiers, such as "Control+Shift+z". */
export async function press(page, keys) {
  const parts = keys.split("+");
  const last = parts.pop();
  for (const key of parts) {
    await page.keyboard.down(key);
  }
  await page.keyboard.press(last);
  for (const key of parts.reverse()) {
    await page.keyboard.up(key);
  }
}

/** Presses Tab until the focused element matches, as someone without a pointer does. */
export async function tabTo(page, selector, keys = "Tab") {
  for (let count = 0; count < 200; count += 1) {
    await press(page, keys);
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      return;
    }
  }
  throw new Error(`${selector} is not reached by ${keys}`);
}

/** Waits until a condition holds for what a function gives. */
export async function until(get, holds, what = "") {
  const limit = Date.now() + WAIT_MILLIS;
  for (;;) {
    const value = await get();
    if (holds(value)) {
      return value;
    }
    if (Date.now() > limit) {
      throw new Error(`${what} stays ${JSON.stringify(value)}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
