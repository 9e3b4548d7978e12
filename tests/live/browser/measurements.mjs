// Compares the reports of live.mjs with the targets for a live stream on an idle machine.
//
//   node live.mjs ... | node measurements.mjs [--json]
//
// Prints a table, or the reports with the names of the missed targets; the exit status is 1 when one was missed.

import { readFileSync } from "node:fs";

// hls.js does not catch up with the delay of its start. Chromium's native player ignores parts and starts three segments
// before the edge, which delays the effect of commands as well.
const LATENCY_SECS = { page: 2, shaka: 2, "hls.js": 2.5, native: 10 };
const COMMAND_MILLIS = { page: 2000, shaka: 2000, "hls.js": 2500, native: 10_000 };
const STARTUP_MILLIS = 1500;

/** The measurements of a report: name, value, and whether the target is met. */
function measurements(report) {
  const { player, latency, stalls, errors, problems, unclear, startupMillis, sincePostMillis, visible } = report;
  const within = (value, limit) => value !== null && value !== undefined && value <= limit;
  const slowest = Math.max(0, ...Object.values(visible).map((millis) => millis ?? Infinity));
  return [
    ["playing ms", startupMillis, within(startupMillis, STARTUP_MILLIS)],
    ["since POST ms", sincePostMillis, true],
    ["behind s", latency?.median, within(latency?.median, LATENCY_SECS[player])],
    ["p95", latency?.p95, true],
    ["maximum", latency?.most, true],
    ["command ms", slowest, slowest <= COMMAND_MILLIS[player]],
    ["stalls", stalls, stalls === 0],
    ["errors", errors.length + problems.length, errors.length + problems.length === 0],
    ["decoded", report.decoded, report.decoded > 0],
    ["dropped", report.dropped, true],
    ["unreadable", unclear, unclear === 0],
  ];
}

const reports = readFileSync(process.stdin.fd, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const rows = reports.map((report) => ({ report, values: measurements(report) }));
const missed = ({ values }) => values.filter(([, , good]) => !good).map(([name]) => name);
if (process.argv.includes("--json")) {
  rows.forEach((row) => console.log(JSON.stringify({ ...row.report, missed: missed(row) })));
} else {
  const cells = rows.map(({ report, values }) => [
    report.player,
    ...values.map(([, value, good]) => `${value ?? "none"}${good ? "" : " !"}`),
  ]);
  const table = [["player", ...(rows[0]?.values.map(([name]) => name) ?? [])], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  table.forEach((row) => console.log(row.map((cell, column) => cell.padStart(widths[column])).join("  ")));
  for (const { report } of rows) {
    [...report.errors, ...report.problems].forEach((text) => console.log(`${report.player}: ${text}`));
    Object.entries(report.visible).forEach(([name, millis]) => console.log(`${report.player}: ${name} ${millis} ms`));
  }
}
process.exitCode = rows.length === 0 || rows.some((row) => missed(row).length > 0) ? 1 : 0;
