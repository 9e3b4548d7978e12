// Settings of the whole workout: intensity, format, look, language.

import { Choice, html } from "../ui.js";
import { words } from "../words.js";
import { editor } from "./editor.js";

const FORMATS = ["16:9", "9:16", "1:1"];
const THEMES = ["midnight", "daylight", "ocean", "ember", "forest", "berry", "contrast"];
/** Other names for the same intensity. @type {Record<string, string>} */
const INTENSITIES = { easy: "facile", medium: "moyen" };

/** @param {{workout: import("./workout.js").Workout}} props */
export function Look({ workout }) {
  const set = (/** @type {Partial<import("./workout.js").Workout>} */ fields) => editor.dispatch({ type: "set", fields });
  const intensity = workout.intensity ?? "moyen";
  const theme = typeof workout.theme === "object" ? String(workout.theme["preset"] ?? "midnight") : (workout.theme ?? "midnight");
  // A theme with own colors keeps them.
  const setTheme = (/** @type {string} */ name) =>
    set({ theme: typeof workout.theme === "object" ? { ...workout.theme, preset: name } : name });
  return html`
    <section class="card look" aria-labelledby="look-title">
      <h2 id="look-title">${words.look}</h2>
      <${Choice}
        legend=${words.intensity}
        name="intensity"
        value=${INTENSITIES[intensity] ?? intensity}
        options=${["facile", "moyen", "intense"].map((name) => [name, words.intensities[name]])}
        onChange=${(/** @type {string} */ name) => set({ intensity: name })}
      />
      <${Choice}
        legend=${words.format}
        name="format"
        value=${workout.format ?? "16:9"}
        options=${FORMATS.map((name) => [name, html`<span class="shape" data-format=${name} aria-hidden="true"></span>${name}`])}
        onChange=${(/** @type {string} */ format) => set({ format })}
      />
      <fieldset class="choice">
        <legend>${words.theme}</legend>
        <div class="swatches">
          ${THEMES.map(
            (name) => html`
              <label key=${name} class="swatch">
                <input type="radio" name="theme" value=${name} checked=${name === theme} onChange=${() => setTheme(name)} />
                <span class="swatch-colors" data-preset=${name} aria-hidden="true"></span>
                <span>${words.themes[name]}</span>
              </label>
            `,
          )}
        </div>
      </fieldset>
      <${Choice}
        legend=${words.videoLanguage}
        name="language"
        value=${workout.language ?? "en"}
        options=${[["en", "English"], ["fr", "Français"]]}
        onChange=${(/** @type {string} */ language) => set({ language })}
      />
    </section>
  `;
}
