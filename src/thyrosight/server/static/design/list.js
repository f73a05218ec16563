// All reader studies, and how a new one begins: with a design, two usual questions, and a seed drawn by chance.

import "../app/page.js";
import { call, prefix } from "../app/api.js";
import { make, note, notCome, one } from "../app/dom.js";
import { t, when } from "../app/words.js";
import { usualProtocol } from "./usual.js";

const dialog = one("#new");
const form = one("form", dialog);

async function load() {
  try {
    const studies = await call("GET", "/reader-studies");
    one("#studies").replaceChildren(...studies.map(row));
    one("#empty").hidden = studies.length > 0;
    note(one("#problem"), "");
  } catch (problem) {
    notCome(one("#studies"), problem.message, one("#problem"));
  }
}

function row(study) {
  const address = `${prefix}/reader-studies/${study.id}`;
  const element = make("tr", { "data-href": address },
    make("td", {}, make("span", { class: "tag", "data-state": study.state }, t(study.state))),
    make("th", { scope: "row" }, make("a", { href: address, class: "name", dir: "auto", title: study.title }, study.title), make("span", { class: "below name", dir: "auto" }, study.author)),
    make("td", { class: "number" }, String(study.cases)),
    make("td", { class: "number" }, String(study.readers)),
    make("td", { class: "number" }, study.total ? t("{locked} of {total}", { locked: study.locked, total: study.total }) : "–"),
    make("td", { class: "hide-narrow" }, when(study.created_at)),
  );
  element.addEventListener("click", (event) => event.target.closest("a") || location.assign(address));
  return element;
}

one("#add").addEventListener("click", () => {
  form.reset();
  note(one(".note", form), "");
  dialog.showModal();
});
one("[data-close]", dialog).addEventListener("click", () => dialog.close());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, aim, design } = Object.fromEntries(new FormData(form));
  try {
    const made = await call("POST", "/reader-studies", { protocol: usualProtocol({ title: title.trim(), aim: aim.trim(), design }) });
    location.assign(`${prefix}/reader-studies/${made.id}`);
  } catch (problem) {
    note(one(".note", form), problem.message, "bad");
  }
});
load();
