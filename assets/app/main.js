// repcast's web application: connects language, theme, addresses and the shell.

import { render } from "./vendor/preact.mjs";
import { loadMe } from "./me.js";
import { startRouter } from "./router.js";
import { showTheme } from "./settings.js";
import { Shell } from "./shell.js";
import { Toasts } from "./toasts.js";
import { html } from "./ui.js";
import { language } from "./words.js";
import { useStore } from "./store.js";

/** All of it is made again in another language. */
const App = () => html`<div key=${useStore(language)} class="app"><${Shell} /><${Toasts} /></div>`;

document.documentElement.lang = language.value;
showTheme();
startRouter();
void loadMe();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));

if ("serviceWorker" in navigator) {
  // Not where the server forbids its scope; the application works without it.
  const register = () => void navigator.serviceWorker.register("assets/app/sw.js", { scope: "./" }).catch(() => undefined);
  // After what the page needs itself.
  document.readyState === "complete" ? register() : addEventListener("load", register);
}
