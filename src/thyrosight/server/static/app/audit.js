import "./page.js";
import { call } from "./api.js";
import { calmly, make, note, notCome, one } from "./dom.js";
import { t, tn, when } from "./words.js";

const PAGE = 100;
const form = one("#filters");
const body = one("#events");
let shown = 0;
let asked = 0;

async function load({ more = false } = {}) {
  const own = ++asked;
  const query = new URLSearchParams({ limit: PAGE, offset: more ? shown : 0 });
  for (const [name, value] of new FormData(form)) if (value) query.set(name, value);
  try {
    const found = await call("GET", `/audit?${query}`);
    if (own !== asked) return;
    const rows = found.items.map(row);
    if (more) body.append(...rows);
    else body.replaceChildren(...rows);
    shown = more ? shown + rows.length : rows.length;
    one("#more").hidden = shown >= found.total;
    one("#count").textContent = tn("{shown} of {number} entry", "{shown} of {number} entries", found.total, { shown });
  } catch (problem) {
    notCome(body, problem.message, one("#note"));
  }
}

/** Object and details stand there as the trail holds them, and as its export has them. */
function row(event) {
  const details = Object.entries(event.body).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return make("tr", {},
    make("td", { class: "number" }, String(event.seq)),
    make("td", { class: "small" }, when(event.at)),
    make("td", { dir: "auto" }, event.who),
    make("th", { scope: "row" }, t(event.what)),
    make("td", { class: "hide-narrow small", lang: "en" }, event.object),
    make("td", { class: "hide-narrow small soft", lang: "en" }, details.join(", ")),
  );
}

one("#verify").addEventListener("click", async () => {
  note(one("#note"), t("Reading the whole chain ..."));
  try {
    const found = await call("GET", "/audit/verify");
    if (found.intact) note(one("#note"), tn("Intact: {number} entry, the last with the hash {hash}.", "Intact: {number} entries, the last with the hash {hash}.", found.seq, found), "good");
    else note(one("#note"), found.problems.map((problem) => problem.sentence).join(" "), "bad");
  } catch (problem) {
    note(one("#note"), problem.message, "bad");
  }
});
form.addEventListener("input", calmly(() => load()));
form.addEventListener("submit", (event) => event.preventDefault());
one("#more").addEventListener("click", () => load({ more: true }));
load();
