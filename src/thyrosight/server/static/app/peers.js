// Archives and nodes: entered, tried and taken out by an administrator.

import { call } from "./api.js";
import { all, make, note, notCome, one } from "./dom.js";
import { sentName, t } from "./words.js";

const dialog = one("#peer");
const form = one("form", dialog);
const says = one("#peers-note");
let editing = null;

async function load() {
  const rows = one("#peers");
  try {
    const found = await call("GET", "/peers");
    rows.replaceChildren(...(found.length ? found.map(row) : [make("tr", {}, make("td", { colspan: "4", class: "soft" }, t("None")))]));
  } catch (problem) {
    notCome(rows, problem.message, says);
  }
}

function row(peer) {
  const act = (text, onclick, more = "") => make("button", { type: "button", class: `plain ${more}`.trim(), onclick }, text);
  return make("tr", {},
    make("th", { scope: "row" }, make("span", { class: "name", dir: "auto", title: peer.title }, peer.title), make("span", { class: "below", dir: "auto" }, peer.name)),
    make("td", {}, make("code", {}, peer.url)),
    make("td", { class: "hide-narrow small" }, peer.kinds.map(sentName).join(", ")),
    make("td", { class: "number" },
      act(t("Test"), (event) => test(peer, event.currentTarget)),
      ...(peer.fixed
        ? [make("span", { class: "small soft" }, t("of the file of peers"))]
        : [act(t("Edit"), () => begin(peer)), act(t("Remove"), () => remove(peer), "danger")])));
}

function begin(peer) {
  editing = peer;
  form.reset();
  one("#peer-title").textContent = peer ? t("Archive or node {name}", { name: peer.name }) : t("New archive or node");
  form.elements.name.disabled = Boolean(peer);
  if (peer) {
    for (const name of ["name", "url", "own_title"]) form.elements[name].value = peer[name];
    form.elements.title.value = peer.title === peer.name ? "" : peer.title;
    form.elements.query.checked = peer.query;
    for (const box of all("[name=kinds]", form)) box.checked = peer.kinds.includes(box.value);
  }
  note(one(".note", form), "");
  dialog.showModal();
}

async function test(peer, button) {
  button.disabled = true;
  note(says, t("{title} is asked ...", { title: peer.title }));
  try {
    const found = await call("POST", `/peers/${peer.name}/test`);
    if (found.reached) note(says, t("{title} answers.", { title: peer.title }), "good");
    else note(says, found.problem, "bad");
  } catch (problem) {
    note(says, problem.message, "bad");
  }
  button.disabled = false;
}

async function remove(peer) {
  try {
    await call("DELETE", `/peers/${peer.name}`);
    note(says, t("{title} was taken out.", { title: peer.title }), "good");
  } catch (problem) {
    note(says, problem.message, "bad");
  }
  await load();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, title, url, own_title: own, query } = form.elements;
  const kinds = all("[name=kinds]:checked", form).map((box) => box.value);
  const key = editing?.name ?? name.value.trim();
  try {
    await call("PUT", `/peers/${encodeURIComponent(key)}`, { title: title.value, url: url.value.trim(), own_title: own.value.trim(), kinds, query: query.checked });
  } catch (problem) {
    return note(one(".note", form), problem.message, "bad");
  }
  dialog.close();
  note(says, t("Saved."), "good");
  return load();
});
one("[data-close]", dialog).addEventListener("click", () => dialog.close());
one("#add-peer").addEventListener("click", () => begin(null));
load().finally(() => one("#start").removeAttribute("aria-busy")); // what stands below the list waits for its length
