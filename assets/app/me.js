// Who uses the application, and what the server offers to them.

import { Problem, request, requestJson, signedOut } from "./api.js";
import { Store } from "./store.js";

/**
 * @typedef {object} Me
 * @property {string} id
 * @property {string | null} email
 * @property {string} name
 * @property {string} role
 * @property {"on" | "off"} auth
 * @property {boolean} [assistant]
 * @property {{id: string, name: string}[]} [clubs]
 */

/** null before the server has answered. @type {Store<Me | null>} */
export const me = new Store(/** @type {Me | null} */ (null));

/** Whether there is an assistant; null when that is not known yet. @type {Store<boolean | null>} */
export const assistant = new Store(/** @type {boolean | null} */ (null));

/** A server without accounts has one user, who may do everything. @type {Me} */
const LOCAL = Object.freeze({ id: "local", email: null, name: "", role: "SUPER_ADMIN", auth: "off" });

/** Whether a user administers accounts or clubs. @param {Me | null} user */
export const administers = (user) => user !== null && ["CLUB_ADMIN", "SUPER_ADMIN"].includes(user.role);

/** Whether a user may have exercises of their own. @param {Me | null} user */
export const mayUpload = (user) => administers(user) || user?.role === "COACH";

export async function loadMe() {
  try {
    accept(await requestJson("GET", "api/me"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      me.set(null);
    } else {
      // An older server, or none at the moment.
      accept(LOCAL);
    }
  }
}

/** @param {Me} user */
function accept(user) {
  me.set(user);
  signedOut.set(false);
  if (user.assistant === undefined) {
    void findAssistant();
  } else {
    assistant.set(user.assistant);
  }
}

/** Where the answer about the user does not tell, the address does: it has another method than this one (405), or is missing. */
async function findAssistant() {
  try {
    await request("GET", "api/generate-training", { anonymous: true });
    assistant.set(true);
  } catch (error) {
    const { status } = /** @type {Problem} */ (error);
    assistant.set(status === 405);
  }
}

/**
 * @param {"login" | "register"} what
 * @param {{email: string, password: string, name?: string}} fields
 */
export async function signIn(what, fields) {
  await requestJson("POST", `api/auth/${what}`, { json: fields, anonymous: true });
  await loadMe();
}

export async function signOut() {
  await request("POST", "api/auth/logout", { anonymous: true });
  me.set(null);
  signedOut.set(true);
}
