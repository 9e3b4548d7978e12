// Opens the coach's page and an athlete's page of one session in headless Chromium, and pauses the session as the coach does.
//
//   node control.mjs CONTROL_URL
//
// Standard output is one JSON object: the addresses that the pages show afterwards, whether they have controls, the notice of
// the page without the token, the state after the coach's click and after a reload, the links of the dialog that shares them,
// and the errors of both consoles.

import puppeteer from "puppeteer-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MILLIS = 180_000;

/** The links in the dialog, the width of its QR code, and the label of a button that copies. */
async function share(page) {
  await page.click(".share-button");
  await page.waitForFunction(() => document.querySelector("#share-coach").value !== "");
  await page.waitForFunction(() => document.querySelector(".share-code").complete);
  await page.click(".share-row .send");
  await page.waitForFunction(() => document.querySelector(".share-row .send").textContent === "Copied");
  return page.evaluate(() => {
    const values = [...document.querySelectorAll(".share-row input")].map(({ id, value }) => [id, value]);
    const copied = document.querySelector(".share-row .send").textContent;
    return { ...Object.fromEntries(values), pixels: document.querySelector(".share-code").naturalWidth, copied };
  });
}

async function main([address]) {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, and tests in containers run as root.
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    timeout: WAIT_MILLIS,
  });
  const errors = [];
  const open = async (url) => {
    const page = await (await browser.createBrowserContext()).newPage();
    page.setDefaultTimeout(WAIT_MILLIS);
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url);
    return page;
  };
  const press = async (page) => {
    await page.waitForSelector(".transport .main:not([disabled])");
    const before = await page.$eval(".transport .main", (button) => button.getAttribute("aria-label"));
    await page.click(".transport .main");
    // The label stays as it is when the server rejects the command.
    const changed = (old) => {
      const label = document.querySelector(".transport .main").getAttribute("aria-label");
      return label !== old && document.querySelector(".status").textContent === "" ? label : null;
    };
    return (await page.waitForFunction(changed, {}, before)).jsonValue();
  };
  try {
    const coach = await open(address);
    const paused = await press(coach);
    const shown = coach.url();
    // The cookie has the right from now on.
    await coach.goto("about:blank");
    await coach.goto(shown);
    const resumed = await press(coach);
    const shared = await share(coach);
    const cookies = await coach.evaluate(() => document.cookie);
    // Another browser, to which the coach's address was passed on after the page had removed the token.
    const athlete = await open(shown);
    const notice = await athlete.waitForSelector("#tools .link");
    const text = await notice.evaluate((element) => element.textContent);
    const hasControls = (await athlete.$(".transport")) !== null;
    console.log(JSON.stringify({ shown, paused, resumed, cookies, shared, notice: text, hasControls, errors }));
  } finally {
    await browser.close();
  }
}

await main(process.argv.slice(2));
