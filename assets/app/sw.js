// The service worker: keeps the files of the application, so that it opens without a connection. Answers of the server itself,
// such as those below /api and /live, are never kept.
//
// Files are asked for at the server first, because those of two versions do not fit together.

const CACHE = "repcast-app-1";

// All files of the application except this one and its page, relative to it; tests compare them with the folder.
const FILES = [
  "account/account.css",
  "account/devices.js",
  "account/page.js",
  "admin/admin.css",
  "admin/audit.js",
  "admin/clubs.js",
  "admin/data.js",
  "admin/exercises.js",
  "admin/member.js",
  "admin/members.js",
  "admin/page.js",
  "admin/pager.js",
  "admin/users.js",
  "admin/words.js",
  "api.js",
  "app.css",
  "assistant/assistant.css",
  "assistant/chips.js",
  "assistant/page.js",
  "catalogue.js",
  "confirm.js",
  "controls.css",
  "exercises.js",
  "format.js",
  "icon-192.png",
  "icon-512.png",
  "icon-maskable-512.png",
  "icon.svg",
  "icons.js",
  "library/card.js",
  "library/detail.js",
  "library/filters.js",
  "library/library.css",
  "library/page.js",
  "library/uploads.js",
  "live/live.css",
  "live/page.js",
  "live/sessions.js",
  "live/start.js",
  "main.js",
  "manifest.webmanifest",
  "me.js",
  "overlays.css",
  "pages.js",
  "preload.js",
  "router.js",
  "routes.js",
  "settings.js",
  "shell.js",
  "storage.js",
  "store.js",
  "toasts.js",
  "tokens.css",
  "train/actions.js",
  "train/autosave.js",
  "train/conflict.js",
  "train/dialogs.css",
  "train/download.js",
  "train/drafts.js",
  "train/editor.js",
  "train/fields.js",
  "train/frames.js",
  "train/group.css",
  "train/group.js",
  "train/groups.js",
  "train/head.js",
  "train/help.js",
  "train/history.js",
  "train/keys.js",
  "train/lead.js",
  "train/list.css",
  "train/list.js",
  "train/look.js",
  "train/menu.js",
  "train/page.js",
  "train/picker.css",
  "train/picker.js",
  "train/player.js",
  "train/reducer.js",
  "train/ribbon.js",
  "train/row.js",
  "train/saved.css",
  "train/saved.js",
  "train/schedule.js",
  "train/sort.js",
  "train/stage.css",
  "train/stage.js",
  "train/summary.css",
  "train/summary.js",
  "train/swap.js",
  "train/templates.js",
  "train/train.css",
  "train/view.js",
  "train/workout.js",
  "train/workouts.js",
  "ui.js",
  "upload/calls.js",
  "upload/clip.js",
  "upload/fields.js",
  "upload/files.js",
  "upload/form.js",
  "upload/own.js",
  "upload/panel.js",
  "upload/queue.js",
  "upload/rate.js",
  "upload/tar.js",
  "upload/transfer.js",
  "upload/upload.css",
  "upload/words.js",
  "vendor/hooks.mjs",
  "vendor/htm.mjs",
  "vendor/preact.mjs",
  "words.js",
  "words/en.js",
  "words/fr.js",
];

const FONTS = ["../player/inter-regular.woff2", "../player/inter-semibold.woff2"];

// The page answers at each of its addresses.
const SHELL = new URL("../../library", self.location.href).href;
const PAGES = /^\/?(library|train|live|assistant|account|admin)?\/?$|^\/train\/[^/]+$/;

const absolute = (file) => new URL(file, self.location.href).href;
const KEPT = new Set([...FILES, ...FONTS].map(absolute));
const ROOT = new URL("../../", self.location.href).pathname;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([SHELL, ...KEPT]);
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("repcast-app-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  const isPage = request.mode === "navigate" && PAGES.test(`/${url.pathname.slice(ROOT.length)}`);
  if (isPage) {
    event.respondWith(networkFirst(request, SHELL));
  } else if (KEPT.has(url.href)) {
    event.respondWith(networkFirst(request, url.href));
  }
});

/** The answer of the server, or what was kept under a key. */
async function networkFirst(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && response.type === "basic" && !response.redirected) {
      await cache.put(key, response.clone());
    }
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept === undefined) {
      throw error;
    }
    return kept;
  }
}
