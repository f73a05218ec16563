// Runs before anything is drawn, so that a page never flashes in the other theme.
(() => {
  try {
    const chosen = localStorage.getItem("thyrosight-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
    else document.documentElement.dataset.theme = "dark";
  } catch {
    document.documentElement.dataset.theme = "dark";
  }
})();
