// The uploads of this page: one is sent at a time, the others wait. They go on while other pages are shown; those that a reload
// has interrupted are continued when their file is chosen again.

import { Problem } from "../api.js";
import { read, write } from "../storage.js";
import { Store } from "../store.js";
import { server as pageServer, uploadInfo as pageInfo } from "./calls.js";
import { Transfer } from "./transfer.js";

/** @typedef {import("./calls.js").UploadInfo} UploadInfo */
/** @typedef {import("./files.js").ClipFile} ClipFile */
/** @typedef {import("./transfer.js").TransferState | "missing" | "checking" | "ready"} State `missing`: its file is not here */

/**
 * @typedef {object} Upload
 * @property {number} key
 * @property {string} name
 * @property {number} length
 * @property {State} state
 * @property {number} sent
 * @property {number} rate bytes per second
 * @property {number | null} secondsLeft
 * @property {unknown} problem
 * @property {string | null} id
 * @property {UploadInfo | null} info
 */

const KEPT = "repcast.uploads";
const POLL_MILLIS = 700;

export class Queue {
  /** @type {Store<readonly Upload[]>} */
  uploads = new Store(/** @type {readonly Upload[]} */ ([]));
  /** @type {Map<number, Transfer>} */
  #transfers = new Map();
  #last = 0;
  #isRestored = false;
  #server;
  #info;
  #later;

  /**
   * @param {import("./transfer.js").UploadServer} server
   * @param {(id: string) => Promise<UploadInfo>} info
   * @param {(run: () => void, millis: number) => unknown} later
   */
  constructor(server, info, later) {
    this.#server = server;
    this.#info = info;
    this.#later = later;
  }

  /** Whether leaving the page would interrupt something. */
  get isSending() {
    return this.uploads.value.some(({ state }) => ["waiting", "sending", "retrying"].includes(state));
  }

  /** Adds clips, or continues with them what was interrupted. @param {readonly ClipFile[]} clips */
  add(clips) {
    for (const { name, file } of clips) {
      const missing = this.uploads.value.find((upload) => upload.state === "missing" && upload.name === name && upload.length === file.size);
      const key = missing?.key ?? this.#append({ name, length: file.size, state: "waiting" });
      const transfer = new Transfer(this.#server, { file, name, id: missing?.id ?? null }, () => this.#follow(key));
      this.#transfers.set(key, transfer);
      this.#follow(key);
    }
    this.#next();
  }

  /** Lists what an earlier page has sent or begun to send. */
  async restore() {
    if (this.#isRestored) {
      return;
    }
    this.#isRestored = true;
    for (const id of kept()) {
      const info = await this.#info(id).catch((error) => (error.status === 404 ? null : undefined));
      if (info) {
        const state = info.state === "receiving" ? "missing" : info.state;
        const key = this.#append({ name: info.filename, length: info.length, sent: info.offset, state, id, info });
        state === "checking" && this.#check(key);
      } else if (info === null) {
        write(KEPT, JSON.stringify(kept().filter((other) => other !== id)));
      }
    }
  }

  /** @param {number} key */
  pause(key) {
    this.#transfers.get(key)?.pause();
    this.#next();
  }

  /** Goes on with a transfer that is paused. @param {number} key */
  resume(key) {
    const transfer = this.#transfers.get(key);
    transfer && void transfer.start().then(() => this.#stopped(key));
  }

  /** Removes an upload from the list, and from the server. @param {number} key */
  cancel(key) {
    const transfer = this.#transfers.get(key);
    const { id } = this.#get(key) ?? {};
    this.forget(key);
    if (transfer) {
      void transfer.cancel();
    } else if (id) {
      void this.#server.remove(id).catch(() => undefined);
    }
    this.#next();
  }

  /** Removes an upload from the list, because it has become an exercise. @param {number} key */
  forget(key) {
    this.uploads.set(this.uploads.value.filter((upload) => upload.key !== key));
    this.#transfers.delete(key);
    this.#keep();
  }

  /** @param {number} key */
  #get(key) {
    return this.uploads.value.find((upload) => upload.key === key);
  }

  /** @param {Partial<Upload> & {name: string, length: number, state: State}} fields */
  #append(fields) {
    this.#last += 1;
    const upload = { key: this.#last, sent: 0, rate: 0, secondsLeft: null, problem: null, id: null, info: null, ...fields };
    this.uploads.set([...this.uploads.value, upload]);
    return upload.key;
  }

  /** @param {number} key @param {Partial<Upload>} fields */
  #change(key, fields) {
    this.uploads.set(this.uploads.value.map((upload) => (upload.key === key ? { ...upload, ...fields } : upload)));
  }

  /** Shows the state of a transfer. @param {number} key */
  #follow(key) {
    const transfer = this.#transfers.get(key);
    if (transfer !== undefined) {
      const { state, sent, rate, secondsLeft, problem, id } = transfer;
      const isNew = this.#get(key)?.id !== id;
      this.#change(key, { state: state === "sent" ? "checking" : state, sent, rate, secondsLeft, problem, id });
      isNew && this.#keep();
    }
  }

  /** Starts the first one that waits, if none is sent. */
  #next() {
    const list = this.uploads.value;
    const waiting = list.find(({ state }) => state === "waiting");
    if (waiting !== undefined && !list.some(({ state }) => state === "sending" || state === "retrying")) {
      this.resume(waiting.key);
    }
  }

  /** @param {number} key */
  #stopped(key) {
    if (this.#transfers.get(key)?.state === "sent") {
      this.#transfers.delete(key);
      this.#check(key);
    }
    this.#next();
  }

  /** Asks for the result of the check until there is one. @param {number} key */
  async #check(key) {
    const id = this.#get(key)?.id;
    if (!id) {
      return;
    }
    try {
      const info = await this.#info(id);
      if (info.state === "ready" || info.state === "failed") {
        const problem = info.state === "failed" ? new Problem(422, { detail: info.error ?? "" }) : null;
        this.#change(key, { state: info.state, info, problem, sent: info.length });
        return;
      }
    } catch (error) {
      if (error instanceof Problem && !error.isTemporary) {
        this.#change(key, { state: "failed", problem: error });
        return;
      }
    }
    this.#later(() => void this.#check(key), POLL_MILLIS);
  }

  /** Remembers the uploads of this page for the next one. */
  #keep() {
    const ids = this.uploads.value.map(({ id }) => id).filter((id) => id !== null);
    write(KEPT, ids.length === 0 ? null : JSON.stringify(ids));
  }
}

/** @returns {string[]} */
function kept() {
  try {
    const ids = JSON.parse(read(KEPT) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** The uploads of this page. */
export const queue = new Queue(pageServer, pageInfo, (run, millis) => setTimeout(run, millis));
