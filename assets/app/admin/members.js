// The members of a club.

import { useState } from "../vendor/hooks.mjs";
import { Problem } from "../api.js";
import { Confirm } from "../confirm.js";
import { toast } from "../toasts.js";
import { Failure, Icon, explain, html } from "../ui.js";
import { textsOf, words } from "../words.js";
import { addMember, findUser, listMembers, removeMember, useLoaded } from "./data.js";
import { NewMember } from "./member.js";
import { ADMIN } from "./words.js";

/** @typedef {import("./data.js").Club} Club */
/** @typedef {import("./data.js").User} User */

/** @param {{club: Club, isSuper: boolean}} props */
export function Members({ club, isSuper }) {
  const text = textsOf(ADMIN);
  const { value: members, error, reload } = useLoaded(() => listMembers(club.id), club.id);
  const [isCreating, setCreating] = useState(false);
  const [leaving, setLeaving] = useState(/** @type {User | null} */ (null));
  const remove = (/** @type {User} */ user) =>
    removeMember(club.id, user.id).then(
      () => (toast(text.memberRemoved(user.name || user.email, club.name)), reload()),
      (failed) => toast(explain(failed)),
    );
  return html`
    ${error === null ? null : html`<${Failure}>${explain(error)}<//>`}
    ${members !== null && members.length === 0 ? html`<p class="hint">${text.noMembers}</p>` : null}
    <ul class="members" aria-label=${text.membersOf(club.name)}>
      ${(members ?? []).map(
        (user) => html`
          <li key=${user.id} class="member">
            <div class="member-name"><strong>${user.name || user.email}</strong><span class="hint">${user.email}</span></div>
            <span class="tag">${words.roles[user.role] ?? user.role}</span>
            <button
              type="button"
              class="button bad"
              aria-label=${text.removeMemberOf(user.name || user.email, club.name)}
              onClick=${() => setLeaving(user)}
            >
              ${text.removeMember}
            </button>
          </li>
        `,
      )}
    </ul>
    ${isSuper ? html`<${AddMember} club=${club} onAdded=${reload} />` : null}
    <p>
      <button type="button" class="button" aria-haspopup="dialog" onClick=${() => setCreating(true)}><${Icon} name="plus" />${text.createMember}</button>
    </p>
    ${isCreating ? html`<${NewMember} club=${club} onCreated=${reload} onClose=${() => setCreating(false)} />` : null}
    ${leaving === null
      ? null
      : html`<${Confirm}
          title=${text.removeMember}
          question=${text.removeAsk(leaving.name || leaving.email, club.name)}
          action=${text.removeMember}
          onConfirm=${() => remove(leaving)}
          onClose=${() => setLeaving(null)}
        />`}
  `;
}

/** Makes an account that exists a member. @param {{club: Club, onAdded: () => void}} props */
function AddMember({ club, onAdded }) {
  const text = textsOf(ADMIN);
  const [email, setEmail] = useState("");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const user = await findUser(email);
      if (user === null) {
        throw new Problem(404, { detail: text.noSuchAccount });
      }
      await addMember(club.id, user.id);
      setEmail("");
      toast(text.memberAdded(user.name || user.email, club.name));
      onAdded();
    } catch (error) {
      toast(explain(error));
    }
  };
  return html`
    <form class="line-form" onSubmit=${submit}>
      <label class="field">
        <span>${text.addByEmail}</span>
        <input class="input" type="email" required autocomplete="off" value=${email} onInput=${(/** @type {any} */ event) => setEmail(event.target.value)} />
      </label>
      <button type="submit" class="button">${text.addMember}</button>
    </form>
  `;
}
