// The workout that is being edited, its history, and how it is saved. There is one, which outlives the pages.

import { Problem } from "../api.js";
import { Store } from "../store.js";
import { language } from "../words.js";
import { Autosave } from "./autosave.js";
import * as drafts from "./drafts.js";
import { edit, redo, seal, startHistory, undo } from "./history.js";
import { EMPTY, fromDocument, isSame, toDocument } from "./workout.js";
import { loadWorkout, saveWorkout } from "./workouts.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("./reducer.js").Action} Action */

const PERSIST_MILLIS = 250;

/** A new workout speaks the language of its author. */
const EMPTY_FRENCH = Object.freeze({ ...EMPTY, language: "fr" });
const empty = () => (language.value === "fr" ? EMPTY_FRENCH : EMPTY);
/** @param {import("./workout.js").Workout} workout */
const isEmpty = (workout) => workout === EMPTY || workout === EMPTY_FRENCH;

class Editor {
  /** Changes with everything that is shown. */
  version = new Store(0);
  /** @type {History} */
  history = startHistory(EMPTY);
  /** Why the workout could not be opened. @type {Problem | null} */
  failure = null;
  isOpening = false;
  /** When the workout was edited here, in milliseconds since 1970. */
  editedAt = 0;
  /** Called when a new workout has got its id. @type {(id: string) => void} */
  onNamed = () => {};

  #isOpen = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    const later = (/** @type {() => void} */ run, /** @type {number} */ millis) => {
      const timer = setTimeout(run, millis);
      return () => clearTimeout(timer);
    };
    this.autosave = new Autosave({ send: saveWorkout, load: loadWorkout, later }, () => this.#saveChanged());
    if (typeof addEventListener === "function") {
      addEventListener("online", () => this.autosave.flush());
      addEventListener("pagehide", () => this.persist());
    }
  }

  get id() {
    return this.autosave.id;
  }

  get workout() {
    return this.history.present;
  }

  /** The workout whose address the builder has. @param {string | null} id null for a new one @param {boolean} [isFresh] an empty one */
  async open(id, isFresh = false) {
    if (this.#isOpen && this.id === id && !isFresh) {
      return;
    }
    await this.#leave();
    this.failure = null;
    drafts.rememberCurrent(id);
    const kept = isFresh ? null : drafts.readHistory(id);
    const draft = isFresh ? null : drafts.readDraft(id);
    this.autosave.start(id, kept?.etag ?? draft?.etag ?? null);
    this.history = kept?.history ?? startHistory(draft === null ? empty() : fromDocument(draft.document));
    this.editedAt = draft?.at ?? 0;
    if (id === null) {
      draft === null ? this.#changed() : this.#changedAndSave();
    } else {
      await this.#meetServer(id, kept?.etag ?? draft?.etag ?? null, draft);
    }
  }

  /** Saves the workout that is open, or keeps it for later where that fails. */
  async #leave() {
    if (this.#isOpen && this.autosave.isUnsaved) {
      this.#isOpen = false;
      this.isOpening = true;
      this.#changed();
      await this.autosave.finish();
      if (this.autosave.id !== null) {
        forgetNew();
      }
      this.isOpening = false;
      this.#isOpen = true;
    }
    this.persist();
    this.#isOpen = true;
  }

  /** Edits a workout that was not saved. @param {drafts.Draft} draft */
  async restore(draft) {
    await this.open(null, true);
    this.dispatch({ type: "replace", document: draft.document });
  }

  /** Compares what is kept here with the server's version. @param {string} id @param {string | null} etag @param {drafts.Draft | null} draft */
  async #meetServer(id, etag, draft) {
    const isKnown = !isEmpty(this.history.present);
    this.isOpening = !isKnown;
    this.#changed();
    try {
      const theirs = await loadWorkout(id);
      if (this.id !== id) {
        return;
      }
      if (theirs.etag !== etag && draft !== null && !isSame(theirs.document, draft.document)) {
        isKnown || (this.history = startHistory(fromDocument(draft.document)));
        this.autosave.meet(theirs, toDocument(this.workout));
      } else if (theirs.etag !== etag) {
        this.autosave.start(id, theirs.etag);
        this.history = isKnown
          ? edit(this.history, { type: "replace", document: theirs.document })
          : startHistory(fromDocument(theirs.document));
      } else if (draft !== null) {
        this.autosave.change(toDocument(this.workout));
      }
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
      this.failure = isKnown ? null : error;
      if (isKnown && draft !== null) {
        // Saved when the server can be reached, if no one has changed it.
        this.autosave.change(toDocument(this.workout));
      }
    } finally {
      this.isOpening = false;
      this.#changed();
    }
  }

  /** The workout that was open last in this tab, for what is added on other pages. */
  async openCurrent() {
    if (!this.#isOpen) {
      await this.open(drafts.currentId());
    }
  }

  /** Edits the workout; see `edit` for the tag. @param {Action} action @param {string | null} [tag] */
  dispatch(action, tag = null) {
    this.#take(edit(this.history, action, tag));
  }

  undo() {
    this.#take(undo(this.history));
  }

  redo() {
    this.#take(redo(this.history));
  }

  /** The next edit is undone separately. */
  seal() {
    this.history = seal(this.history);
  }

  /** Ends a conflict. Theirs can be undone like any edit. @param {"mine" | "theirs"} whose */
  resolve(whose) {
    const theirs = this.autosave.theirs;
    if (theirs !== null && whose === "theirs") {
      this.history = edit(this.history, { type: "replace", document: theirs.document });
    }
    this.autosave.resolve(whose);
    this.#changed();
  }

  /** Stores the history and unsaved work. */
  persist() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isOpen || this.isOpening || this.failure !== null) {
      return;
    }
    const isNew = isEmpty(this.workout) && this.history.past.length + this.history.future.length === 0;
    drafts.writeHistory(this.id, isNew ? null : this.history, this.autosave.etag);
    const isUnsaved = this.autosave.isUnsaved && !isEmpty(this.workout);
    const draft = { document: toDocument(this.workout), etag: this.autosave.etag, at: this.editedAt };
    drafts.writeDraft(this.id, isUnsaved ? draft : null);
  }

  /** @param {History} history */
  #take(history) {
    if (history !== this.history) {
      this.history = history;
      this.editedAt = Date.now();
      this.#changedAndSave();
    }
  }

  #changedAndSave() {
    this.autosave.change(toDocument(this.workout));
    this.#changed();
  }

  #saveChanged() {
    const { id } = this.autosave;
    if (id !== null && drafts.currentId() !== id && this.#isOpen) {
      // A new workout has got its id.
      forgetNew();
      drafts.rememberCurrent(id);
      this.onNamed(id);
    }
    this.#changed();
  }

  #changed() {
    this.#timer ??= setTimeout(() => this.persist(), PERSIST_MILLIS);
    this.version.set(this.version.value + 1);
  }
}

/** What was kept for a new workout is kept under its id now. */
function forgetNew() {
  drafts.writeHistory(null, null, null);
  drafts.writeDraft(null, null);
}

export const editor = new Editor();
