// What every page does: theme, signing out, and the end of a session after a time without use.

import { call, onSignedOut, prefix, useToken } from "./api.js";
import { note, one } from "./dom.js";

const root = document.documentElement;
const ASK_EVERY = 30_000;
const WARN_BEFORE = 60_000;
const SIGN_OF_LIFE = 60_000;
let lastUse = Date.now();
let lastTold = Date.now();

one("#theme")?.addEventListener("click", () => {
  const theme = root.dataset.theme === "light" ? "dark" : "light";
  root.dataset.theme = theme;
  try {
    localStorage.setItem("thyrosight-theme", theme);
  } catch {
    // A browser that keeps nothing shows the theme until the page is left.
  }
  document.dispatchEvent(new Event("theme"));
});

one("#sign-out")?.addEventListener("click", async () => {
  await call("DELETE", "/session", undefined, { again: false }).catch(() => {});
  location.assign(`${prefix}/sign-in`);
});

for (const sign of ["pointerdown", "keydown", "wheel"]) {
  addEventListener(sign, () => (lastUse = Date.now()), { passive: true, capture: true });
}

/** Ask how long the session lasts; use of the page prolongs it, an open page alone does not. */
async function watch() {
  if (lastUse > lastTold && Date.now() - lastTold > SIGN_OF_LIFE) {
    lastTold = Date.now();
    await call("GET", "/me").catch(() => {});
  }
  let session;
  try {
    session = await call("GET", "/session", undefined, { again: false });
  } catch (problem) {
    if (problem.status === 401) await signInAgain();
    return;
  }
  const left = Math.min(Date.parse(session.idle_at), Date.parse(session.ends_at)) - Date.now();
  const soon = one("#soon");
  if (left < WARN_BEFORE && !soon.open && !one("#again").open) soon.showModal();
}

one("#soon")?.addEventListener("close", () => call("GET", "/me").catch(() => {}));

/** Ask for the password on the page itself; resolves once somebody has signed in. */
function signInAgain() {
  const dialog = one("#again");
  if (!dialog) return location.assign(`${prefix}/sign-in`);
  if (dialog.open) return dialog.waiting;
  one("#soon").close();
  const form = one("form", dialog);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.waiting = new Promise((done) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        const body = { name: root.dataset.user, password: form.password.value };
        const session = await call("POST", "/session", body, { again: false });
        useToken(session.csrf_token);
        form.reset();
        note(one(".note", form), "");
        dialog.close();
        done();
      } catch (problem) {
        note(one(".note", form), problem.message, "bad");
        form.password.select();
      }
    };
  });
  dialog.showModal();
  return dialog.waiting;
}

if (root.dataset.user) {
  onSignedOut(signInAgain);
  setInterval(watch, ASK_EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && watch());
}
