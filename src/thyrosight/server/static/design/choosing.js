// Choosing cases from the workstation's studies: nodules that are drawn, single pictures and loops, pairs of two pictures.

import { address, call } from "../app/api.js";
import { all, calmly, make, note, one } from "../app/dom.js";
import { t, tn } from "../app/words.js";

const PAGE = 60;
const dialog = one("#choosing");
const form = one("form", dialog);

export class Choosing {
  constructor(page) {
    this.page = page;
    this.items = [];
    this.chosen = new Map();
    form.elements.text.addEventListener("input", calmly(() => this._load()));
    form.elements.unit.addEventListener("change", () => this._draw());
    one("#more-candidates").addEventListener("click", () => this._load({ more: true }));
    one("#choose-all").addEventListener("click", () => this._all());
    one("[data-close]", dialog).addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => this._add(event));
  }

  open() {
    form.reset();
    note(one(".note", form), "");
    one("#candidates").replaceChildren(make("li", {}, make("span", { class: "wait" })));
    dialog.showModal();
    this._load();
  }

  async _load({ more = false } = {}) {
    const query = new URLSearchParams({ text: form.elements.text.value.trim(), limit: PAGE, offset: more ? this.items.length : 0 });
    try {
      const found = await call("GET", `${this.page.base}/candidates?${query}`);
      this.items = more ? [...this.items, ...found.items] : found.items;
      this.total = found.total;
      this._draw();
    } catch (problem) {
      note(one(".note", form), problem.message, "bad");
    }
  }

  /** The possible cases of a study: each with a name, its pictures, and what is sent to make it. */
  _units(own) {
    const unit = form.elements.unit.value;
    const image = new Map(own.images.map((one, place) => [one.id, { ...one, place: place + 1 }]));
    if (unit === "nodule") {
      return own.nodules.map((nodule) => ({
        name: t("Nodule {number}", { number: nodule.number }), images: nodule.views.map((view) => view.image_id),
        body: { nodule_id: nodule.id }, possible: nodule.views.length >= 1 && nodule.views.length <= 2,
      }));
    }
    const view = (one, part = "") => ({ image_id: one.id, loop: one.frames > 1 && unit !== "elastogram", part });
    const says = (one) => (one.frames > 1 ? tn("{place}: {number} frame", "{place}: {number} frames", one.frames, { place: one.place }) : t("Picture {number}", { number: one.place }));
    if (unit === "image") return [...image.values()].map((one) => ({ name: says(one), images: [one.id], body: { views: [view(one)] }, possible: true }));
    const parts = unit === "elastogram" ? ["B-mode", "elastogram"] : ["", ""];
    const all = [...image.values()];
    return all.slice(0, -1).map((one, place) => [one, all[place + 1]]).filter((_, place) => place % 2 === 0).map((pair) => ({
      name: pair.map(says).join(" + "), images: pair.map((one) => one.id), body: { views: pair.map((one, place) => view(one, parts[place])) }, possible: true,
    }));
  }

  _draw() {
    this.chosen.clear();
    const taken = new Set(this.page.study().cases.flatMap((own) => own.views.map((view) => view.image_id)));
    const rows = this.items.map((own) => [own, this._units(own)]).filter(([, units]) => units.length);
    one("#candidates").replaceChildren(...rows.map(([own, units]) => make("li", {},
      make("strong", {}, own.code), make("div", { class: "units" }, units.map((unit) => this._unit(own, unit, unit.images.some((image) => taken.has(image))))))));
    if (!rows.length) one("#candidates").replaceChildren(make("li", { class: "empty" }, this.items.length ? t("None of these studies has such a case.") : t("No study has this code.")));
    one("#more-candidates").hidden = this.items.length >= (this.total ?? 0);
    this._tell();
  }

  _unit(own, unit, taken) {
    const box = make("input", { type: "checkbox", disabled: !unit.possible, "data-taken": taken });
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.set(box, unit.body);
      else this.chosen.delete(box);
      this._tell();
    });
    return make("label", { class: "unit" }, box, ...unit.images.map(thumbnail),
      make("span", { class: "small" }, unit.name, taken ? make("span", { class: "below" }, t("in the study already")) : null));
  }

  _all() {
    for (const box of all("#candidates input:not(:disabled):not([data-taken])", dialog)) if (!box.checked) box.click();
  }

  _tell() {
    const number = this.chosen.size;
    one("#chosen").textContent = tn("{number} chosen", "{number} chosen", number);
    one("button.main", dialog).disabled = number === 0;
  }

  async _add(event) {
    event.preventDefault();
    const role = form.elements.role.value;
    const cases = [...this.chosen.values()].map((body) => ({ ...body, role }));
    if (await this.page.act(() => this.page.send("POST", "/cases", { cases }), one(".note", form))) dialog.close();
  }
}

function thumbnail(image) {
  const picture = make("img", { src: address(`/images/${image}/thumbnail`), alt: "", width: "72", height: "54", loading: "lazy" });
  // Administrators see no pictures of patients.
  picture.addEventListener("error", () => picture.remove());
  return picture;
}
