// What administrators did, the newest first.

import { useState } from "../vendor/hooks.mjs";
import { exactMoment } from "../format.js";
import { Failure, Icon, explain, html } from "../ui.js";
import { textsOf, words } from "../words.js";
import { listAudit, listUsers, useLoaded } from "./data.js";
import { Pager } from "./pager.js";
import { ADMIN } from "./words.js";

const MOST_NAMES = 200;

/** Names of accounts by their ids, for those that the log has as ids. */
async function names() {
  const { users } = await listUsers(0, MOST_NAMES);
  return new Map(users.map(({ id, name, email }) => [id, name || email]));
}

export function Audit() {
  const text = textsOf(ADMIN);
  const [page, setPage] = useState(0);
  const { value, error } = useLoaded(() => listAudit(page), page);
  const { value: known } = useLoaded(names, "");
  if (error !== null && value === null) {
    return html`<${Failure}>${explain(error)}<//>`;
  }
  if (value !== null && value.total === 0) {
    return html`<div class="empty"><${Icon} name="clock" /><p>${text.noEntries}</p></div>`;
  }
  const name = (/** @type {string} */ id) => known?.get(id) ?? id;
  return html`
    <p class="hint" role="status">${value === null ? words.loading : text.entries(value.total)}</p>
    <table class="table log" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${[text.time, text.what, text.detail, text.who].map((head) => html`<th key=${head} role="columnheader" scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${(value?.entries ?? []).map(
          ({ at, user, action, object, detail }, index) => html`
            <tr role="row" key=${`${at} ${index}`}>
              <td role="cell" class="cell-time">${exactMoment(at)}</td>
              <td role="cell"><strong>${text.doings[action] ?? action}</strong></td>
              <td role="cell" class="cell-id">${action === "user.role" ? `${name(object)}: ${detail}` : detail}</td>
              <td role="cell" class="cell-id hint">${name(user)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
    <${Pager} page=${page} total=${value?.total ?? 0} onChange=${setPage} />
  `;
}
