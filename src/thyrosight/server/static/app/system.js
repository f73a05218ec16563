import "./page.js";
import { call, prefix } from "./api.js";
import { make, note, notCome, one } from "./dom.js";
import { bytes, sentName, t, when } from "./words.js";

const TASKS = { judge: "judges nodules", finder: "looks for nodules" };

async function models() {
  const found = await call("GET", "/models");
  one("#models").replaceChildren(...found.map((own) =>
    make("tr", { class: own.present ? "" : "soft" },
      make("th", { scope: "row" }, t(TASKS[own.role] ?? own.role)),
      make("td", {}, own.facts.problem ?? own.facts.model ?? own.facts.title ?? ""),
      make("td", {}, own.facts.label_source ?? ""),
      make("td", { class: "hide-narrow" }, own.facts.split_kind ? t(own.facts.split_kind) : ""),
      make("td", { class: "hide-narrow" }, own.hash.slice(0, 12)),
      make("td", { class: "hide-narrow" }, own.present ? when(own.used_at) : t("before")),
    )));
}

async function peers() {
  const found = await call("GET", "/peers");
  const rows = found.map((own) =>
    make("tr", {},
      make("th", { scope: "row", dir: "auto" }, own.title, own.title === own.name ? null : make("span", { class: "below" }, own.name)),
      make("td", {}, own.url),
      make("td", { class: "hide-narrow" }, own.kinds.map(sentName).join(", ")),
      make("td", {}, own.query ? t("yes") : t("no")),
    ));
  one("#peers").replaceChildren(...(rows.length ? rows : [make("tr", {}, make("td", { colspan: "4", class: "soft" }, t("None")))]));
}

async function ready() {
  const answer = await fetch(`${prefix}/health/ready`, { credentials: "same-origin" });
  const found = await answer.json().catch(() => ({}));
  one("#ready").textContent = answer.ok ? t("yes") : found.detail ?? t("no");
}

async function backups() {
  const found = await call("GET", "/backups");
  one("#backups").replaceChildren(...(found.length
    ? found.map((own) => make("li", {}, `${own.name} · ${bytes(own.bytes)}`))
    : [make("li", { class: "soft" }, t("No backup yet"))]));
}

one("#backup").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  note(one("#backup-note"), t("The backup is being made; the workstation goes on."));
  try {
    let job = await call("POST", "/backups");
    while (["waiting", "running"].includes(job.state)) job = await call("GET", `/jobs/${job.id}?wait=5`);
    if (job.state !== "done") throw new Error(job.problem);
    note(one("#backup-note"), t("The backup is complete."), "good");
    await backups();
  } catch (problem) {
    note(one("#backup-note"), problem.message, "bad");
  }
  button.disabled = false;
});

// All parts appear together: one that came later would push the others down.
const places = new Map([[models, "#models"], [peers, "#peers"], [backups, "#backups"], [ready, "#ready"]]);
const parts = [...places].map(([act, place]) => act().catch((problem) => notCome(one(place), problem.message, one("#problem"))));
Promise.all(parts).then(() => one("main").removeAttribute("aria-busy"));
