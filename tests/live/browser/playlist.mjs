// Reads a playlist with two parsers that players are built on, m3u8-parser and hls-parser in its strict mode.
//
//   node playlist.mjs < PLAYLIST
//
// What they understood goes to standard output as one JSON object, `{"m3u8Parser": {...}, "hlsParser": {...}}`, each
// with the objections of its parser as `faults`. The exit status is 0 only when neither has any.

import { readFileSync } from "node:fs";

import HLS from "hls-parser";
import { Parser } from "m3u8-parser";

/** What m3u8-parser, the parser of video.js, understands. It goes on after a fault and tells of it. */
function readWithM3u8Parser(text) {
  const faults = [];
  const parser = new Parser();
  parser.on("warn", ({ message }) => faults.push(message));
  parser.on("error", ({ message }) => faults.push(message));
  parser.push(text);
  parser.end();
  return { faults, ...parser.manifest };
}

/** What hls-parser understands. In its strict mode it throws at the first fault. */
function readWithHlsParser(text) {
  HLS.setOptions({ strictMode: true, silent: true });
  try {
    // The text that the object was made from would only be said again.
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
