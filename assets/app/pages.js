// The pages and the files that each needs, which are loaded when it is first opened.

/** @typedef {import("./routes.js").PageName} PageName */

/** @type {Record<PageName, {module: string, styles: string[], needs: string[]}>} */
const PAGES = {
  library: {
    module: "library/page.js",
    styles: ["library/library.css"],
    needs: ["catalogue.js", "exercises.js", "library/card.js", "library/filters.js", "library/uploads.js"],
  },
  train: { module: "train/saved.js", styles: ["train/saved.css"], needs: ["format.js", "train/drafts.js", "train/groups.js", "train/history.js", "train/menu.js", "train/reducer.js", "train/templates.js", "train/workout.js", "train/workouts.js"] },
  builder: {
    module: "train/page.js",
    styles: ["train/train.css", "train/stage.css", "train/summary.css", "train/list.css", "train/group.css"],
    needs: [
      "catalogue.js",
      "exercises.js",
      "format.js",
      "live/start.js",
      "train/actions.js",
      "train/autosave.js",
      "train/drafts.js",
      "train/editor.js",
      "train/fields.js",
      "train/frames.js",
      "train/group.js",
      "train/groups.js",
      "train/head.js",
      "train/history.js",
      "train/keys.js",
      "train/list.js",
      "train/look.js",
      "train/menu.js",
      "train/player.js",
      "train/reducer.js",
      "train/ribbon.js",
      "train/row.js",
      "train/schedule.js",
      "train/sort.js",
      "train/stage.js",
      "train/summary.js",
      "train/templates.js",
      "train/view.js",
      "train/workout.js",
      "train/workouts.js",
    ],
  },
  live: { module: "live/page.js", styles: ["live/live.css"], needs: ["format.js", "live/sessions.js", "live/start.js", "train/workouts.js"] },
  assistant: { module: "assistant/page.js", styles: ["assistant/assistant.css"], needs: ["assistant/chips.js", "catalogue.js", "exercises.js", "format.js"] },
  admin: {
    module: "admin/page.js",
    styles: ["admin/admin.css"],
    needs: ["admin/audit.js", "admin/clubs.js", "admin/data.js", "admin/exercises.js", "admin/member.js", "admin/members.js", "admin/pager.js", "admin/users.js", "admin/words.js", "catalogue.js", "confirm.js", "exercises.js", "format.js"],
  },
  account: { module: "account/page.js", styles: ["account/account.css"], needs: ["account/devices.js", "format.js"] },
};

/** All of a page's files, for its first load and for tests. @param {PageName} name */
export const filesOf = (name) => [PAGES[name].module, ...PAGES[name].needs, ...PAGES[name].styles];

const here = (/** @type {string} */ file) => new URL(file, import.meta.url).href;

/** @type {Set<string>} */
const hinted = new Set();

/** Starts loading a file. @param {string} file @param {"auto" | "low"} [priority] */
export function hint(file, priority = "auto") {
  if (!hinted.has(file)) {
    hinted.add(file);
    const link = document.createElement("link");
    link.rel = file.endsWith(".css") ? "preload" : "modulepreload";
    if (link.rel === "preload") {
      link.as = "style";
    }
    link.fetchPriority = priority;
    link.href = here(file);
    document.head.append(link);
  }
}

/** Starts loading the files of a page side by side, instead of one import after the other. @param {PageName} name */
const preload = (name) => filesOf(name).forEach((file) => hint(file));

/** The component of a page, with its style. @param {PageName} name @returns {Promise<any>} */
export async function loadPage(name) {
  preload(name);
  const styles = PAGES[name].styles.map((file) => loadStyle(here(file)));
  const [module] = await Promise.all([import(here(PAGES[name].module)), ...styles]);
  return module.Page;
}

/** Adds a style sheet once; it resolves when it applies. @param {string} href */
export function loadStyle(href) {
  const url = new URL(href, import.meta.url).href;
  if (document.head.querySelector(`link[rel="stylesheet"][href="${url}"]`) !== null) {
    return Promise.resolve();
  }
  return new Promise((done, failed) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = url;
    link.onload = () => done(undefined);
    link.onerror = () => {
      link.remove();
      failed(new Error(url));
    };
    document.head.append(link);
  });
}
