// What is done with the finished workout: play it here, lead it live, download its video.

import { useState } from "../vendor/hooks.mjs";
import { useStore } from "../store.js";
import { Icon, html } from "../ui.js";
import { words } from "../words.js";
import { cursor } from "./view.js";
import { toDocument } from "./workout.js";

/**
 * @param {object} props
 * @param {import("./workout.js").Workout} props.workout
 * @param {import("./player.js").Player} props.player
 * @param {(dialog: any) => void} props.onDialog shows a dialog
 */
export function Actions({ workout, player, onDialog }) {
  const session = useStore(player.session);
  const isStarting = useStore(player.isStarting);
  const [download, setDownload] = useState(/** @type {any} */ (null));
  const isEmpty = workout.exercises.length === 0;
  const play = () => (session === null ? player.start(toDocument(workout), cursor.value) : player.stop());
  const lead = async () => {
    const opened = open("about:blank", "_blank");
    const { Lead } = await import("./lead.js");
    onDialog(() => html`<${Lead} document=${toDocument(workout)} opened=${opened} onClose=${() => onDialog(null)} />`);
  };
  const save = async () => {
    const { Download } = await import("./download.js");
    setDownload({ Download, document: toDocument(workout) });
  };
  const playIcon = session === null ? "play" : "stop";
  const playText = isStarting ? words.starting : session === null ? words.playFromHere : words.stop;
  return html`
    <div class="actions">
      <button type="button" class="button main-action play" disabled=${isEmpty || isStarting} onClick=${play}>
        <${Icon} name=${playIcon} />${playText}
      </button>
      <button type="button" class="button lead" disabled=${isEmpty} onClick=${lead}><${Icon} name="live" />${words.leadLive}</button>
      ${download === null
        ? html`<button type="button" class="button download" disabled=${isEmpty} onClick=${save}>
            <${Icon} name="download" />${words.download}
          </button>`
        : html`<${download.Download} document=${download.document} onDone=${() => setDownload(null)} />`}
    </div>
  `;
}
