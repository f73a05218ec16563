import "./page.js";
import { call, prefix } from "./api.js";
import { all, calmly, make, note, notCome, one } from "./dom.js";
import { offerArchives } from "./archives.js";
import { onDrop, uploadAll } from "./uploading.js";
import { dicomDate, t, tn, when } from "./words.js";

const PAGE = 50;
const seesNames = document.documentElement.dataset.roles.split(" ").includes("clinician");
const form = one("#filters");
const body = one("#studies");
let shown = 0;
let asked = 0;

/** Ask for studies; `more` adds to those that are shown. An answer to an older question is left out. */
async function load({ more = false, quietly = false } = {}) {
  const own = ++asked;
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.set(name, ["since", "until"].includes(name) ? value.replaceAll("-", "") : value);
  query.set("limit", quietly ? Math.max(PAGE, shown) : PAGE);
  query.set("offset", more ? shown : 0);
  try {
    const found = await call("GET", `/studies?${query}`);
    if (own !== asked) return;
    note(one("#problem"), "");
    const rows = found.items.map(row);
    if (more) body.append(...rows);
    else body.replaceChildren(...rows);
    shown = more ? shown + rows.length : rows.length;
    tell(found.total);
  } catch (problem) {
    if (own !== asked) return;
    notCome(body, problem.message, one("#problem"));
  }
}

function tell(total) {
  one("#more").hidden = shown >= total;
  one("#count").textContent = total ? tn("{shown} of {number} study", "{shown} of {number} studies", total, { shown }) : "";
  one("#empty").hidden = total > 0;
  const filtered = [...new FormData(form)].some(([name, value]) => value && name !== "order");
  one("#empty-text").textContent = filtered
    ? t("No study fits these filters.")
    : t("Upload images, drop them on this page, or let the archive send them.");
}

function row(study) {
  const address = `${prefix}/studies/${study.id}`;
  const who = study.patient_name || study.patient_id || study.code;
  const below = seesNames ? [study.patient_name && study.patient_id, dicomDate(study.birth_date), study.sex].filter(Boolean).join(" · ") : t("code");
  const element = make("tr", { "data-href": address },
    make("td", {}, make("span", { class: "tag", "data-state": study.state }, t(study.state)), lock(study)),
    make("th", { scope: "row" }, make("a", { href: address, class: "name", dir: "auto", title: who }, who), make("span", { class: "below", dir: "auto" }, below)),
    make("td", {}, dicomDate(study.study_date)),
    make("td", { class: "hide-narrow" }, make("span", { class: "name", dir: "auto", title: study.description }, study.description)),
    make("td", { class: "number" }, String(study.images)),
    make("td", { class: "number hide-middle" }, String(study.frames)),
    make("td", { class: "hide-middle" }, make("span", { class: "name", dir: "auto", title: study.assignee }, study.assignee)),
    make("td", { class: "hide-narrow small" }, when(study.created_at)),
  );
  element.addEventListener("click", (event) => {
    if (!event.target.closest("a, button")) location.assign(address);
  });
  return element;
}

function lock(study) {
  if (!study.locked_by) return null;
  const text = study.locked_by_me ? t("you work on it") : t("{name} works on it", { name: study.locked_by });
  return make("span", { class: "below tag-lock" }, text);
}

/** Arrow keys go from study to study, Enter opens the first, and the slash leads to the search, as in a mail program. */
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    return form.elements.text.focus();
  }
  if (event.key === "Enter" && document.activeElement === document.body) return one("th a", body)?.click();
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || (typing && event.target.type !== "search")) return undefined;
  const links = all("th a", body);
  if (!links.length) return undefined;
  const place = links.indexOf(document.activeElement);
  const next = place < 0 ? 0 : Math.min(links.length - 1, Math.max(0, place + (event.key === "ArrowDown" ? 1 : -1)));
  event.preventDefault();
  return links[next].focus();
});

const send = (files) => files.length && uploadAll(files, one("#uploads"), { done: () => load({ quietly: true }) });
form.addEventListener("input", calmly(() => load()));
form.addEventListener("submit", (event) => event.preventDefault());
one("#more").addEventListener("click", () => load({ more: true }));
one("#choose").addEventListener("click", () => one("#files").click());
one("#files").addEventListener("change", (event) => {
  send([...event.target.files]);
  event.target.value = "";
});
onDrop(send);
if (one("#fetch")) offerArchives(() => load({ quietly: true }));
// Studies that arrive by themselves appear without a click, while nobody looks elsewhere.
setInterval(() => document.visibilityState === "visible" && load({ quietly: true }), 20_000);
load();
