// What the lists of files say is what there is: of the service worker, of the pages, of the first page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { filesOf } from "../../assets/app/pages.js";
import { FOLDER, files, imported, sources, text } from "./files.mjs";

const PAGES = ["library", "train", "builder", "live", "assistant", "account", "admin"];
// First paint: what is loaded before the shell is drawn, without fonts, which replace those of the system when they come.
const MOST_FIRST_BYTES = 40_000;
// All of a page, without images.
const MOST_PAGE_BYTES = 88_000;

const shell = () => [...imported("main.js"), "words/en.js"];
const styles = () => [...text("index.html").matchAll(/rel="stylesheet" href="assets\/app\/([^"]+)"/g)].map(([, file]) => file);

test("the service worker keeps all files", () => {
  const [, list] = /const FILES = \[(.*?)\];/s.exec(text("sw.js")) ?? [];
  const kept = [...(list ?? "").matchAll(/"([^"]+)"/g)].map(([, file]) => file);
  const left = /^(sw\.js|README\.md|index\.html)$|\.LICENSE$|\.d\.mts$/;
  assert.deepEqual(kept, files().filter((file) => !left.test(file)));
});

test("a page names all modules that it imports, and no other", () => {
  const known = new Set(shell());
  for (const page of PAGES) {
    const listed = filesOf(page).filter((file) => file.endsWith(".js"));
    const needed = [...imported(listed[0])].filter((file) => !known.has(file));
    assert.deepEqual(listed.sort(), needed.sort(), page);
  }
});

test("the first page loads the modules of the shell side by side", () => {
  const preloaded = [...text("index.html").matchAll(/rel="modulepreload" href="assets\/app\/([^"]+)"/g)].map(([, file]) => file);
  const needed = [...imported("main.js")].filter((file) => file !== "main.js");
  assert.deepEqual(preloaded.sort(), needed.sort());
});

const compressed = (list) => list.reduce((sum, file) => sum + gzipSync(text(file), { level: 6 }).length, 0);

test("little is loaded before the first paint, and not much for a whole page", () => {
  const first = compressed(["index.html", ...styles(), ...shell()]);
  assert.ok(first <= MOST_FIRST_BYTES, `${first} bytes`);
  for (const page of PAGES) {
    const bytes = first + compressed(filesOf(page));
    assert.ok(bytes <= MOST_PAGE_BYTES, `${page}: ${bytes} bytes`);
  }
});

test("files are short", () => {
  const styles = files().filter((file) => file.endsWith(".css")).map((file) => join(FOLDER, file));
  for (const file of [...sources(), ...styles]) {
    const lines = readFileSync(file, "utf8").split("\n").length;
    assert.ok(lines <= 400, `${file}: ${lines} lines`);
  }
});

test("licences are next to what they are for", () => {
  ["preact", "htm"].forEach((name) => assert.ok(files().includes(`vendor/${name}.LICENSE`)));
  assert.doesNotMatch(text("vendor/hooks.mjs"), /from"preact"/);
});
