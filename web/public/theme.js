// Sets the theme that the viewer chose before anything is drawn, so that a dark page never flashes
// light. The page itself changes it in src/ui/theme.ts, under the same key.
try {
  const theme = localStorage.getItem("callboard.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser may forbid a page to remember anything; then it is as the system has it.
}
