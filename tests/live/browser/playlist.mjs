// Reads a playlist with two parsers that players use, m3u8-parser and hls-parser in its strict mode.
//
//   node playlist.mjs < PLAYLIST
//
// Prints the results as one JSON object, `{"m3u8Parser": {...}, "hlsParser": {...}}`, each with the errors of its parser as
// `faults`. The exit status is 0 only when there are none.

import { readFileSync } from "node:fs";

import HLS from "hls-parser";
import { Parser } from "m3u8-parser";

/** Reads with m3u8-parser, the parser of video.js, which reports errors and continues. */
function readWithM3u8Parser(text) {
  const faults = [];
  const parser = new Parser();
  parser.on("warn", ({ message }) => faults.push(message));
  parser.on("error", ({ message }) => faults.push(message));
  parser.push(text);
  parser.end();
  return { faults, ...parser.manifest };
}

/** Reads with hls-parser, which throws at the first error in strict mode. */
function readWithHlsParser(text) {
  HLS.setOptions({ strictMode: true, silent: true });
  try {
    // `source` is the text of the playlist.
    const { source, ...playlist } = HLS.parse(text);
    return { faults: [], ...playlist };
  } catch (error) {
    return { faults: [error.message] };
  }
}

const text = readFileSync(process.stdin.fd, "utf8");
const report = { m3u8Parser: readWithM3u8Parser(text), hlsParser: readWithHlsParser(text) };
console.log(JSON.stringify(report));
process.exitCode = report.m3u8Parser.faults.length + report.hlsParser.faults.length > 0 ? 1 : 0;
