// Clubs: new ones, their names, and their end.

import { useId, useState } from "../vendor/hooks.mjs";
import { Confirm } from "../confirm.js";
import { toast } from "../toasts.js";
import { Dialog, Failure, Icon, IconButton, explain, html } from "../ui.js";
import { textsOf } from "../words.js";
import { createClub, deleteClub, listClubs, renameClub, useLoaded } from "./data.js";
import { Members } from "./members.js";
import { ADMIN } from "./words.js";

/** @typedef {import("./data.js").Club} Club */

/** @param {{isSuper: boolean}} props whether all clubs are administered, not the own ones alone */
export function Clubs({ isSuper }) {
  const text = textsOf(ADMIN);
  const { value: clubs, error, reload } = useLoaded(listClubs, "");
  return html`
    ${isSuper ? html`<${NewClub} onCreated=${reload} />` : null}
    ${error !== null && clubs === null ? html`<${Failure}>${explain(error)}<//>` : null}
    ${clubs !== null && clubs.length === 0
      ? html`<div class="empty"><${Icon} name="account" /><strong>${text.noClubs}</strong><p>${text.noClubsText}</p></div>`
      : null}
    <ul class="clubs">
      ${(clubs ?? []).map((club) => html`<${ClubCard} key=${club.id} club=${club} isSuper=${isSuper} isOpen=${clubs?.length === 1} onChange=${reload} />`)}
    </ul>
  `;
}

/** @param {{onCreated: () => void}} props */
function NewClub({ onCreated }) {
  const text = textsOf(ADMIN);
  const create = async (/** @type {string} */ name) => {
    const club = await createClub(name);
    toast(text.clubCreated(club.name));
    onCreated();
  };
  return html`<div class="card"><${NameForm} legend=${text.newClub} action=${text.createClub} onSend=${create} /></div>`;
}

/**
 * The field with the name of a club. What the server says about it is shown below.
 * @param {{legend: string, action: string, value?: string, onSend: (name: string) => Promise<void>}} props
 */
function NameForm({ legend, action, value = "", onSend }) {
  const text = textsOf(ADMIN);
  const id = useId();
  const [name, setName] = useState(value);
  const [fault, setFault] = useState("");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await onSend(name.trim());
      setName("");
      setFault("");
    } catch (error) {
      setFault(explain(error));
    }
  };
  return html`
    <form class="line-form" aria-label=${legend} onSubmit=${submit}>
      <label class="field">
        <span>${text.clubName}</span>
        <input
          class="input"
          required
          maxlength="100"
          autofocus=${value !== ""}
          value=${name}
          aria-invalid=${fault === "" ? undefined : "true"}
          aria-describedby=${fault === "" ? undefined : id}
          onInput=${(/** @type {any} */ event) => setName(event.target.value)}
        />
      </label>
      <button type="submit" class="button main-action">${action}</button>
      ${fault === "" ? null : html`<p id=${id} class="fault" role="alert">${fault}</p>`}
    </form>
  `;
}

/** @param {{club: Club, isSuper: boolean, isOpen: boolean, onChange: () => void}} props */
function ClubCard({ club, isSuper, isOpen: startsOpen, onChange }) {
  const text = textsOf(ADMIN);
  const [isOpen, setOpen] = useState(startsOpen);
  const [asked, setAsked] = useState(/** @type {"" | "rename" | "delete"} */ (""));
  const rename = async (/** @type {string} */ name) => {
    await renameClub(club.id, name);
    setAsked("");
    toast(text.renamed(name));
    onChange();
  };
  const remove = () =>
    deleteClub(club.id).then(
      () => (toast(text.deleted(club.name)), onChange()),
      (error) => toast(explain(error)),
    );
  return html`
    <li class="card club">
      <div class="club-head">
        <h2>${club.name}</h2>
        ${isSuper
          ? html`
              <${IconButton} icon="edit" label=${text.renameOf(club.name)} aria-haspopup="dialog" onClick=${() => setAsked("rename")} />
              <${IconButton} icon="trash" label=${text.deleteOf(club.name)} aria-haspopup="dialog" onClick=${() => setAsked("delete")} />
            `
          : null}
        <button type="button" class="button" aria-expanded=${String(isOpen)} aria-label=${text.membersOf(club.name)} onClick=${() => setOpen(!isOpen)}>
          <${Icon} name=${isOpen ? "up" : "down"} />${text.members}
        </button>
      </div>
      ${isOpen ? html`<${Members} club=${club} isSuper=${isSuper} />` : null}
      ${asked === "rename"
        ? html`<${Dialog} title=${text.renameOf(club.name)} onClose=${() => setAsked("")}>
            <${NameForm} legend=${text.renameOf(club.name)} action=${text.rename} value=${club.name} onSend=${rename} />
          <//>`
        : null}
      ${asked === "delete"
        ? html`<${Confirm}
            title=${text.deleteOf(club.name)}
            question=${text.deleteAsk(club.name)}
            action=${text.deleteClub}
            onConfirm=${remove}
            onClose=${() => setAsked("")}
          />`
        : null}
    </li>
  `;
}
