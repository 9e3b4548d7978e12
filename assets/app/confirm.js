// The question before what cannot be undone.

import { Dialog, html } from "./ui.js";
import { words } from "./words.js";

/**
 * @param {object} props
 * @param {string} props.title
 * @param {string} props.question
 * @param {string} props.action what the button says
 * @param {() => void} props.onConfirm
 * @param {() => void} props.onClose
 */
export const Confirm = ({ title, question, action, onConfirm, onClose }) => html`
  <${Dialog} title=${title} onClose=${onClose}>
    <p>${question}</p>
    <div class="dialog-actions">
      <button type="button" class="button" autofocus onClick=${onClose}>${words.cancel}</button>
      <button type="button" class="button bad" onClick=${() => (onClose(), onConfirm())}>${action}</button>
    </div>
  <//>
`;
