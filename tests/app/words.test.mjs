// The dictionaries: the same keys in both languages, all of them used, none missing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import english from "../../assets/app/words/en.js";
import french from "../../assets/app/words/fr.js";
import { ADMIN } from "../../assets/app/admin/words.js";
import { UPLOAD } from "../../assets/app/upload/words.js";
import { sources } from "./files.mjs";

/** The dictionary of all pages, and those of pages that few open: in both languages. */
const DICTIONARIES = [[english, french], ...[ADMIN, UPLOAD].map(({ en, fr }) => [en, fr])];

/** The keys of a dictionary with their kinds, such as "pages.library: string". */
const shape = (value, path = "") =>
  typeof value !== "object"
    ? [`${path}: ${typeof value}`]
    : Object.entries(value).flatMap(([key, inner]) => shape(inner, path === "" ? key : `${path}.${key}`));

/** All texts, those of functions with example values. */
function texts(value, path = "") {
  if (typeof value === "function") {
    return [[path, value("A", 2, 3, 1, 2)]];
  }
  return typeof value === "object"
    ? Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`))
    : [[path, value]];
}

test("both languages have the same keys", () => {
  DICTIONARIES.forEach(([one, other]) => assert.deepEqual(shape(other).sort(), shape(one).sort()));
});

test("no text is empty, except the name of a step that has its exercise's", () => {
  for (const [path, text] of DICTIONARIES.flat().flatMap((dictionary) => texts(dictionary))) {
    assert.ok(text.trim() !== "" || path === ".steps.exercise", path);
    assert.doesNotMatch(text, /undefined|\[object|NaN/, path);
  }
});

test("French has no space before its double punctuation where a line could break", () => {
  for (const [path, text] of DICTIONARIES.flatMap(([, french]) => texts(french))) {
    assert.doesNotMatch(text, / [;:?!»]|« /, path);
    assert.doesNotMatch(text, /'/, path);
  }
});

test("each text is used, and each use has a text", () => {
  const modules = sources().map((file) => readFileSync(file, "utf8"));
  const code = modules.filter((module) => /import \{.*\bwords\b.*\} from/.test(module)).join("\n");
  const used = new Set([...code.matchAll(/\bwords\.(?!js")(\w+)/g)].map(([, key]) => key));
  assert.deepEqual([...used].filter((key) => !(key in english)).sort(), []);
  for (const [dictionary] of DICTIONARIES.slice(1)) {
    const read = new Set([...modules.join("\n").matchAll(/\btext\.(\w+)/g)].map(([, key]) => key));
    assert.deepEqual(Object.keys(dictionary).filter((key) => !read.has(key)), []);
  }
  // The labels of names are read by label().
  assert.deepEqual(Object.keys(english).filter((key) => !used.has(key)), ["names"]);
});
