// The devices that are signed in, and another password.

import { useEffect, useState } from "../vendor/hooks.mjs";
import { Problem, request, requestJson } from "../api.js";
import { moment } from "../format.js";
import { toast } from "../toasts.js";
import { Icon, explain, html } from "../ui.js";
import { words } from "../words.js";

/** @typedef {{id: string, device: string, address: string, createdAt: string, usedAt: string, is_current: boolean}} Device */

/** The own sign-ins, each of which can be ended; nothing where the server does not list them. */
export function Devices() {
  const [devices, setDevices] = useState(/** @type {Device[] | null} */ (null));
  const load = () => requestJson("GET", "api/me/sessions").then(setDevices, () => setDevices([]));
  useEffect(() => void load(), []);
  const end = (/** @type {Device} */ { id }) =>
    request("DELETE", `api/me/sessions/${encodeURIComponent(id)}`).then(load, (error) => toast(explain(error)));
  return devices === null || devices.length === 0
    ? null
    : html`
        <section class="card devices" aria-labelledby="devices-title">
          <h2 id="devices-title">${words.devices}</h2>
          <ul>
            ${devices.map(
              (device) => html`
                <li key=${device.id} class="signed-in">
                  <div>
                    <p class="signed-in-name">${device.device || words.unknownDevice}</p>
                    <p class="hint">${device.is_current ? words.thisDevice : words.usedAt(moment(device.usedAt))} · ${device.address}</p>
                  </div>
                  ${device.is_current
                    ? null
                    : html`<button type="button" class="button" onClick=${() => end(device)}><${Icon} name="close" />${words.signOut}</button>`}
                </li>
              `,
            )}
          </ul>
        </section>
      `;
}

/** @param {{email: string}} props */
export function Password({ email }) {
  const [fields, setFields] = useState({ present: "", password: "" });
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await request("PUT", "api/me/password", { json: fields, anonymous: true });
      setFields({ present: "", password: "" });
      setProblem(null);
      toast(words.passwordChanged);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }));
    }
  };
  const text = problem === null ? "" : problem.status === 401 ? words.wrongPassword : explain(problem);
  /** @param {"present" | "password"} name @param {string} complete */
  const field = (name, complete) => html`
    <label class="field">
      <span>${words.passwords[name]}</span>
      <input
        class="input"
        type="password"
        required
        autocomplete=${complete}
        value=${fields[name]}
        aria-invalid=${text === "" ? undefined : "true"}
        aria-describedby=${text === "" ? undefined : "password-fault"}
        onInput=${(/** @type {any} */ event) => setFields({ ...fields, [name]: event.target.value })}
      />
    </label>
  `;
  return html`
    <form class="card password" aria-labelledby="password-title" onSubmit=${submit}>
      <h2 id="password-title">${words.changePassword}</h2>
      <input class="unseen" type="text" autocomplete="username" value=${email} readonly tabindex="-1" aria-hidden="true" />
      ${field("present", "current-password")} ${field("password", "new-password")}
      ${text === "" ? null : html`<span id="password-fault" class="field-fault" role="alert">${text}</span>`}
      <button type="submit" class="button">${words.changePassword}</button>
    </form>
  `;
}
