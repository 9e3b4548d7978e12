// What surrounds the pages: the skip link, the navigation, the notice of lost connections, the sign-in.

import { Component } from "./vendor/preact.mjs";
import { useEffect, useRef, useState } from "./vendor/hooks.mjs";
import { online, signedOut } from "./api.js";
import { administers, assistant, me } from "./me.js";
import { loadPage } from "./pages.js";
import { route } from "./router.js";
import { useStore } from "./store.js";
import { Failure, Icon, html, useWindowEvent } from "./ui.js";
import { words } from "./words.js";

/** @typedef {import("./routes.js").PageName} PageName */

/** @type {[Exclude<PageName, "builder">, import("./icons.js").IconName][]} */
const LINKS = [
  ["library", "library"],
  ["train", "train"],
  ["live", "live"],
  ["assistant", "assistant"],
  ["admin", "admin"],
  ["account", "account"],
];

export function Shell() {
  const { page } = useStore(route);
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>${words.skip}</a>
    <header class="top">
      <a class="brand" href="library"><${Mark} />repcast</a>
      <${Navigation} current=${page} />
    </header>
    <${Connection} />
    <main id="main" class="main" tabindex="-1" ref=${main}><${Current} main=${main} /></main>
  `;
}

const Mark = () => html`
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M6.5 11v10" class="mark-bar" /><path d="M12 8.2v15.6c0 .9 1 1.5 1.8 1l12-7.8c.7-.5.7-1.5 0-2l-12-7.8c-.8-.5-1.8.1-1.8 1z" />
  </svg>
`;

/** @param {{current: PageName}} props */
function Navigation({ current }) {
  const hasAssistant = useStore(assistant);
  const user = useStore(me);
  const links = LINKS.filter(([name]) => (name !== "assistant" || hasAssistant === true) && (name !== "admin" || administers(user)));
  const isCurrent = (/** @type {PageName} */ name) => name === current || (name === "train" && current === "builder");
  return html`
    <nav class="nav" aria-label=${words.navigation}>
      ${links.map(
        ([name, icon]) => html`
          <a key=${name} class=${`nav-link ${name}-link`} href=${name} aria-current=${isCurrent(name) ? "page" : undefined}>
            <${Icon} name=${icon} /><span>${name === "account" && user?.auth === "off" ? words.pages.settings : words.pages[name]}</span>
          </a>
        `,
      )}
    </nav>
  `;
}

/** Tells that the server cannot be reached. */
function Connection() {
  const reached = useStore(online);
  const [hasNetwork, setHasNetwork] = useState(navigator.onLine);
  useWindowEvent("online", () => setHasNetwork(true));
  useWindowEvent("offline", () => setHasNetwork(false));
  const text = !hasNetwork ? words.offline : reached ? "" : words.unreachable;
  return html`
    <div role="status">${text === "" ? null : html`<p class="connection"><${Icon} name="offline" />${text}</p>`}</div>
  `;
}

/** The page of the address; the sign-in instead when the server asks for it. @param {{main: {current: HTMLElement | null}}} props */
function Current({ main }) {
  const { page, id } = useStore(route);
  const mustSignIn = useStore(signedOut) && page !== "account";
  const name = mustSignIn ? "account" : page;
  const [shown, setShown] = useState(/** @type {{name: string, Page: any} | null} */ (null));
  const [failed, setFailed] = useState(false);
  const isFirst = useRef(true);
  useEffect(() => {
    let isWanted = true;
    setFailed(false);
    loadPage(name).then(
      (Page) => isWanted && setShown({ name, Page }),
      () => isWanted && setFailed(true),
    );
    return () => void (isWanted = false);
  }, [name]);
  useEffect(() => {
    if (shown !== null && !isFirst.current) {
      // Screen readers start at the new page.
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [shown?.name, id]);
  if (failed) {
    return html`<${Failure}>${words.pageFailed}<//>`;
  }
  return shown?.name === name ? html`<${Boundary} key=${name}><${shown.Page} id=${id} /><//>` : html`<${Waiting} />`;
}

const Waiting = () => html`<div class="waiting" role="status"><span class="spinner"></span><span class="unseen">${words.loading}</span></div>`;

/** A fault of a page leaves the navigation. */
class Boundary extends Component {
  state = { hasFailed: false };

  /** @param {unknown} error */
  componentDidCatch(error) {
    console.error(error);
    this.setState({ hasFailed: true });
  }

  render() {
    return this.state.hasFailed ? html`<${Failure}>${words.pageFailed}<//>` : /** @type {any} */ (this.props).children;
  }
}
