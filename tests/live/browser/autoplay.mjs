// Opens the player pages of a session with sound and of one without in headless Chromium, under its usual rules: there is no
// sound before the user has clicked or pressed a key.
//
//   node autoplay.mjs PAGE SILENT_PAGE
//
// Standard output is one JSON object: what the pages show, and the accessible names of their controls, at first; after the
// button for sound is pressed by keyboard; after S; after a reload; after a step of the volume; and of the page without sound.

import { setTimeout as sleep } from "node:timers/promises";

import puppeteer from "puppeteer-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MILLIS = 180_000;
const POLL_MILLIS = 100;

/** Waits until an expression is true in a page. The functions of Puppeteer count as gestures of a user, which permit sound. */
async function untouched(page, expression) {
  const session = await page.createCDPSession();
  const until = Date.now() + WAIT_MILLIS;
  while ((await session.send("Runtime.evaluate", { expression })).result.value !== true) {
    if (Date.now() > until) {
      throw new Error(`not true: ${expression}`);
    }
    await sleep(POLL_MILLIS);
  }
  await session.detach();
}

/** What a page shows and plays. Runs inside the page. */
function observe() {
  const video = document.querySelector("video");
  const { hidden } = document.querySelector(".sound");
  const tap = document.querySelector(".tap");
  return { muted: video.muted, volume: video.volume, playing: !video.paused, controls: !hidden, tap: tap?.textContent ?? null };
}

async function report(page) {
  const names = [];
  const collect = ({ role, name, valuetext, children = [] }) => {
    if (["button", "slider"].includes(role)) {
      names.push(valuetext === undefined ? `${role} ${name}` : `${role} ${name} ${valuetext}`);
    }
    children.forEach(collect);
  };
  collect(await page.accessibility.snapshot());
  return { ...(await page.evaluate(observe)), names };
}

async function main([address, silent]) {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox"],
    timeout: WAIT_MILLIS,
  });
  const errors = [];
  const open = async (url) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MILLIS);
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url);
    await untouched(page, 'document.body?.dataset.state === "playing"');
    return page;
  };
  const until = (page, condition) => page.waitForFunction(condition);
  try {
    const page = await open(address);
    await untouched(page, 'document.querySelector(".tap") !== null');
    const first = await report(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(page, () => !document.querySelector("video").muted && document.querySelector(".tap") === null);
    // The level of a burst.
    const isHeard = () => {
      const fill = document.querySelector(".meter-fill");
      return fill.closest("[hidden]") === null && new DOMMatrix(getComputedStyle(fill).transform).a > 0.2;
    };
    await until(page, isHeard);
    const heard = await report(page);
    await page.keyboard.press("s");
    await until(page, () => document.querySelector("video").muted);
    const muted = await report(page);
    await page.reload();
    await until(page, () => document.body.dataset.state === "playing" && !document.querySelector(".sound").hidden);
    const reloaded = await report(page);
    await page.focus(".volume");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await until(page, () => !document.querySelector("video").muted);
    const quieter = await report(page);
    const without = await report(await open(silent));
    console.log(JSON.stringify({ first, heard, muted, reloaded, quieter, without, errors }));
  } catch (error) {
    const pages = await Promise.all((await browser.pages()).map((page) => page.content()));
    throw new Error(`${error.message}: ${JSON.stringify({ errors, pages })}`);
  } finally {
    await browser.close();
  }
}

await main(process.argv.slice(2));
