// Opens the player pages of a session with captions and of one without in headless Chromium, and turns captions on and off.
//
//   node caption_button.mjs PAGE PAGE_WITHOUT
//
// Standard output is one JSON object: what the pages show at first, after a click on the button, after a reload, after C, and on
// the page without captions.

import puppeteer from "puppeteer-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MILLIS = 180_000;

/** The button, and the caption that is drawn. Runs inside the page. */
function observe() {
  const button = document.querySelector("[aria-pressed]");
  const [box, stage] = [document.querySelector(".captions"), document.querySelector("#stage")];
  const [inner, outer] = [box, stage].map((element) => element.getBoundingClientRect());
  return {
    pressed: button.hidden ? null : button.getAttribute("aria-pressed"),
    label: button.getAttribute("aria-label"),
    text: box.hidden ? "" : box.textContent,
    inside: inner.top >= outer.top && inner.bottom < outer.bottom && inner.left >= outer.left && inner.right <= outer.right,
  };
}

async function main([address, without]) {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    timeout: WAIT_MILLIS,
  });
  const errors = [];
  const plays = () => document.body?.dataset.state === "playing" && document.querySelector("video").currentTime > 0;
  const isDrawn = () => !document.querySelector(".captions").hidden;
  try {
    const open = async (url) => {
      const page = await browser.newPage();
      page.setDefaultTimeout(WAIT_MILLIS);
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(url);
      await page.waitForFunction(plays);
      return page;
    };
    const page = await open(address);
    await page.waitForFunction(() => !document.querySelector("[aria-pressed]").hidden);
    const first = await page.evaluate(observe);
    await page.click("[aria-pressed]");
    await page.waitForFunction(isDrawn);
    const clicked = await page.evaluate(observe);
    await page.reload();
    await page.waitForFunction(plays);
    await page.waitForFunction(isDrawn);
    const reloaded = await page.evaluate(observe);
    await page.keyboard.press("c");
    const key = await page.evaluate(observe);
    const other = await (await open(without)).evaluate(observe);
    console.log(JSON.stringify({ first, clicked, reloaded, key, without: other, errors }));
  } finally {
    await browser.close();
  }
}

await main(process.argv.slice(2));
