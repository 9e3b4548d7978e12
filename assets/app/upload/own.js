// An own exercise of the library: edited and deleted from its details.

import { useState } from "../vendor/hooks.mjs";
import { Confirm } from "../confirm.js";
import { dropExercise } from "../exercises.js";
import { toast } from "../toasts.js";
import { Icon, explain, html } from "../ui.js";
import { textsOf } from "../words.js";
import { deleteExercise, readExercise } from "./calls.js";
import { ExerciseDialog } from "./form.js";
import { UPLOAD } from "./words.js";

/** @param {{exercise: import("../catalogue.js").Exercise, onClose: () => void}} props `onClose` closes the details */
export function OwnActions({ exercise, onClose }) {
  const text = textsOf(UPLOAD);
  const [edited, setEdited] = useState(/** @type {{json: any, etag: string} | null} */ (null));
  const [isAsking, setAsking] = useState(false);
  const edit = () => readExercise(exercise.id).then(setEdited, (error) => toast(explain(error)));
  const remove = async () => {
    try {
      const { etag } = await readExercise(exercise.id);
      await deleteExercise(exercise.id, etag);
      dropExercise(exercise.id);
      toast(text.deleted(exercise.name));
      onClose();
    } catch (error) {
      toast(explain(error));
    }
  };
  return html`
    <button type="button" class="button bad" aria-haspopup="dialog" onClick=${() => setAsking(true)}><${Icon} name="trash" />${text.delete}</button>
    <button type="button" class="button" aria-haspopup="dialog" onClick=${edit}><${Icon} name="edit" />${text.edit}</button>
    ${edited === null ? null : html`<${ExerciseDialog} upload=${null} edited=${edited} onSaved=${onClose} onClose=${() => setEdited(null)} />`}
    ${isAsking
      ? html`<${Confirm}
          title=${text.deleteTitle(exercise.name)}
          question=${text.deleteAsk(exercise.name)}
          action=${text.delete}
          onConfirm=${remove}
          onClose=${() => setAsking(false)}
        />`
      : null}
  `;
}
