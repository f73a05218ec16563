import "./page.js";
import { call, prefix } from "./api.js";
import { all, make, note, notCome, one } from "./dom.js";
import { t, when } from "./words.js";

const edit = one("#edit");
const form = one("form", edit);
let editing = null;

async function load() {
  try {
    const users = await call("GET", "/users");
    one("#users").replaceChildren(...users.map(row));
    note(one("#problem"), "");
  } catch (problem) {
    notCome(one("#users"), problem.message, one("#problem"));
  }
}

function row(user) {
  const state = user.closed ? t("closed") : user.has_password ? t("open") : t("waits for a password");
  return make("tr", {},
    make("th", { scope: "row" }, make("span", { class: "name", dir: "auto", title: user.display }, user.display), make("span", { class: "below", dir: "auto" }, user.name)),
    make("td", {}, user.roles.map((role) => t(role)).join(", ")),
    make("td", {}, state),
    make("td", { class: "number hide-narrow" }, String(user.open_sessions)),
    make("td", { class: "hide-middle small" }, when(user.created_at)),
    make("td", { class: "number" },
      make("button", { type: "button", class: "plain", onclick: () => begin(user) }, t("Edit")),
      make("button", { type: "button", class: "plain", onclick: () => link(user) }, t("New link")),
      make("button", { type: "button", class: "plain danger", onclick: () => change(user, { closed: !user.closed }) }, user.closed ? t("Open again") : t("Close")),
    ),
  );
}

function begin(user) {
  editing = user;
  form.reset();
  one("#edit-title").textContent = user ? t("Account {name}", { name: user.name }) : t("New account");
  one("[data-new]", form).hidden = Boolean(user);
  form.elements.name.required = !user;
  form.elements.display.value = user?.display ?? "";
  for (const box of all("[name=roles]", form)) box.checked = user?.roles.includes(box.value) ?? false;
  note(one(".note", form), "");
  edit.showModal();
}

async function change(user, body) {
  try {
    await call("PATCH", `/users/${user.id}`, body);
  } catch (problem) {
    note(one("#problem"), problem.message, "bad");
    return;
  }
  await load();
}

async function link(user) {
  try {
    const made = await call("POST", `/users/${user.id}/link`);
    const dialog = one("#link");
    one("textarea", dialog).value = `${location.origin}${prefix}/welcome#${made.secret}`;
    dialog.showModal();
    one("textarea", dialog).select();
  } catch (problem) {
    note(one("#problem"), problem.message, "bad");
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const roles = all("[name=roles]:checked", form).map((box) => box.value);
  const display = form.elements.display.value.trim();
  try {
    if (!roles.length) throw new Error(t("Choose at least one role."));
    if (editing) {
      await call("PATCH", `/users/${editing.id}`, { display: display || editing.name, roles });
    } else {
      const made = await call("POST", "/users", { name: form.elements.name.value.trim(), display, roles });
      edit.close();
      await load();
      return link(made);
    }
  } catch (problem) {
    return note(one(".note", form), problem.message, "bad");
  }
  edit.close();
  return load();
});

one("[data-close]", edit).addEventListener("click", () => edit.close());
one("#add").addEventListener("click", () => begin(null));
load();
