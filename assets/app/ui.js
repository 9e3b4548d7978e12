// Elements that all pages share.

import { cloneElement, createContext, h } from "./vendor/preact.mjs";
import { useEffect, useId, useLayoutEffect, useRef } from "./vendor/hooks.mjs";
import htm from "./vendor/htm.mjs";
import { iconPath } from "./icons.js";
import { words } from "./words.js";

export { cloneElement, createContext, h };

/** Templates of elements. @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = htm.bind(h);

/** A decorative icon. @param {{name: import("./icons.js").IconName}} props */
export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${iconPath(name)} /></svg>`;

/**
 * A button with an icon alone; the label is its name and its tooltip.
 * @param {{icon: import("./icons.js").IconName, label: string, class?: string, [attribute: string]: any}} props
 */
export const IconButton = ({ icon, label, class: kind = "", ...rest }) => html`
  <button type="button" class=${`icon-button ${kind}`} aria-label=${label} title=${label} ...${rest}><${Icon} name=${icon} /></button>
`;

/**
 * A modal dialog, open as long as it is rendered.
 * @param {{title: string, onClose: () => void, class?: string, children?: any}} props
 */
export function Dialog({ title, onClose, class: kind = "", children }) {
  const id = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = /** @type {HTMLElement | null} */ (document.activeElement);
    element?.showModal();
    element?.querySelector(/** @type {any} */ ("[autofocus]"))?.focus();
    return () => {
      element?.close();
      if (opener?.isConnected && (document.activeElement === document.body || element?.contains(document.activeElement))) {
        opener.focus();
      }
    };
  }, []);
  const onClick = (/** @type {MouseEvent} */ { target }) => target === dialog.current && onClose();
  const onCancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${dialog} class=${`dialog ${kind}`} aria-labelledby=${id} onClick=${onClick} onCancel=${onCancel}>
      <div class="dialog-box">
        <div class="dialog-head">
          <h2 id=${id}>${title}</h2>
          <${IconButton} icon="close" label=${words.close} onClick=${onClose} />
        </div>
        ${children}
      </div>
    </dialog>
  `;
}

/**
 * A choice of one of few values, as a row of buttons.
 * @param {{legend: string, name: string, value: string, options: [string, any][], onChange: (value: string) => void}} props
 */
export const Choice = ({ legend, name, value, options, onChange }) => html`
  <fieldset class="choice">
    <legend>${legend}</legend>
    <div class="choice-row">
      ${options.map(
        ([option, text]) => html`
          <label key=${option} class="choice-option">
            <input type="radio" name=${name} value=${option} checked=${option === value} onChange=${() => onChange(option)} />
            <span>${text}</span>
          </label>
        `,
      )}
    </div>
  </fieldset>
`;

/** The message of a failure. @param {{children?: any}} props */
export const Failure = ({ children }) => html`<p class="failure" role="alert"><${Icon} name="warning" /><span>${children}</span></p>`;

/** Words for a failed request. @param {unknown} error */
export function explain(error) {
  const { status, message } = /** @type {import("./api.js").Problem} */ (error);
  if (status === 0) {
    return words.noResponse;
  }
  if (status === 401) {
    return words.signInAgain;
  }
  if (status === 429) {
    return words.tooMany;
  }
  return message || words.failed(status ?? 0);
}

/** The title of the document, and of the page for screen readers. @param {string} title */
export function useTitle(title) {
  useEffect(() => {
    document.title = title === "" ? "repcast" : `${title} · repcast`;
  }, [title]);
}

/** A listener of the window while the component is shown. @param {string} type @param {(event: any) => void} listener */
export function useWindowEvent(type, listener) {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const call = (/** @type {Event} */ event) => latest.current(event);
    addEventListener(type, call);
    return () => removeEventListener(type, call);
  }, [type]);
}
