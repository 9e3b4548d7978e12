// The exercises of the server: search, filters, replacements.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NO_FILTER, choices, posterAt, regionOf, replacements, select, toExercise } from "../../assets/app/catalogue.js";

const EXERCISES = [
  { id: "pushups", name: "Pompes", difficulty: "beginner", muscles: ["chest", "triceps"], categories: ["arms"] },
  { id: "dips", name: "Dips", difficulty: "beginner", muscles: ["triceps"], equipment: ["chair"], categories: ["arms"] },
  { id: "lunges", name: "Fentes arrière", difficulty: "intermediate", muscles: ["quadriceps"], secondary_muscles: ["glutes"] },
  { id: "press", name: "Développé", difficulty: "advanced", muscles: ["chest"], equipment: ["barbell", "bench"] },
].map(toExercise);
const ids = (exercises) => exercises.map(({ id }) => id);
const found = (filter) => ids(select(EXERCISES, { ...NO_FILTER, ...filter }));

test("the search ignores case and accents and finds all words", () => {
  assert.deepEqual(found({ text: "DEVELOPPE" }), ["press"]);
  assert.deepEqual(found({ text: "arriere fentes" }), ["lunges"]);
  assert.deepEqual(found({ text: "pompes fentes" }), []);
  // Names that start with the text come first.
  assert.deepEqual(found({ text: "d" }), ["dips", "press"]);
});

test("filters apply together", () => {
  assert.deepEqual(found({ muscle: "glutes" }), ["lunges"]);
  assert.deepEqual(found({ equipment: "none" }), ["pushups", "lunges"]);
  assert.deepEqual(found({ muscle: "triceps", equipment: "chair" }), ["dips"]);
  assert.deepEqual(found({ level: "beginner", category: "arms" }), ["pushups", "dips"]);
  assert.deepEqual(found({}).length, 4);
});

test("choices are those of the catalogue", () => {
  const { muscle, equipment, level } = choices(EXERCISES);
  assert.deepEqual(muscle, ["chest", "quadriceps", "triceps"]);
  assert.deepEqual(equipment, ["barbell", "bench", "chair"]);
  assert.deepEqual(level, ["beginner", "intermediate", "advanced"]);
});

test("a replacement has the same level and a muscle in common", () => {
  assert.deepEqual(ids(replacements(EXERCISES, EXERCISES[0])), ["dips"]);
  assert.deepEqual(replacements(EXERCISES, EXERCISES[3]), []);
  assert.deepEqual(replacements(EXERCISES, undefined), []);
  const old = [{ id: "a", categories: ["legs"] }, { id: "b", categories: ["legs"] }, { id: "c", categories: ["arms"] }].map(toExercise);
  assert.deepEqual(ids(replacements(old, old[0])), ["b"]);
});

test("an exercise of an older server is complete", () => {
  const exercise = toExercise({ id: "a b" });
  assert.deepEqual([exercise.name, exercise.muscles, exercise.default_duration], ["a b", [], 30]);
  assert.equal(posterAt(exercise, 320), "api/exercises/a%20b/poster.jpg?width=320");
  assert.equal(posterAt({ ...exercise, poster: "/p.jpg?sig=1" }, 320), "/p.jpg?sig=1&width=320");
});

test("muscles belong to regions", () => {
  assert.deepEqual(["calves", "chest", "lats", "obliques", "cardio", undefined].map(regionOf), ["legs", "push", "pull", "core", "whole", "whole"]);
});
