// The administration: accounts, clubs, added exercises, and the log of what was changed. The address has the section.

import { administers, me } from "../me.js";
import { useStore } from "../store.js";
import { Icon, html, useTitle } from "../ui.js";
import { textsOf, words } from "../words.js";
import { Audit } from "./audit.js";
import { Clubs } from "./clubs.js";
import { Exercises } from "./exercises.js";
import { Users } from "./users.js";
import { ADMIN } from "./words.js";

/** @typedef {"users" | "clubs" | "exercises" | "audit"} View */

/** @type {View[]} */
const VIEWS = ["users", "clubs", "exercises", "audit"];

/** What administrators of clubs have. @type {ReadonlySet<View>} */
const OF_CLUBS = new Set(["clubs", "exercises"]);

/** @type {Record<View, (props: {isSuper: boolean}) => any>} */
const SECTIONS = {
  users: () => html`<${Users} />`,
  clubs: ({ isSuper }) => html`<${Clubs} isSuper=${isSuper} />`,
  exercises: () => html`<${Exercises} />`,
  audit: () => html`<${Audit} />`,
};

export function Page() {
  const text = textsOf(ADMIN);
  const user = useStore(me);
  useTitle(text.title);
  const isSuper = user?.role === "SUPER_ADMIN";
  const views = isSuper ? VIEWS : VIEWS.filter((view) => OF_CLUBS.has(view));
  const chosen = new URLSearchParams(location.search).get("view");
  const view = views.find((name) => name === chosen) ?? views[0];
  return html`
    <div class="page-head">
      <h1>${text.title}</h1>
      ${views.length > 1 && administers(user)
        ? html`<nav class="views" aria-label=${text.sections}>
            ${views.map((name) => html`<a key=${name} class="view" href=${`admin?view=${name}`} aria-current=${name === view ? "page" : undefined}>${text.views[name]}</a>`)}
          </nav>`
        : null}
    </div>
    ${user === null
      ? html`<p class="hint">${words.loading}</p>`
      : !administers(user)
        ? html`<div class="empty"><${Icon} name="admin" /><p>${text.forbidden}</p></div>`
        : html`<section class="admin" aria-label=${text.views[view ?? "clubs"]}>
            ${SECTIONS[view ?? "clubs"]({ isSuper })}
          </section>`}
  `;
}
