// Formats of times and numbers, and the times that users type.

import { language } from "./words.js";

/** Formats are kept: making one takes longer than using it. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {Intl.NumberFormatOptions} options */
function formatted(value, options) {
  const key = `${language.value} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language.value, options);
  formats.set(key, format);
  return format.format(value);
}

const two = (/** @type {number} */ value) => String(value).padStart(2, "0");

/** Seconds as "0:05", "12:40" or "1:02:03", rounded to whole ones. @param {number} secs */
export function clock(secs) {
  const whole = Math.max(0, Math.round(secs));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A number in the user's language, with at most three decimals. @param {number} value */
export const decimal = (value) =>
  Number.isInteger(value) ? String(value) : formatted(value, { maximumFractionDigits: 3, useGrouping: false });

/** Seconds for a field: "45", "1:30" from 100 seconds on. @param {number} secs */
export function typedTime(secs) {
  if (secs < 100 || secs % 1 !== 0) {
    return decimal(secs);
  }
  return clock(secs);
}

/** The seconds of "45", "1,5", "1:30" or "1:00:00"; null for anything else. @param {string} text */
export function parseTime(text) {
  const parts = text.trim().replace(/\s*s$/i, "").replace(",", ".").split(":");
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$|^\.\d+$/.test(part))) {
    return null;
  }
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** The number of "1.25" or "1,25"; null for anything else. @param {string} text */
export function parseNumber(text) {
  const cleaned = text.trim().replace(/[×x]/gi, "").replace(",", ".");
  return /^\d+(\.\d+)?$|^\.\d+$/.test(cleaned) ? Number(cleaned) : null;
}

/** A date and time, such as "3 Nov, 14:05". @param {string | number | Date} date */
export function moment(date) {
  const options = /** @type {const} */ ({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return new Date(date).toLocaleString(language.value, options);
}

/** The same with seconds, to compare two versions. @param {string | number | Date} date */
export const exactMoment = (date) => new Date(date).toLocaleString(language.value, { dateStyle: "medium", timeStyle: "medium" });

/** A share of one in percent; making a format of the browser for it takes longer than a page's other code. @param {number} value */
export const percent = (value) => `${Math.round(value * 100)}${language.value === "fr" ? "\u202f" : ""}%`;

/** A size in megabytes. @param {number} bytes */
export const megabytes = (bytes) => `${formatted(bytes / 1e6, { maximumFractionDigits: 1 })}\u00a0${language.value === "fr" ? "Mo" : "MB"}`;
