// What the server has found in a clip: its poster, its sound, its transparency, and what to look at.

import { decimal } from "../format.js";
import { Choice, Icon, html } from "../ui.js";
import { textsOf } from "../words.js";
import { UPLOAD } from "./words.js";

/** @typedef {import("./calls.js").UploadInfo} UploadInfo */

/** @param {{upload: UploadInfo, alpha: string, onAlpha: (alpha: string) => void}} props */
export function ClipCheck({ upload, alpha, onAlpha }) {
  const text = textsOf(UPLOAD);
  const { clip, warnings, poster_path: poster, alpha_picture_path: alphaPicture } = upload;
  return html`
    <section class="clip-check" aria-label=${text.clip}>
      ${poster === null ? null : html`<img class="clip-poster" src=${poster} alt="" />`}
      ${clip === null
        ? null
        : html`<p class="hint">
            ${text.facts(clip.width, clip.height, clip.frame_rate === null ? null : decimal(round(clip.frame_rate)), decimal(round(clip.duration)))}
          </p>`}
      ${clip?.has_sound && clip.waveform ? html`<${Waveform} peaks=${clip.waveform} />` : null}
      ${warnings.length === 0
        ? null
        : html`<ul class="clip-warnings" aria-label=${text.warnings}>
            ${warnings.map(({ kind, text: said }) => html`<li key=${kind}><${Icon} name="warning" /><span>${hint(text, kind, clip) ?? said}</span></li>`)}
          </ul>`}
      ${clip?.has_alpha
        ? html`
            ${alphaPicture === null
              ? null
              : html`<figure class="alpha-picture">
                  <img src=${alphaPicture} alt=${text.alphaPicture} />
                  <figcaption><span>${text.alphas.straight}</span><span>${text.alphas.premultiplied}</span></figcaption>
                </figure>`}
            <${Choice}
              legend=${text.alpha}
              name="alpha"
              value=${alpha}
              options=${["straight", "premultiplied"].map((name) => [name, /** @type {Record<string, string>} */ (text.alphas)[name]])}
              onChange=${onAlpha}
            />
            ${alphaPicture === null ? null : html`<p class="hint">${text.alphaHint}</p>`}
          `
        : null}
    </section>
  `;
}

/**
 * A warning in the language of the page; none for one that the page does not know.
 * @param {typeof UPLOAD.en} text
 * @param {string} kind
 * @param {UploadInfo["clip"]} clip
 */
function hint(text, kind, clip) {
  const name = kind === "alpha" && clip?.alpha === "premultiplied" ? "premultiplied" : kind;
  return /** @type {Record<string, string>} */ (text.hints)[name];
}

const round = (/** @type {number} */ value) => Math.round(value * 100) / 100;

const [WIDTH, HEIGHT] = [400, 48];

/** The peaks of the sound, mirrored around its middle. @param {{peaks: number[]}} props */
function Waveform({ peaks }) {
  const text = textsOf(UPLOAD);
  const step = WIDTH / Math.max(peaks.length, 1);
  const bar = (/** @type {number} */ peak, /** @type {number} */ index) => {
    const half = (Math.min(Math.max(peak, 0.02), 1) * HEIGHT) / 2;
    return `M${(step * (index + 0.5)).toFixed(1)} ${(HEIGHT / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
  };
  return html`
    <svg class="waveform" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${text.waveform}>
      <path d=${peaks.map(bar).join("")} vector-effect="non-scaling-stroke" />
    </svg>
  `;
}
