// The readers of a study: who is in, who joins, who leaves.

import { call } from "../app/api.js";
import { all, make, note, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { ask } from "./asking.js";

const form = one("#readers-form");

export class Readers {
  constructor(page) {
    this.page = page;
    this.people = null;
    form.addEventListener("submit", (event) => this._add(event));
  }

  draw(study) {
    one("#readers-rows").replaceChildren(...study.readers.map((own) => this._row(own, study.state)));
    one("#readers-empty").hidden = study.readers.length > 0;
    form.hidden = study.state === "closed";
    if (this.people) this._offer();
  }

  async shown() {
    try {
      this.people = await call("GET", `${this.page.base}/people`);
      this._offer();
    } catch (problem) {
      note(one(".note", form), problem.message, "bad");
    }
  }

  _row(own, state) {
    return make("tr", { class: own.removed_at ? "soft" : "" },
      make("th", { scope: "row" }, make("span", { class: "name", dir: "auto", title: own.display }, own.display), own.removed_at ? make("span", { class: "below" }, t("left: {reason}", { reason: own.removed_for })) : null),
      make("td", {}, own.code), make("td", { dir: "auto" }, own.group), make("td", {}, String(own.since)),
      make("td", { class: "number" }, own.removed_at || state === "closed" ? null : make("button", { type: "button", class: "plain danger", onclick: () => ask({
        title: t("{name} leaves the study", { name: own.display }), what: t("Readings that are locked are kept. The person cannot read in this study any more."), yes: t("Let go"),
      }, (reason) => this.page.send("POST", `/readers/${own.id}/remove`, { reason }, { versioned: false })) }, t("Leaves"))));
  }

  _offer() {
    const inside = new Set(this.page.study().readers.filter((own) => !own.removed_at).map((own) => own.user_id));
    const others = this.people.filter((own) => !inside.has(own.user_id));
    one("#people").replaceChildren(...(others.length ? others.map((own) => make("label", { class: "check" },
      make("input", { type: "checkbox", name: "person", value: own.user_id, disabled: !own.fit }),
      make("span", { dir: "auto" }, own.display, own.reason ? make("span", { class: "below small soft" }, own.reason) : null)))
      : [make("p", { class: "soft" }, t("No other account has the role reader; an administrator makes one on the page Accounts."))]));
    one("button.main", form).disabled = !others.some((own) => own.fit);
  }

  async _add(event) {
    event.preventDefault();
    const group = form.elements.group.value.trim();
    const readers = all("[name=person]:checked", form).map((box) => ({ user_id: box.value, group }));
    if (!readers.length) return note(one(".note", form), t("Choose at least one person."), "warn");
    await this.page.act(() => this.page.send("POST", "/readers", { readers }), one(".note", form));
    return undefined;
  }
}
