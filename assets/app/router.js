// Addresses and pages. Links inside the application do not load the page again.

import { routeOf } from "./routes.js";
import { Store } from "./store.js";

/** @typedef {import("./routes.js").Route} Route */

/** The route of the page. */
export const route = new Store(/** @type {Route} */ ({ page: "library", id: "" }));

/** The address of a page, relative to the base. @param {string} path */
const absolute = (path) => new URL(path, document.baseURI);

/** Follows the address of the browser, and the links of the page. */
export function startRouter() {
  const show = () => route.set(routeOf(location.pathname) ?? { page: "library", id: "" });
  show();
  addEventListener("popstate", show);
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented || link.target || link.download) {
      return;
    }
    const url = new URL(link.href);
    if (url.origin === location.origin && routeOf(url.pathname) !== null) {
      event.preventDefault();
      go(url.pathname + url.search);
    }
  });
}

/** Opens a page of the application. @param {string} path relative to the base */
export function go(path) {
  const url = absolute(path);
  if (url.href !== location.href) {
    history.pushState(null, "", url);
  }
  route.set(routeOf(url.pathname) ?? { page: "library", id: "" });
}

/** Changes the address without opening a page. @param {string} path relative to the base */
export const rewrite = (path) => history.replaceState(null, "", absolute(path));
