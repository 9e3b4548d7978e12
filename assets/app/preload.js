// Runs before the application: starts loading its texts, whose file depends on the language, and applies a chosen theme before
// anything is drawn. The files of the page itself are loaded when the shell is drawn, which they would delay.

import { hint } from "./pages.js";
import { THEME, chosenLanguage, read } from "./storage.js";

const theme = read(THEME);
if (theme !== null) {
  document.documentElement.dataset["theme"] = theme;
}
hint(`words/${chosenLanguage()}.js`);
