// The calls of the administration, and what pages of lists have in common.

import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { request, requestJson } from "../api.js";

/** @typedef {{id: string, email: string, name: string, role: string, createdAt: string, isDisabled: boolean}} User */
/** @typedef {{id: string, name: string}} Club */
/** @typedef {{at: string, user: string, action: string, object: string, detail: string}} Entry */

export const PAGE_SIZE = 50;
const MOST_ON_PAGE = 200;

/** @param {number} page @param {number} [size] @returns {Promise<{users: User[], total: number}>} */
export const listUsers = (page, size = PAGE_SIZE) => requestJson("GET", `api/users?page=${page}&size=${size}`);

/** @param {string} id @param {{role?: string, isDisabled?: boolean}} json @returns {Promise<User>} */
export const changeUser = (id, json) => requestJson("PATCH", `api/users/${encodeURIComponent(id)}`, { json });

/** @returns {Promise<Club[]>} */
export const listClubs = () => requestJson("GET", "api/clubs");

/** @param {string} name @returns {Promise<Club>} */
export const createClub = (name) => requestJson("POST", "api/clubs", { json: { name } });

/** @param {string} id @param {string} name @returns {Promise<Club>} */
export const renameClub = (id, name) => requestJson("PATCH", `api/clubs/${encodeURIComponent(id)}`, { json: { name } });

/** @param {string} id */
export const deleteClub = (id) => request("DELETE", `api/clubs/${encodeURIComponent(id)}`);

const membersAt = (/** @type {string} */ club) => `api/clubs/${encodeURIComponent(club)}/members`;

/** @param {string} club @returns {Promise<User[]>} */
export const listMembers = (club) => requestJson("GET", membersAt(club));

/** @param {string} club @param {{email: string, name: string, password: string, role: string}} json @returns {Promise<User>} */
export const createMember = (club, json) => requestJson("POST", membersAt(club), { json });

/** @param {string} club @param {string} user */
export const addMember = (club, user) => request("PUT", `${membersAt(club)}/${encodeURIComponent(user)}`);

/** @param {string} club @param {string} user */
export const removeMember = (club, user) => request("DELETE", `${membersAt(club)}/${encodeURIComponent(user)}`);

/** @param {number} page @returns {Promise<{entries: Entry[], total: number}>} */
export const listAudit = (page) => requestJson("GET", `api/audit?page=${page}&size=${PAGE_SIZE}`);

/** The account with an email address; null if there is none. The server lists accounts by their addresses, in pages. @param {string} email */
export async function findUser(email) {
  const wanted = email.trim().toLowerCase();
  for (let page = 0; ; page += 1) {
    const { users, total } = await listUsers(page, MOST_ON_PAGE);
    const found = users.find((user) => user.email.toLowerCase() === wanted);
    if (found !== undefined || users.length === 0 || (page + 1) * MOST_ON_PAGE >= total) {
      return found ?? null;
    }
  }
}

/**
 * What a call gives, loaded again when a key changes or `reload` is called; an answer that is out of date is dropped.
 * @template T
 * @param {() => Promise<T>} call
 * @param {unknown} key
 */
export function useLoaded(call, key) {
  const [loaded, setLoaded] = useState(/** @type {{value: T | null, error: unknown}} */ ({ value: null, error: null }));
  const latest = useRef(0);
  const reload = async () => {
    latest.current += 1;
    const number = latest.current;
    try {
      const value = await call();
      number === latest.current && setLoaded({ value, error: null });
    } catch (error) {
      number === latest.current && setLoaded((before) => ({ ...before, error }));
    }
  };
  useEffect(() => {
    void reload();
    return () => void (latest.current += 1);
  }, [key]);
  return { ...loaded, reload };
}
