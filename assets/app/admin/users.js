// All accounts: their roles, and whether they can be used.

import { useState } from "../vendor/hooks.mjs";
import { moment } from "../format.js";
import { me } from "../me.js";
import { useStore } from "../store.js";
import { toast } from "../toasts.js";
import { Failure, Icon, explain, html } from "../ui.js";
import { textsOf, words } from "../words.js";
import { changeUser, listUsers, useLoaded } from "./data.js";
import { Pager } from "./pager.js";
import { ADMIN } from "./words.js";

/** @typedef {import("./data.js").User} User */

const ROLES = ["PLAYER", "COACH", "CLUB_ADMIN", "SUPER_ADMIN"];

export function Users() {
  const text = textsOf(ADMIN);
  const own = useStore(me);
  const [page, setPage] = useState(0);
  const { value, error, reload } = useLoaded(() => listUsers(page), page);
  /** Changes an account; the message offers the way back. @param {User} user @param {{role?: string, isDisabled?: boolean}} change */
  const change = async (user, change) => {
    const name = user.name || user.email;
    const back = change.role === undefined ? { isDisabled: user.isDisabled } : { role: user.role };
    const said =
      change.role === undefined
        ? (change.isDisabled ? text.disabledNow : text.enabledNow)(name)
        : text.roleSet(name, words.roles[change.role] ?? change.role);
    try {
      await changeUser(user.id, change);
      toast(said, { label: words.undo, run: () => void changeUser(user.id, back).then(reload, (failed) => toast(explain(failed))) });
    } catch (failed) {
      toast(explain(failed));
    }
    await reload();
  };
  if (error !== null && value === null) {
    return html`<${Failure}>${explain(error)}<//>`;
  }
  if (value !== null && value.total === 0) {
    return html`<div class="empty"><${Icon} name="account" /><p>${text.noUsers}</p></div>`;
  }
  return html`
    <p class="hint" role="status">${value === null ? words.loading : text.users(value.total)}</p>
    <table class="table" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${[text.account, text.role, text.created, text.state, text.actions].map((name) => html`<th key=${name} role="columnheader" scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${(value?.users ?? []).map((user) => html`<${Row} key=${user.id} user=${user} isOwn=${user.id === own?.id} onChange=${(/** @type {any} */ fields) => change(user, fields)} />`)}
      </tbody>
    </table>
    <${Pager} page=${page} total=${value?.total ?? 0} onChange=${setPage} />
  `;
}

/** @param {{user: User, isOwn: boolean, onChange: (fields: {role?: string, isDisabled?: boolean}) => void}} props */
function Row({ user, isOwn, onChange }) {
  const text = textsOf(ADMIN);
  const { email, name, role, createdAt, isDisabled } = user;
  const shown = name || email;
  return html`
    <tr role="row" class=${isDisabled ? "off" : ""}>
      <td role="cell" class="cell-name"><strong>${shown}</strong>${name === "" ? null : html`<span class="hint">${email}</span>`}</td>
      <td role="cell" class="cell-role">
        ${isOwn
          ? html`<span class="tag">${words.roles[role] ?? role}</span>`
          : html`<select class="input" aria-label=${text.roleOf(shown)} value=${role} onChange=${(/** @type {any} */ event) => onChange({ role: event.target.value })}>
              ${ROLES.map((option) => html`<option key=${option} value=${option} selected=${option === role}>${words.roles[option]}</option>`)}
            </select>`}
      </td>
      <td role="cell" class="cell-time">${moment(createdAt)}</td>
      <td role="cell" class="cell-state"><span class=${`tag ${isDisabled ? "warm" : ""}`}>${isDisabled ? text.disabled : text.active}</span></td>
      <td role="cell" class="cell-actions">
        ${isOwn
          ? html`<span class="hint">${text.you}</span>`
          : html`<button
              type="button"
              class="button"
              aria-label=${(isDisabled ? text.enableOf : text.disableOf)(shown)}
              onClick=${() => onChange({ isDisabled: !isDisabled })}
            >
              ${isDisabled ? text.enable : text.disable}
            </button>`}
      </td>
    </tr>
  `;
}
