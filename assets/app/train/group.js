// The head of a group in the builder's list: its name, how often its exercises are repeated, and its rests.

import { Icon, IconButton, html } from "../ui.js";
import { words } from "../words.js";
import { NumberField, TitleField } from "./fields.js";
import { SHAPE_NAMES, kindOf } from "./groups.js";
import { Menu } from "./menu.js";
import { BOUNDS } from "./reducer.js";
import { numeric } from "./workout.js";

/** @typedef {import("./groups.js").Group} Group */

/**
 * @param {object} props
 * @param {Group} props.group
 * @param {Record<string, string>} props.faults by field
 * @param {Pick<import("./row.js").RowActions, "changeGroup" | "shape" | "dissolve">} props.actions
 */
export function GroupHead({ group, faults, actions }) {
  const { id } = group;
  const kind = kindOf(group);
  const name = group.title ?? words.groupKinds[kind];
  const field = (/** @type {Exclude<keyof Group, "id" | "title">} */ of, /** @type {any} */ options) => html`
    <${NumberField}
      kind=${of === "rounds" ? "number" : "time"}
      caption=${words.groupFields[of]}
      label=${words.groupFieldOf(words.groupFields[of], name)}
      unit=${of === "rounds" ? "" : "s"}
      step=${of === "rounds" ? 1 : 5}
      value=${numeric(group[of], options.usual)}
      isDefault=${group[of] === undefined}
      bounds=${options.bounds}
      fault=${faults[of]}
      onChange=${(/** @type {number} */ value, /** @type {boolean} */ isStep) =>
        actions.changeGroup(id, { [of]: of === "rounds" ? Math.round(value) : value }, isStep ? `${of} ${id}` : null)}
    />
  `;
  const faultList = Object.values(faults);
  return html`
    <div class="group-head" role="group" aria-label=${words.groupNamed(name)}>
      <${Icon} name="repeat" />
      <${TitleField}
        class="group-title"
        label=${words.groupTitle}
        placeholder=${words.groupKinds[kind]}
        value=${group.title}
        onChange=${(/** @type {string | undefined} */ title) => actions.changeGroup(id, { title }, null)}
      />
      <div class="group-fields">
        ${kind === "amrap" ? field("duration", { usual: 0, bounds: BOUNDS.duration }) : field("rounds", { usual: 1, bounds: BOUNDS.rounds })}
        ${kind === "emom"
          ? field("every", { usual: 60, bounds: BOUNDS.every })
          : field("rest_between_rounds", { usual: 0, bounds: BOUNDS.rest_between_rounds })}
        ${field("rest", { usual: 0, bounds: BOUNDS.rest })}
      </div>
      <${Menu} label=${words.groupShape(name)} entries=${shapeEntries(id, actions)}><${Icon} name="clock" /><//>
      <${IconButton} icon="close" label=${words.dissolve(name)} onClick=${() => actions.dissolve(id)} />
      ${faultList.length === 0 ? null : html`<p class="row-fault">${faultList.join(" ")}</p>`}
    </div>
  `;
}

/** @param {string} id @param {any} actions */
const shapeEntries = (id, actions) =>
  SHAPE_NAMES.map((name) => ({ label: words.groupShapes[name], icon: /** @type {const} */ ("clock"), run: () => actions.shape(id, name) }));
