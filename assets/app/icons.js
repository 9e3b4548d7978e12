// Outlines of icons in a 24 by 24 box, drawn with strokes.

const PATHS = Object.freeze({
  library: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  train: "M3 9v6M6 7v10M18 7v10M21 9v6M6 12h12",
  live: "M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8.2 15.8a5.4 5.4 0 0 1 0-7.6M15.8 8.2a5.4 5.4 0 0 1 0 7.6M5.3 18.7a9.5 9.5 0 0 1 0-13.4M18.7 5.3a9.5 9.5 0 0 1 0 13.4",
  assistant: "M11 4l1.8 5.2L18 11l-5.2 1.8L11 18l-1.8-5.2L4 11l5.2-1.8zM18.5 16v4M16.5 18h4",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.3 15.3 20 20",
  plus: "M12 5v14M5 12h14",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  swap: "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
  trash: "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
  undo: "M4 9h10a5.5 5.5 0 0 1 0 11h-4M8 5 4 9l4 4",
  redo: "M20 9H10a5.5 5.5 0 0 0 0 11h4M16 5l4 4-4 4",
  play: "M8 5v14l11-7z",
  stop: "M7 7h10v10H7z",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19 7",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  warning: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.01",
  offline: "M4 4l16 16M5 12.5a10 10 0 0 1 4-2.6M19 12.5a10 10 0 0 0-6-2.9M8.5 16a5 5 0 0 1 5-1.2M12 19.5h.01M2 9a15 15 0 0 1 4-2.4M22 9a15 15 0 0 0-11.5-3.8",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M18 10h.01M8 14h8",
  repeat: "M17 3l3 3-3 3M4 11V9a3 3 0 0 1 3-3h13M7 21l-3-3 3-3M20 13v2a3 3 0 0 1-3 3H4",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  open: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  saved: "M7 18a4.5 4.5 0 0 1-.5-9A6 6 0 0 1 18 10a4 4 0 0 1 0 8zM9.5 13.5l2 2 3.5-3.5",
  layers: "M12 4 3 9l9 5 9-5zM3 14l9 5 9-5",
  screen: "M3 5h18v12H3zM8 21h8",
  upload: "M12 20V9M7 13l5-5 5 5M4 4h16",
  pause: "M8 6v12M16 6v12",
  admin: "M12 3l7.5 3v5.5c0 4.5-3.2 7.9-7.5 9.5-4.3-1.6-7.5-5-7.5-9.5V6zM9 12l2.2 2.2L15.5 10",
  key: "M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12l8-8M16 7l3 3M13.5 9.5l2 2",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
});

/** @typedef {keyof typeof PATHS} IconName */

/** The outline of an icon. @param {IconName} name */
export const iconPath = (name) => PATHS[name];
