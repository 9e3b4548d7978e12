// The dialog that makes an account in a club.

import { useState } from "../vendor/hooks.mjs";
import { toast } from "../toasts.js";
import { Dialog, Failure, explain, html } from "../ui.js";
import { textsOf, words } from "../words.js";
import { createMember } from "./data.js";
import { ADMIN } from "./words.js";

/** @param {{club: import("./data.js").Club, onCreated: () => void, onClose: () => void}} props */
export function NewMember({ club, onCreated, onClose }) {
  const text = textsOf(ADMIN);
  const [fields, setFields] = useState({ name: "", email: "", password: "", role: "PLAYER" });
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await createMember(club.id, fields);
      toast(text.memberCreated(fields.name));
      onCreated();
      onClose();
    } catch (error) {
      setProblem(error);
    }
  };
  /** @param {"name" | "email" | "password"} name @param {string} type @param {string} label */
  const field = (name, type, label) => html`
    <label class="field">
      <span>${label}</span>
      <input
        class="input"
        type=${type}
        required
        autocomplete=${name === "password" ? "new-password" : "off"}
        autofocus=${name === "name"}
        aria-invalid=${problem?.place === name ? "true" : undefined}
        value=${fields[name]}
        onInput=${(/** @type {any} */ event) => setFields({ ...fields, [name]: event.target.value })}
      />
    </label>
  `;
  return html`
    <${Dialog} title=${text.createMemberIn(club.name)} onClose=${onClose}>
      <form class="member-form" onSubmit=${submit}>
        ${problem === null ? null : html`<${Failure}>${explain(problem)}<//>`}
        ${field("name", "text", words.account.name)} ${field("email", "email", words.account.email)}
        ${field("password", "password", text.firstPassword)}
        <p class="hint">${text.passwordHint}</p>
        <label class="field">
          <span>${text.role}</span>
          <select class="input" value=${fields.role} onChange=${(/** @type {any} */ event) => setFields({ ...fields, role: event.target.value })}>
            ${["PLAYER", "COACH"].map((role) => html`<option key=${role} value=${role} selected=${role === fields.role}>${words.roles[role]}</option>`)}
          </select>
        </label>
        <div class="dialog-actions">
          <button type="button" class="button" onClick=${onClose}>${words.cancel}</button>
          <button type="submit" class="button main-action">${text.createMember}</button>
        </div>
      </form>
    <//>
  `;
}
