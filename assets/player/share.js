// The dialog with the links of the session: for those who train, with a QR code, and the coach's own.

import { credentials } from "./control.js";
import { element, iconButton, write } from "./dom.js";
import { words } from "./words.js";

const TIMEOUT_MILLIS = 6000;
const COPIED_MILLIS = 2000;

/** The dialog; `open` loads the links, which the coach alone may see, and shows it. */
export class ShareDialog {
  dialog;
  #address;
  #token;
  #join = linkRow("share-join", words.shareJoin);
  #coach = linkRow("share-coach", words.shareCoach);
  #players = linkRow("share-players", words.sharePlayers);
  #status = element("p", { class: "share-status", role: "status" });

  /** `address` is that of the links in the API; `token` as `takeControl` returned it. */
  constructor(address, token) {
    this.#address = address;
    this.#token = token;
    const close = iconButton("close", words.close, () => this.dialog.close(), { class: "round" });
    const rows = [this.#join, this.#coach, this.#players].map(({ row }) => row);
    this.dialog = element(
      "dialog",
      { class: "keys share", "aria-labelledby": "share-title" },
      element("div", { class: "keys-head" }, element("h2", { id: "share-title" }, words.share), close),
      element("img", { class: "share-code", src: "qr.svg", width: 220, height: 220, alt: words.shareCode }),
      ...rows,
      this.#status,
    );
    // A click on the backdrop has the dialog itself as its target.
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
  }

  async open() {
    this.dialog.showModal();
    const links = await this.#load();
    write(this.#status, links === null ? words.unreachable : "");
    if (links !== null) {
      this.#join.field.value = links.join_url;
      this.#coach.field.value = links.control_url;
      this.#players.field.value = links.hls_url;
    }
  }

  async #load() {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
      const answer = await fetch(this.#address, { headers: credentials(this.#token), signal });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}

/** A link with its label, which a click copies. */
function linkRow(id, label) {
  const field = element("input", { id, class: "text", type: "text", readonly: true, onfocus: () => field.select() });
  const button = element("button", { type: "button", class: "send", onclick: () => copy(field, button) }, words.copy);
  const row = element(
    "div",
    { class: "share-row" },
    element("label", { for: id }, label),
    element("div", { class: "share-field" }, field, button),
  );
  return { row, field };
}

async function copy(field, button) {
  field.select();
  try {
    // Browsers offer the clipboard to secure pages only.
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy");
  }
  write(button, words.copied);
  setTimeout(() => write(button, words.copy), COPIED_MILLIS);
}
