// Runs before the application: starts loading its texts, whose file depends on the language, and applies a chosen theme before
// anything is drawn. The files of the page itself follow with a low priority, so that they do not delay the shell.

import { filesOf, hint } from "./pages.js";
import { routeOf } from "./routes.js";
import { THEME, chosenLanguage, read } from "./storage.js";

const theme = read(THEME);
if (theme !== null) {
  document.documentElement.dataset["theme"] = theme;
}
hint(`words/${chosenLanguage()}.js`);
const page = routeOf(location.pathname)?.page ?? "library";
filesOf(page).forEach((file) => hint(file, "low"));
