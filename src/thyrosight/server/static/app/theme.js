// Runs before anything is drawn, so that a page never flashes in the other theme. A reading room is dark unless asked.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("thyrosight-theme");
  } catch {
    // A browser that keeps nothing shows the dark theme.
  }
  document.documentElement.dataset.theme = chosen === "light" ? "light" : "dark";
})();
