// One reader study as its designers see it: protocol, cases, readers, what stands in the way of opening, progress, results.

import "../app/page.js";
import { call, prefix } from "../app/api.js";
import { all, make, note, one } from "../app/dom.js";
import { t, when } from "../app/words.js";
import { ask } from "./asking.js";
import { Cases } from "./cases.js";
import { Checking } from "./checking.js";
import { Documents } from "./documents.js";
import { Progress } from "./progress.js";
import { ProtocolForm } from "./protocol_form.js";
import { Readers } from "./readers.js";
import { Results } from "./results.js";
import { showPower } from "./power.js";

const id = one("main").dataset.study;
const base = `/reader-studies/${id}`;
const tabs = all("[role=tab]");
let study = null;
let unsaved = false;
/** The reason that the server itself gives. */
const JOINED = "Readers joined";

/** What the parts of the page share. */
const page = { base, study: () => study, send, load, act };
const form = new ProtocolForm(one("#protocol-form"), { changed: () => typed(true), planned: () => showPower(page) });
const parts = { protocol: new Documents(page), cases: new Cases(page), readers: new Readers(page), check: new Checking(page), progress: new Progress(page), results: new Results(page) };

/** Send a change of the version that is on the page, and show what comes back; what carries no version goes as it is. */
async function send(method, path, body, { versioned = true } = {}) {
  study = await call(method, `${base}${path}`, body && (versioned ? { version: study.version, ...body } : body));
  draw();
}

/** Do something for a button: what goes wrong is said at the top of the page, or where `place` says. */
async function act(doing, place = one("#problem")) {
  try {
    await doing();
    note(place, "");
    return true;
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    note(place, problem.message, "bad");
    if (place === one("#problem")) place.scrollIntoView({ block: "nearest" });
    return false;
  }
}

async function load() {
  study = await call("GET", base);
  draw();
}

function draw() {
  one("#title").textContent = one("#title").title = study.title;
  one("#facts").replaceChildren(
    make("span", { class: "tag", "data-state": study.state }, t(study.state)),
    [` · ${t("protocol version {version}, {hash}", { version: study.protocol_version, hash: study.hash.slice(0, 12) })}`,
      study.opened_at && ` · ${t("opened {date}", { date: when(study.opened_at) })}`, study.closed_at && ` · ${t("closed {date}", { date: when(study.closed_at) })}`].filter(Boolean).join(""));
  one("#remove").hidden = study.state !== "draft";
  one("#close").hidden = study.state !== "open";
  if (!unsaved) form.value = study.protocol;
  form.freeze(study.state);
  one("#amend-reason").hidden = study.state !== "open";
  one("#save-protocol").textContent = study.state === "open" ? t("Amend the protocol") : t("Save the protocol");
  one("#save-protocol").hidden = study.state === "closed";
  one("#protocol-text").href = `${prefix}/api/v1${base}/protocol.yaml`;
  versions();
  showPower(page);
  badge("cases", study.cases.length);
  badge("readers", study.readers.filter((own) => !own.removed_at).length);
  for (const part of Object.values(parts)) part.draw(study);
  one(".tabs").removeAttribute("aria-busy");
  const chosen = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
  if (chosen) fill(chosen.getAttribute("aria-controls"));
  else choose(location.hash.slice(1) || (study.state === "draft" ? "protocol" : "progress"));
}

function badge(name, number) {
  const place = one(`[data-badge=${name}]`);
  place.hidden = !number;
  place.textContent = String(number);
}

function versions() {
  one("#versions").replaceChildren(...study.amendments.map((own) => make("tr", {},
    make("td", { class: "number" }, String(own.version)), make("td", {}, when(own.created_at)), make("td", { dir: "auto" }, own.author),
    make("td", { dir: "auto" }, (own.reason === JOINED ? t(JOINED) : own.reason) || (own.frozen_at ? t("as opened") : t("not frozen yet"))), make("td", {}, make("code", { title: own.hash }, own.hash.slice(0, 16))))));
}

function typed(now) {
  unsaved = now;
  one("#protocol-saved").textContent = now ? t("Not saved yet") : "";
  form.complain("");
}

one("#protocol-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const reason = event.target.elements.reason.value.trim();
  const protocol = form.value;
  const sent = await act(async () => {
    unsaved = false;
    try {
      if (study.state === "open") await send("PUT", "/amendments", { protocol, reason });
      else await send("PUT", "/protocol", { protocol });
    } catch (problem) {
      unsaved = true;
      throw problem;
    }
  }, one("#protocol-problem"));
  if (!sent) return;
  event.target.elements.reason.value = "";
  one("#protocol-saved").textContent = t("Saved.");
});

one("#close").addEventListener("click", () => ask({
  title: t("End the reading"), what: t("Readers are let out at once. Cases that are not locked are no part of the results."), yes: t("End the reading"), reason: false,
}, () => send("POST", "/close", {})));
one("#remove").addEventListener("click", () => ask({
  title: t("Remove the study"), what: t("The draft goes out of the list. Pictures and readings of the workstation stay."), yes: t("Remove"), reason: false,
}, async () => {
  await call("DELETE", base);
  unsaved = false;
  location.assign(`${prefix}/reader-studies`);
}));

// ---- tabs

function choose(name) {
  const known = tabs.find((tab) => tab.getAttribute("aria-controls") === name) ?? tabs[0];
  for (const tab of tabs) {
    const chosen = tab === known;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    one(`#${tab.getAttribute("aria-controls")}`).hidden = !chosen;
  }
  history.replaceState(null, "", `#${known.getAttribute("aria-controls")}`);
  if (study) fill(known.getAttribute("aria-controls"));
}

/** Ask for what a part shows besides the study; the first time it appears as a whole, so that nothing in it moves. */
async function fill(name) {
  const panel = one(`#${name}`);
  if (!panel.dataset.filled) panel.setAttribute("aria-busy", "true");
  try {
    await parts[name].shown?.();
  } finally {
    panel.dataset.filled = "yes";
    panel.removeAttribute("aria-busy");
  }
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(place + step + tabs.length) % tabs.length];
    choose(next.getAttribute("aria-controls"));
    next.focus();
  });
}

addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
load().catch((problem) => {
  one("#title").textContent = t("Reader study");
  one("#facts").textContent = "";
  one(".tabs").hidden = true;
  note(one("#problem"), problem.message, "bad");
});
