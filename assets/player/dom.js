// Helpers to build elements. They set neither HTML nor style attributes, because the content security policy forbids both.

const SVG = "http://www.w3.org/2000/svg";

// Outlines in a 24 by 24 box; all are filled.
const ICONS = {
  back: "M6 5h2.5v14H6zM20 5v14L9.5 12z",
  skip: "M15.5 5H18v14h-2.5zM4 5l10.5 7L4 19z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  play: "M7 4.5v15l13-7.5z",
  minus: "M5 10.75h14v2.5H5z",
  plus: "M10.75 5h2.5v5.75H19v2.5h-5.75V19h-2.5v-5.75H5v-2.5h5.75z",
  list: "M4 5h3v3H4zM9 5h11v3H9zM4 10.5h3v3H4zM9 10.5h11v3H9zM4 16h3v3H4zM9 16h11v3H9z",
  side: "M3 5h18v14H3zm2.2 2.2v9.6h8.3V7.2zm10.5 0v9.6h3.1V7.2z",
  enter: "M4 4h6v2.5H6.5V10H4zM14 4h6v6h-2.5V6.5H14zM4 14h2.5v3.5H10V20H4zM17.5 14H20v6h-6v-2.5h3.5z",
  leave: "M7.5 4H10v6H4V7.5h3.5zM14 4h2.5v3.5H20V10h-6zM4 14h6v6H7.5v-3.5H4zM14 14h6v2.5h-3.5V20H14z",
  sound: "M4 9v6h4l5 4.5v-15L8 9zM16 8.2v7.6a4.5 4.5 0 0 0 0-7.6z",
  muted:
    "M3 9v6h4l5 4.5v-15L7 9zM14 9.4l1.7-1.7 2.6 2.6 2.6-2.6 1.7 1.7-2.6 2.6 2.6 2.6-1.7 1.7-2.6-2.6-2.6 2.6-1.7-1.7 2.6-2.6z",
  close: "M6.3 4.6 12 10.3l5.7-5.7 1.7 1.7-5.7 5.7 5.7 5.7-1.7 1.7-5.7-5.7-5.7 5.7-1.7-1.7 5.7-5.7-5.7-5.7z",
  captions:
    "M4.5 5h15A2.5 2.5 0 0 1 22 7.5v9a2.5 2.5 0 0 1-2.5 2.5h-15A2.5 2.5 0 0 1 2 16.5v-9A2.5 2.5 0 0 1 4.5 5z" +
    "M5 10.5v2h6v-2zm8 0v2h6v-2zM5 14v2h3v-2zm5 0v2h9v-2z",
  share:
    "M18 2.5a3.5 3.5 0 1 1-2.6 5.8l-5.9 3.1a3.5 3.5 0 0 1 0 1.2l5.9 3.1a3.5 3.5 0 1 1-1 2l-6-3.1" +
    "a3.5 3.5 0 1 1 0-5.2l6-3.1A3.5 3.5 0 0 1 18 2.5z",
  keys:
    "M2 6h20v12H2zm2.2 2.2v1.9h1.9V8.2zm3.9 0v1.9H10V8.2zm3.9 0v1.9h1.9V8.2z" +
    "m3.9 0v1.9h3.8V8.2zM4.2 13.6v1.9h1.9v-1.9zm3.9 0v1.9h7.8v-1.9zm9.8 0v1.9h1.9v-1.9z",
};

/** The element with this id in index.html. */
export const byId = (id) => document.getElementById(id);

/** A new element with attributes, and children that are elements or text; `onclick` and the like are listeners. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/** A decorative icon; the button has its own label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

/** A button with an icon; `label` is its accessible name and its tooltip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return element("button", { type: "button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/** Changes icon and label of a button made by `iconButton`. */
export function relabel(button, name, label) {
  if (button.getAttribute("aria-label") !== label) {
    button.setAttribute("aria-label", label);
    button.title = label;
    button.replaceChildren(icon(name));
  }
}

/** Sets text only if it differs: an unchanged node causes no layout and is not announced again. */
export function write(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Clamps a value to bounds; NaN becomes the lower one. */
export const clamp = (value, low, high) => (value > low ? Math.min(value, high) : low);
