// A button that opens a menu. The browser closes it at a click elsewhere and at Escape.

import { useId, useLayoutEffect, useRef, useState } from "../vendor/hooks.mjs";
import { Icon, html } from "../ui.js";

/** @typedef {{label: string, icon: import("../icons.js").IconName, keys?: string, isOff?: boolean, isBad?: boolean, run: () => void}} Entry */

const MARGIN_PX = 8;
const CLICK_MILLIS = 250;

/**
 * @param {object} props
 * @param {string} props.label the accessible name of the button
 * @param {any} props.children what the button shows
 * @param {Entry[]} props.entries
 * @param {string} [props.class]
 */
export function Menu({ label, children, entries, class: kind = "icon-button" }) {
  const id = useId();
  // Its entries are made when it is opened: a long list has many menus.
  const [isOpen, setOpen] = useState(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const menu = useRef(/** @type {HTMLElement | null} */ (null));
  const items = () => /** @type {HTMLElement[]} */ ([...(menu.current?.querySelectorAll("[role=menuitem]") ?? [])]);
  const place = () => {
    const [element, box] = [menu.current, button.current?.getBoundingClientRect()];
    if (element === null || box === undefined) {
      return;
    }
    const { width, height } = element.getBoundingClientRect();
    const below = box.bottom + MARGIN_PX / 2;
    const top = below + height > innerHeight - MARGIN_PX ? Math.max(MARGIN_PX, box.top - height - MARGIN_PX / 2) : below;
    element.style.top = `${top}px`;
    element.style.left = `${Math.min(Math.max(MARGIN_PX, box.right - width), innerWidth - width - MARGIN_PX)}px`;
  };
  const closedAt = useRef(-Infinity);
  const hasChosen = useRef(false);
  const onToggle = (/** @type {any} */ { newState }) => {
    setOpen(newState === "open");
    closedAt.current = newState === "open" || hasChosen.current ? -Infinity : performance.now();
    hasChosen.current = false;
  };
  // A press on the button closes an open menu before its click gets here.
  const onClick = () => performance.now() - closedAt.current > CLICK_MILLIS && setOpen(true);
  useLayoutEffect(() => {
    if (isOpen) {
      menu.current?.showPopover();
      place();
      items()[0]?.focus();
    }
  }, [isOpen]);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in steps) {
      event.preventDefault();
      all.at(steps[/** @type {keyof typeof steps} */ (event.key)] % all.length)?.focus();
    } else if (event.key === "Tab") {
      menu.current?.hidePopover();
    }
    event.stopPropagation();
  };
  const choose = (/** @type {Entry} */ entry) => {
    hasChosen.current = true;
    menu.current?.hidePopover();
    button.current?.focus();
    entry.run();
  };
  return html`
    <button
      type="button"
      ref=${button}
      class=${kind}
      aria-label=${label}
      title=${label}
      aria-haspopup="menu"
      aria-expanded=${isOpen}
      onClick=${onClick}
    >
      ${children}
    </button>
    <div id=${id} ref=${menu} class="menu" role="menu" aria-label=${label} popover="auto" onToggle=${onToggle} onKeyDown=${onKeyDown}>
      ${(isOpen ? entries : []).map(
        (entry) => html`
          <button
            key=${entry.label}
            type="button"
            role="menuitem"
            tabindex="-1"
            class=${`menu-item ${entry.isBad ? "bad" : ""}`}
            aria-disabled=${entry.isOff ? "true" : undefined}
            onClick=${() => entry.isOff || choose(entry)}
          >
            <${Icon} name=${entry.icon} /><span>${entry.label}</span>${entry.keys === undefined ? null : html`<kbd>${entry.keys}</kbd>`}
          </button>
        `,
      )}
    </div>
  `;
}
