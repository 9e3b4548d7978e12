// The dialog with the links of the session: for those who train, with a QR code, and the coach's own.

import { credentials } from "./control.js";
import { loadJson, modal, resultLine } from "./dialog.js";
import { element, write } from "./dom.js";
import { words } from "./words.js";

const COPIED_MILLIS = 2000;

/** The dialog; `open` loads the links, which the coach alone may see, and shows it. */
export class ShareDialog {
  dialog;
  #address;
  #token;
  #join = linkRow("share-join", words.shareJoin);
  #coach = linkRow("share-coach", words.shareCoach);
  #players = linkRow("share-players", words.sharePlayers);
  #status = resultLine();

  /** `address` is that of the links in the API; `token` as `takeControl` returned it. */
  constructor(address, token) {
    this.#address = address;
    this.#token = token;
    const code = element("img", { class: "share-code", src: "qr.svg", width: 220, height: 220, alt: words.shareCode });
    const rows = [this.#join, this.#coach, this.#players].map(({ row }) => row);
    this.dialog = modal("share", words.share, code, ...rows, this.#status);
  }

  async open() {
    this.dialog.showModal();
    const links = await loadJson(this.#address, credentials(this.#token));
    write(this.#status, links === null ? words.unreachable : "");
    if (links !== null) {
      this.#join.show(links.join_url);
      this.#coach.show(links.control_url);
      this.#players.show(links.hls_url);
    }
  }
}

/** A link with its label, which a click copies. */
function linkRow(id, label) {
  const field = element("input", { id, class: "text", type: "text", readonly: true, onfocus: () => field.select() });
  const onclick = () => copy(field, button);
  const button = element("button", { type: "button", class: "send", disabled: true, onclick }, words.copy);
  const row = element(
    "div",
    { class: "share-row" },
    element("label", { for: id }, label),
    element("div", { class: "share-field" }, field, button),
  );
  const show = (link) => {
    field.value = link;
    button.disabled = false;
  };
  return { row, show };
}

async function copy(field, button) {
  field.select();
  try {
    // Browsers offer the clipboard to secure pages only.
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) {
      return;
    }
  }
  write(button, words.copied);
  setTimeout(() => write(button, words.copy), COPIED_MILLIS);
}
