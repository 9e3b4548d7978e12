// Runs before the application: starts loading what this page needs besides, and applies a chosen theme before anything is drawn.

import { hint, preload } from "./pages.js";
import { routeOf } from "./routes.js";
import { THEME, chosenLanguage, read } from "./storage.js";

const theme = read(THEME);
if (theme !== null) {
  document.documentElement.dataset["theme"] = theme;
}
hint(`words/${chosenLanguage()}.js`);
preload(routeOf(location.pathname)?.page ?? "library");
