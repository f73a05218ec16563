import "./page.js";
import { call } from "./api.js";
import { make, note, one } from "./dom.js";
import { t, when } from "./words.js";

const form = one("#site");
const NUMBERS = ["idle_minutes", "session_hours", "largest_upload_mb", "upload_days", "backups_kept"];
let shown = {};

/** Put the settings of the site into the form. */
function fill(site) {
  shown = site;
  for (const [name, value] of Object.entries(site)) form.elements[name].value = String(value);
}

/** What the form holds. */
const entered = () =>
  Object.fromEntries(Object.keys(shown).map((name) => {
    const text = form.elements[name].value.trim();
    return [name, NUMBERS.includes(name) ? Number(text) : text];
  }));

async function load() {
  const found = await call("GET", "/settings");
  form.elements.first_system.append(...found.systems.map((own) => make("option", { value: own.key }, own.title)));
  fill(found.site);
  one("#changed").textContent = found.changed_at ? t("Last change: {when}", { when: when(found.changed_at) }) : "";
  for (const own of found.at_start) {
    const value = own.value === "yes" ? t("yes") : own.value || t("no");
    one(`[data-option="${own.option}"]`).textContent = value;
  }
  one("fieldset", form).disabled = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // Only what this person changed is sent, so that what another administrator saved meanwhile stays.
  const changes = Object.fromEntries(Object.entries(entered()).filter(([name, value]) => value !== shown[name]));
  if (!Object.keys(changes).length) return note(one("#note"), t("Nothing was changed."));
  try {
    fill(await call("PATCH", "/settings", changes));
    one("#changed").textContent = t("Last change: {when}", { when: when(new Date().toISOString()) });
    note(one("#note"), t("Saved."), "good");
  } catch (problem) {
    note(one("#note"), problem.message, "bad");
  }
  return undefined;
});

load().catch((problem) => note(one("#problem"), problem.message, "bad"));
