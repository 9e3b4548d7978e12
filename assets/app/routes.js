// The addresses of pages.

/** @typedef {"library" | "train" | "builder" | "live" | "assistant" | "account" | "admin"} PageName */
/** @typedef {{page: PageName, id: string}} Route */

/** @type {Record<string, PageName>} */
const PAGES = { "": "library", library: "library", train: "train", live: "live", assistant: "assistant", account: "account", admin: "admin" };

/**
 * The route of a path; null for what is no page of the application.
 * @param {string} path
 * @returns {Route | null}
 */
export function routeOf(path) {
  const [, first = "", second = "", ...more] = path.split("/");
  if (more.some(Boolean)) {
    return null;
  }
  if (first === "train" && second !== "") {
    return { page: "builder", id: decodeURIComponent(second) };
  }
  const page = PAGES[first];
  return page === undefined || second !== "" ? null : { page, id: "" };
}
