// The cases of a study: what is known of each, its pictures as readers see them, and how one is taken out or withdrawn.

import { address } from "../app/api.js";
import { make, one } from "../app/dom.js";
import { partName, t, tn } from "../app/words.js";
import { ask } from "./asking.js";
import { Choosing } from "./choosing.js";
import { look } from "./looking.js";
import { Truth } from "./truth.js";

const ROLES = { study: () => t("is analysed"), practice: () => t("practice"), attention: () => t("attention") };

export class Cases {
  constructor(page) {
    this.page = page;
    this.choosing = new Choosing(page);
    this.truth = new Truth(page);
    one("#choose-cases").addEventListener("click", () => this.choosing.open());
    one("#give-truth").addEventListener("click", () => this.truth.open());
  }

  draw(study) {
    const draft = study.state === "draft";
    one("#choose-cases").hidden = !draft;
    one("#give-truth").hidden = study.state === "closed";
    const known = study.cases.filter((own) => own.role === "study");
    const [malignant, benign] = [1, 0].map((truth) => known.filter((own) => own.truth === truth).length);
    one("#cases-count").textContent = study.cases.length
      ? tn("{number} case: {malignant} malignant, {benign} benign, {open} without a truth", "{number} cases: {malignant} malignant, {benign} benign, {open} without a truth", known.length, { malignant, benign, open: known.length - malignant - benign })
      : t("Cases");
    one("#cases-rows").replaceChildren(...study.cases.map((own) => this._row(own, draft)));
    one("#cases-empty").hidden = study.cases.length > 0;
  }

  _row(own, draft) {
    const set = (facts) => this.page.act(() => this.page.send("PUT", "/truth", { rows: [{ case: own.code, ...facts }] }));
    const choice = (label, options, chosen, change) => draft
      ? make("select", { "aria-label": label, onchange: (event) => change(event.target.value) }, options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)))
      : options.find(([value]) => value === chosen)?.[1] ?? "";
    const field = (label, value, name) => draft
      ? make("input", { type: "text", maxlength: "64", value, "aria-label": label, dir: "auto", onchange: (event) => set({ [name]: event.target.value.trim() }) })
      : value;
    return make("tr", { class: own.withdrawn_at ? "soft" : "", "data-case": own.code },
      make("th", { scope: "row" }, make("span", { class: "name", title: own.key, dir: "auto" }, own.key),
        own.key === own.code ? null : make("span", { class: "below" }, own.code),
        own.withdrawn_at ? make("span", { class: "below" }, t("withdrawn: {reason}", { reason: own.withdrawn_for })) : null),
      make("td", {}, make("button", { type: "button", class: "plain pictures", title: t("Look at the pictures as readers see them"), onclick: () => look(this.page, own) }, own.views.map((view, place) => this._view(view, own, place + 1)))),
      make("td", {}, choice(t("Role"), Object.entries(ROLES).map(([value, text]) => [value, text()]), own.role, (role) => set({ role }))),
      make("td", {}, choice(t("Truth"), [...(own.truth === null || !draft ? [["", "–"]] : []), ["1", t("malignant")], ["0", t("benign")]], own.truth === null ? "" : String(own.truth), (truth) => truth !== "" && set({ truth: Number(truth) }))),
      make("td", {}, field(t("Source of the truth"), own.label_source, "label_source")),
      make("td", {}, field(t("Patient"), own.cluster, "cluster")),
      make("td", { class: "number" }, this._remove(own, draft)));
  }

  _view(view, own, place) {
    const image = make("img", { src: address(`${this.page.base}/cases/${own.id}/images/${place}/frames/0`), alt: "", loading: "lazy", width: "60", height: "45" });
    image.addEventListener("error", () => image.replaceWith(make("span", { class: "no-picture" }, "!")));
    const says = [view.loop ? tn("{number} frame", "{number} frames", view.frames) : "", partName(view.part), view.text?.length && !own.cleared ? t("text?") : ""].filter(Boolean).join(" · ");
    return make("span", { class: "view" }, image, says ? make("span", { class: "small soft" }, says) : null);
  }

  _remove(own, draft) {
    if (draft) return make("button", { type: "button", class: "plain danger", onclick: () => this.page.act(() => this.page.send("DELETE", `/cases/${own.id}`)) }, t("Take out"));
    if (own.withdrawn_at || this.page.study().state !== "open") return null;
    return make("button", { type: "button", class: "plain danger", onclick: () => ask({
      title: t("Withdraw {case}", { case: own.key }), what: t("Readers who have not locked the case pass it over. Readings of it stay in the tables, marked as withdrawn."), yes: t("Withdraw"),
    }, (reason) => this.page.send("POST", `/cases/${own.id}/withdraw`, { reason }, { versioned: false })) }, t("Withdraw"));
  }
}

