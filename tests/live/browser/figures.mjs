// Holds the reports of live.mjs against what is wanted of a live stream on a machine that does nothing else.
//
//   node live.mjs ... | node figures.mjs [--json]
//
// Prints a table, or the reports with the figures that were missed; the exit status is 1 when one was.

import { readFileSync } from "node:fs";

// Plain hls.js never makes up for what its start took; Chromium's own player knows no parts and begins three whole
// segments behind, which its view of a command adds to.
const LATENCY_SECS = { page: 2, shaka: 2, "hls.js": 2.5, native: 10 };
const COMMAND_MILLIS = { page: 2000, shaka: 2000, "hls.js": 2500, native: 10_000 };
const STARTUP_MILLIS = 1500;

/** Each figure of a report with whether it is as wanted. */
function figures(report) {
  const { player, latency, stalls, errors, problems, unclear, startupMillis, sincePostMillis, visible } = report;
  const within = (value, most) => value !== null && value !== undefined && value <= most;
  const slowest = Math.max(0, ...Object.values(visible).map((millis) => millis ?? Infinity));
  return [
    ["playing ms", startupMillis, within(startupMillis, STARTUP_MILLIS)],
    ["since POST ms", sincePostMillis, true],
    ["behind s", latency?.median, within(latency?.median, LATENCY_SECS[player])],
    ["p95", latency?.p95, true],
    ["most", latency?.most, true],
    ["command ms", slowest, slowest <= COMMAND_MILLIS[player]],
    ["stalls", stalls, stalls === 0],
    ["errors", errors.length + problems.length, errors.length + problems.length === 0],
    ["decoded", report.decoded, report.decoded > 0],
    ["dropped", report.dropped, true],
    ["unreadable", unclear, unclear === 0],
  ];
}

const reports = readFileSync(process.stdin.fd, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const rows = reports.map((report) => ({ report, figures: figures(report) }));
const missed = ({ figures }) => figures.filter(([, , good]) => !good).map(([name]) => name);
if (process.argv.includes("--json")) {
  rows.forEach((row) => console.log(JSON.stringify({ ...row.report, missed: missed(row) })));
} else {
  const cells = rows.map(({ report, figures }) => [
    report.player,
    ...figures.map(([, value, good]) => `${value ?? "none"}${good ? "" : " !"}`),
  ]);
  const table = [["player", ...(rows[0]?.figures.map(([name]) => name) ?? [])], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  table.forEach((row) => console.log(row.map((cell, column) => cell.padStart(widths[column])).join("  ")));
  for (const { report } of rows) {
    [...report.errors, ...report.problems].forEach((text) => console.log(`${report.player}: ${text}`));
    Object.entries(report.visible).forEach(([name, millis]) => console.log(`${report.player}: ${name} ${millis} ms`));
  }
}
process.exitCode = rows.length === 0 || rows.some((row) => missed(row).length > 0) ? 1 : 0;
