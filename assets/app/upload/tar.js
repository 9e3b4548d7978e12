// A picture sequence as one file: an uncompressed tar archive (POSIX.1-1988, ustar). No DOM and no network.

const BLOCK = 512;
const MODE = "0000644";
// The position of the checksum in a header, which counts as spaces while it is computed.
const [CHECKSUM, CHECKSUM_LENGTH] = [148, 8];

const order = new Intl.Collator("en", { numeric: true });

/**
 * The files of a sequence in the order of their names, in which numbers count as numbers.
 * @template {{name: string}} T
 * @param {readonly T[]} files
 */
export const inOrder = (files) => [...files].sort((one, two) => order.compare(one.name, two.name));

/** The name of a sequence: that of its first picture without its number. @param {string} first */
export function sequenceName(first) {
  const stem = first.replace(/\.[^.]*$/, "").replace(/[\s._-]*\d+$/, "");
  return `${stem === "" ? "sequence" : stem}.tar`;
}

/**
 * The archive. Pictures are numbered, so that their order does not depend on how names are sorted, and the same pictures make
 * the same bytes: an interrupted upload continues after they are chosen again.
 * @param {readonly Blob[]} pictures in order
 */
export function pack(pictures) {
  const parts = pictures.flatMap((picture, index) => {
    const padding = (BLOCK - (picture.size % BLOCK)) % BLOCK;
    return [header(`${String(index + 1).padStart(6, "0")}.png`, picture.size), picture, new Uint8Array(padding)];
  });
  // Two empty blocks are the end.
  return new Blob([...parts, new Uint8Array(2 * BLOCK)], { type: "application/x-tar" });
}

/** @param {string} name ASCII @param {number} size */
function header(name, size) {
  const block = new Uint8Array(BLOCK);
  const write = (/** @type {number} */ at, /** @type {string} */ text) => block.set(new TextEncoder().encode(text), at);
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) => value.toString(8).padStart(digits, "0");
  write(0, name);
  write(100, MODE);
  write(108, octal(0, 7));
  write(116, octal(0, 7));
  write(124, octal(size, 11));
  write(136, octal(0, 11));
  write(CHECKSUM, " ".repeat(CHECKSUM_LENGTH));
  write(156, "0");
  write(257, "ustar\u000000");
  write(CHECKSUM, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\u0000 `);
  return block;
}
