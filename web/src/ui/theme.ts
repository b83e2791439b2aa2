// Light or dark: as the system has it, or as the viewer chose, which is remembered. What was chosen
// earlier is set by public/theme.js, before anything is drawn.

export type Theme = "system" | "light" | "dark";

const KEY = "callboard.theme";

export function chosenTheme(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    // A browser may forbid a page to remember anything.
    return "system";
  }
}

export function chooseTheme(theme: Theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // It is chosen for as long as the page is open.
  }
}
