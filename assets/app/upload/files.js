// The files that a user has dropped or chosen, as clips: videos each alone, pictures together as a sequence. No DOM.

import { inOrder, pack, sequenceName } from "./tar.js";

/** @typedef {{name: string, file: Blob}} ClipFile */

export const MOST_BYTES = 500_000_000;
const CLIPS = /\.(mov|qt|webm|mp4|m4v|gif|webp|tar)$/i;
const PICTURES = /\.png$/i;

/**
 * The clips, and the names of what is none: of another kind, too large, or a picture alone.
 * @param {readonly File[]} files
 */
export function clipsOf(files) {
  const pictures = files.filter(({ name }) => PICTURES.test(name));
  const clips = files.filter(({ name }) => CLIPS.test(name)).map((file) => /** @type {ClipFile} */ ({ name: file.name, file }));
  const [first, second] = inOrder(pictures);
  if (first !== undefined && second !== undefined) {
    clips.push({ name: sequenceName(first.name), file: pack(inOrder(pictures)) });
  }
  const fits = (/** @type {ClipFile} */ { file }) => file.size > 0 && file.size <= MOST_BYTES;
  return {
    clips: clips.filter(fits),
    tooLarge: clips.filter((clip) => !fits(clip)).map(({ name }) => name),
    alone: second === undefined ? pictures.map(({ name }) => name) : [],
    unknown: files.filter(({ name }) => !CLIPS.test(name) && !PICTURES.test(name)).map(({ name }) => name),
  };
}
