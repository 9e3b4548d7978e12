// The account: sign in, register, sign out; and what is chosen on this device.

import { useState } from "../vendor/hooks.mjs";
import { signedOut } from "../api.js";
import { administers, me, signIn, signOut } from "../me.js";
import { chooseSingleKeys, chooseTheme, singleKeys, theme } from "../settings.js";
import { useStore } from "../store.js";
import { toast } from "../toasts.js";
import { Choice, Failure, Icon, explain, html, useTitle } from "../ui.js";
import { chooseLanguage, language, words } from "../words.js";
import { Devices, Password } from "./devices.js";

/** @typedef {import("../settings.js").Theme} Theme */

export function Page() {
  const user = useStore(me);
  const isSignedOut = useStore(signedOut);
  const title = isSignedOut ? words.signIn : user?.auth === "off" ? words.pages.settings : words.pages.account;
  useTitle(title);
  return html`
    <div class="page-head"><h1>${title}</h1></div>
    <div class="account">
      ${isSignedOut ? html`<${SignIn} />` : user?.auth === "on" ? html`<${Profile} user=${user} />` : null}
      <${Device} />
      ${isSignedOut || !administers(user) ? null : html`<${Administration} />`}
      ${isSignedOut || user?.auth !== "on" ? null : html`<${Devices} /><${Password} email=${user.email ?? ""} />`}
    </div>
  `;
}

/** @param {{user: import("../me.js").Me}} props */
function Profile({ user }) {
  const leave = () => signOut().catch((error) => toast(explain(error)));
  return html`
    <section class="card profile" aria-labelledby="profile-title">
      <h2 id="profile-title">${user.name || user.email}</h2>
      <p class="hint">${user.email}</p>
      <p><span class="tag">${words.roles[user.role] ?? user.role}</span></p>
      <p><button type="button" class="button" onClick=${leave}>${words.signOut}</button></p>
    </section>
  `;
}

/** The way to the administration, which the navigation of phones does not have. */
const Administration = () => html`
  <section class="card to-admin" aria-labelledby="admin-title">
    <h2 id="admin-title">${words.administration}</h2>
    <p class="hint">${words.administrationText}</p>
    <p><a class="button" href="admin"><${Icon} name="admin" />${words.administer}</a></p>
  </section>
`;

function SignIn() {
  const [isNew, setNew] = useState(false);
  const [fields, setFields] = useState({ email: "", password: "", name: "" });
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [isSending, setSending] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setSending(true);
    setProblem(null);
    try {
      const { email, password, name } = fields;
      await signIn(isNew ? "register" : "login", isNew ? { email, password, name } : { email, password });
    } catch (error) {
      setProblem(error);
    } finally {
      setSending(false);
    }
  };
  /** @param {"email" | "password" | "name"} name @param {string} type @param {string} complete */
  const field = (name, type, complete) => {
    const fault = problem?.place === name ? problem.message : "";
    return html`
      <label class="field" key=${name}>
        <span>${words.account[name]}</span>
        <input
          class="input"
          type=${type}
          name=${name}
          required
          autocomplete=${complete}
          value=${fields[name]}
          aria-invalid=${fault === "" ? undefined : "true"}
          aria-describedby=${fault === "" ? undefined : `${name}-fault`}
          onInput=${(/** @type {any} */ event) => setFields({ ...fields, [name]: event.target.value })}
        />
        ${fault === "" ? null : html`<span id=${`${name}-fault`} class="field-fault" role="alert">${fault}</span>`}
      </label>
    `;
  };
  const hasPlace = ["email", "password", "name"].includes(problem?.place);
  const text = problem?.status === 401 ? words.wrongPassword : problem === null ? "" : explain(problem);
  return html`
    <form class="card sign-in" onSubmit=${submit} aria-label=${isNew ? words.register : words.signIn}>
      ${problem === null || hasPlace ? null : html`<${Failure}>${text}<//>`}
      ${isNew ? field("name", "text", "name") : null} ${field("email", "email", "username")}
      ${field("password", "password", isNew ? "new-password" : "current-password")}
      <button type="submit" class="button main-action" disabled=${isSending}>${isNew ? words.register : words.signIn}</button>
      <button type="button" class="button" onClick=${() => (setNew(!isNew), setProblem(null))}>${isNew ? words.haveAccount : words.needAccount}</button>
    </form>
  `;
}

function Device() {
  const chosenTheme = useStore(theme);
  const isOn = useStore(singleKeys);
  return html`
    <section class="card device" aria-labelledby="device-title">
      <h2 id="device-title">${words.device}</h2>
      <${Choice}
        legend=${words.language}
        name="ui-language"
        value=${language.value}
        options=${[["en", "English"], ["fr", "Français"]]}
        onChange=${(/** @type {import("../storage.js").Language} */ name) => chooseLanguage(name)}
      />
      <${Choice}
        legend=${words.appearance}
        name="ui-theme"
        value=${chosenTheme}
        options=${["system", "light", "dark"].map((name) => [name, words.appearances[name]])}
        onChange=${(/** @type {Theme} */ name) => chooseTheme(name)}
      />
      <label class="check">
        <input type="checkbox" checked=${isOn} onChange=${(/** @type {any} */ event) => chooseSingleKeys(event.target.checked)} />
        <span>${words.singleKeys}</span>
      </label>
    </section>
  `;
}
