// The files of the application.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const FOLDER = fileURLToPath(new URL("../../assets/app/", import.meta.url));

/** All files, relative to the folder. */
export const files = () =>
  readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
    .sort();

/** The application's own modules, as paths. */
export const sources = () => files().filter((file) => file.endsWith(".js") && !file.startsWith("vendor/")).map((file) => join(FOLDER, file));

export const text = (file) => readFileSync(join(FOLDER, file), "utf8");

/** The modules that a module imports before it runs, itself included. */
export function imported(file, found = new Set()) {
  if (!found.has(file)) {
    found.add(file);
    for (const [, target] of text(file).matchAll(/^(?:import|export)\b[^;]*?from ?"(\.[^"]+)"|\bfrom"(\.[^"]+)"/gm)) {
      if (target !== undefined) {
        imported(join(dirname(file), target), found);
      }
    }
  }
  return found;
}
