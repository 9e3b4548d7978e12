// The administration: a club is made and renamed, an account is made in it, gets another role and is disabled, and the log has it.
//
//   node admin.mjs BASE_URL

import assert from "node:assert/strict";

import { press, run, tabTo, until } from "./support.mjs";

const PASSWORD = "correct horse battery staple";

await run(async (world) => {
  const number = Date.now() % 1_000_000;
  const [club, name, email] = [`Club ${number}`, `Zoé ${number}`, `zoe${number}@gym.example`];
  const page = await world.open("admin?view=clubs");
  const toasts = () => page.$$eval(".toast > span", (list) => list.map(({ textContent }) => textContent));

  // By keyboard: a club, and an account in it.
  await page.waitForSelector(".line-form");
  await tabTo(page, ".line-form .input");
  await page.keyboard.type(club);
  await page.keyboard.press("Enter");
  await until(toasts, (list) => list.some((text) => text.includes(club)), "the message");
  const card = await page.waitForSelector(`::-p-xpath(//li[contains(@class, "club")][.//h2[text()="${club}"]])`);
  const members = await card.$("[aria-expanded]");
  if ((await members.evaluate(({ ariaExpanded }) => ariaExpanded)) === "false") {
    await members.click();
  }
  const create = await card.waitForSelector('.club > p .button[aria-haspopup="dialog"]');
  await create.focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".member-form");
  for (const text of [name, email, PASSWORD]) {
    await page.keyboard.type(text);
    await press(page, "Tab");
  }
  await page.select(".member-form select", "COACH");
  await page.click(".member-form .main-action");
  await until(() => card.$$eval(".member-name strong", (list) => list.map(({ textContent }) => textContent)), (list) => list.includes(name), "the members");

  // Renamed to a name that is taken, and to another.
  await world.call("POST", "api/clubs", { name: `Other ${number}` });
  await (await card.$('[aria-label^="Rename"]')).click();
  const rename = async (to) => {
    await page.$eval(".dialog .input", (input) => input.select());
    await page.keyboard.type(to);
    await page.keyboard.press("Enter");
  };
  await page.waitForSelector(".dialog[open] .input");
  await rename(`Other ${number}`);
  await page.waitForSelector(".dialog .fault");
  await rename(`${club} Lyon`);
  await page.waitForSelector(`::-p-xpath(//h2[text()="${club} Lyon"])`);

  // The account is on one of the pages of accounts; its role and its state change, and a message offers the way back.
  await page.click('.view[href="admin?view=users"]');
  await page.waitForSelector(".table tbody tr");
  const row = await page.waitForSelector(`::-p-xpath(//tr[.//*[text()="${name}"]])`);
  const user = async () => (await world.call("GET", "api/users?size=200")).json.users.find((other) => other.email === email);
  await (await row.$("select")).select("CLUB_ADMIN");
  await until(user, ({ role }) => role === "CLUB_ADMIN", "the account");
  await (await row.$(".button")).click();
  await until(user, ({ isDisabled }) => isDisabled, "the account");
  const undo = await page.waitForSelector(`::-p-xpath(//div[@class="toast"][contains(., "can no longer")]//button[contains(@class, "toast-action")])`);
  await undo.click();
  await until(user, ({ isDisabled }) => !isDisabled, "the account");

  // The log has it all; the club is deleted, after a question.
  await page.click('.view[href="admin?view=audit"]');
  await until(() => page.$$eval(".log td strong", (list) => list.map(({ textContent }) => textContent)), (list) => list[0] === "Account enabled" && list.includes("Role changed"), "the log");
  await page.click('.view[href="admin?view=clubs"]');
  const renamed = await page.waitForSelector(`::-p-xpath(//li[contains(@class, "club")][.//h2[text()="${club} Lyon"]])`);
  await (await renamed.$('[aria-label^="Delete"]')).click();
  await page.waitForSelector(".dialog[open] .button.bad");
  await page.click(".dialog[open] .button.bad");
  await page.waitForSelector(`::-p-xpath(//h2[text()="${club} Lyon"])`, { hidden: true });
  const { json: clubs } = await world.call("GET", "api/clubs");
  assert.ok(!clubs.some(({ name: other }) => other.startsWith(club)));
  await world.call("DELETE", `api/clubs/${clubs.find(({ name: other }) => other === `Other ${number}`).id}`);
  return { email };
});
