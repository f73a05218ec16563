import "./page.js";
import { call } from "./api.js";
import { make, notCome, note, one } from "./dom.js";
import { t, when } from "./words.js";

const place = one("#note");

/** Do something on submit, and say how it went. */
function onSubmit(selector, act) {
  const form = one(selector);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      note(place, await act(form.elements), "good");
    } catch (problem) {
      note(place, problem.message, "bad");
    }
    place.scrollIntoView({ block: "nearest" });
  });
}

onSubmit("#own", async ({ display }) => {
  await call("PATCH", "/me", { display: display.value.trim() });
  return t("Saved.");
});

onSubmit("#password", async ({ old, fresh }) => {
  await call("PATCH", "/me", { old_password: old.value, new_password: fresh.value });
  old.value = fresh.value = "";
  return t("The password was changed.");
});

onSubmit("#token", async ({ label, role, days }) => {
  const made = await call("POST", "/me/tokens", { label: label.value.trim(), roles: [role.value], days: Number(days.value) });
  label.value = "";
  await tokens();
  return t("The token, shown only now: {secret}", { secret: made.secret });
});

async function tokens() {
  const found = await call("GET", "/me/tokens");
  const rows = found.map((token) =>
    make("tr", {},
      make("th", { scope: "row" }, make("span", { class: "name", dir: "auto" }, token.label)),
      make("td", {}, token.roles.map((role) => t(role)).join(", ")),
      make("td", {}, when(token.ends_at)),
      make("td", { class: "hide-narrow" }, token.used_at ? when(token.used_at) : t("never")),
      make("td", { class: "number" }, make("button", { type: "button", class: "plain danger", onclick: () => revoke(token) }, t("Revoke"))),
    ));
  one("#tokens").replaceChildren(...(rows.length ? rows : [make("tr", {}, make("td", { colspan: "5", class: "soft" }, t("No tokens")))]));
}

async function revoke(token) {
  await call("DELETE", `/me/tokens/${token.id}`).catch((problem) => note(place, problem.message, "bad"));
  await tokens();
}

tokens().catch((problem) => notCome(one("#tokens"), problem.message, place));
