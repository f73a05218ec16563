// The nodules of a study: take a proposal or draw one, mark the second view, describe it, and hold an opinion before the
// model is seen. What is entered is saved as it is entered; a version tells when somebody else changed it meanwhile.

import { address, call } from "./api.js";
import { all, calmly, make, note, one } from "./dom.js";
import { revealed } from "./second_reader.js";
import { t } from "./words.js";

const FEATURES = ["composition", "echogenicity", "shape", "margin", "foci", "extension"];
const form = one("#nodule");

export class Nodules {
  /** @param {{study: string, viewer: () => object, image: () => object, show: (image: string, frame?: number) => void,
   *           changed: () => void}} page */
  constructor(page) {
    Object.assign(this, page);
    this.items = [];
    this.chosen = null;
    this.proposals = new Map();
    this.save = calmly(() => this._save(), 500);
    this.assess = calmly(() => this._assess(), 150);
    this._listen();
  }

  get nodule() {
    return this.items.find((own) => own.id === this.chosen) ?? null;
  }

  async load() {
    this.items = await call("GET", `/studies/${this.study}/nodules`);
    if (!this.nodule) this.chosen = this.items[0]?.id ?? null;
    this._draw();
  }

  /** The marks of an image: views of nodules, then proposals that nobody has taken. */
  marksOf(image) {
    const views = this.items.flatMap((nodule) =>
      nodule.views.filter((view) => view.image_id === image).map((view) => ({
        id: `view:${nodule.id}:${view.v}`, frame: view.frame, name: String(nodule.number), origin: "user",
        locked: Boolean(nodule.locked), ...shapeOf(view),
      })));
    const taken = (own) => views.some((view) => view.frame === own.frame && overlap(boxOf(view), own.box) > 0.5);
    const found = (this.proposals.get(image)?.items ?? []).filter((own) => !taken(own)).map((own, place) => ({
      id: `found:${image}:${place}`, frame: own.frame, origin: "finder", name: t("proposal"), ...shapeOf(own),
    }));
    return [...views, ...found];
  }

  /** Ask the finder about an image and wait for it; the page stays usable. */
  async find(image) {
    if (this.proposals.has(image)) return;
    this.proposals.set(image, { items: [] });
    const says = one("#found");
    says.textContent = t("The finder looks ...");
    try {
      for (;;) {
        const found = await call("GET", `/images/${image}/proposals?wait=2`);
        this.proposals.set(image, found);
        if (!["waiting", "running"].includes(found.state)) break;
      }
      const { items, state, problem } = this.proposals.get(image);
      says.textContent = state === "failed" ? problem : items.length ? t("Proposals: {number}", { number: items.length }) : t("The finder proposes nothing here.");
    } catch (problem) {
      this.proposals.delete(image);
      says.textContent = problem.message;
    }
    if (this.image()?.id === image) this._marks({ first: true });
  }

  /** A mark of the viewer changed, was drawn or taken. */
  async heard({ mark, change }) {
    if (mark.kind === "calliper") return;
    const [kind, id, v] = mark.id.split(":");
    try {
      if (kind === "view" && change === "changed") await this._putView(id, v, mark);
      else if (kind === "view" && change === "removed") await this._removeView(id, v);
      else if (kind === "found" && ["accepted", "changed"].includes(change)) await this.take(mark);
      else if (kind.startsWith("new") && change === "added") await this.take(mark);
    } catch (problem) {
      note(one("#nodule-problem"), problem.message, "bad");
      form.hidden = false;
      await this.load();
    }
  }

  /** A mark becomes a nodule; or the second view of the chosen one where that has none on this image's plane yet. */
  async take(mark, { second = this.wantsSecond } = {}) {
    const image = this.image().id;
    const view = { image_id: image, frame: mark.frame ?? 0, origin: mark.origin, ...viewOf(mark) };
    const nodule = this.nodule;
    if (second && nodule && !nodule.locked && nodule.views.length && !nodule.views.some((own) => own.image_id === image)) {
      await call("PUT", `/nodules/${nodule.id}/views/${nodule.views.length + 1}`, { ...view, version: nodule.version });
    } else {
      const made = await call("POST", `/studies/${this.study}/nodules`, { view });
      this.chosen = made.id;
    }
    this.wantsSecond = false;
    await this.load();
    this.changed();
    const viewNow = this.nodule.views.find((own) => own.image_id === image);
    this.viewer()?.select(`view:${this.chosen}:${viewNow?.v}`);
  }

  /** The same nodule in another image: to the next one with a proposal, and take it; without one, a box is drawn there. */
  async secondView(images) {
    const nodule = this.nodule;
    if (!nodule) return;
    const others = images.filter((own) => !nodule.views.some((view) => view.image_id === own.id));
    for (const own of others) {
      await this.find(own.id);
      const proposal = this.proposals.get(own.id)?.items[0];
      if (!proposal) continue;
      this.show(own.id, proposal.frame);
      return this.take({ ...shapeOf(proposal), frame: proposal.frame, origin: "finder" }, { second: true });
    }
    this.wantsSecond = true;
    if (others.length) this.show(others[0].id);
    one("#found").textContent = t("Draw the box of the second view.");
  }

  async choose(id) {
    this.chosen = id;
    this._draw();
    const view = this.nodule?.views.find((own) => own.image_id === this.image()?.id) ?? this.nodule?.views[0];
    if (view) {
      this.show(view.image_id, view.frame);
      this.viewer()?.select(`view:${id}:${view.v}`);
    }
  }

  async _putView(id, v, mark) {
    const nodule = this.items.find((own) => own.id === id);
    const view = nodule.views.find((own) => String(own.v) === v);
    await call("PUT", `/nodules/${id}/views/${v}`, {
      image_id: view.image_id, frame: mark.frame ?? 0, origin: "user", ...viewOf(mark), version: nodule.version,
    });
    await this.load();
  }

  async _removeView(id, v) {
    const nodule = this.items.find((own) => own.id === id);
    if (nodule.views.length > 1) await call("DELETE", `/nodules/${id}/views/${v}?version=${nodule.version}`);
    else await call("DELETE", `/nodules/${id}?version=${nodule.version}`);
    await this.load();
    this.changed();
  }

  // ---- what is entered

  /** Descriptors as they are ticked; a feature without an answer is left out, and counts as unknown. */
  descriptors() {
    const found = {};
    for (const feature of FEATURES) {
      const chosen = all(`[name=${feature}]:checked`, form).map((box) => box.value);
      if (chosen.length) found[feature] = feature === "foci" ? chosen : chosen[0];
    }
    return found;
  }

  async _save() {
    const nodule = this.nodule;
    if (!nodule || nodule.locked) return;
    const body = { version: nodule.version, side: form.elements.side.value, pole: form.elements.pole.value, descriptors: this.descriptors() };
    one("#saved").textContent = t("Saving ...");
    try {
      const after = await call("PATCH", `/nodules/${nodule.id}`, body);
      Object.assign(nodule, after);
      one("#saved").textContent = t("Saved.");
    } catch (problem) {
      one("#saved").textContent = "";
      note(one("#nodule-problem"), problem.message, "bad");
      if (problem.status === 409) await this.load();
    }
  }

  async _assess() {
    const nodule = this.nodule;
    if (!nodule) return;
    const body = this.descriptors();
    if (nodule.size?.largest_mm) body.size_mm = nodule.size.largest_mm;
    try {
      const found = await call("POST", "/tirads", body);
      if (nodule === this.nodule) one("#systems-table").replaceChildren(systemsTable(found));
    } catch (problem) {
      one("#systems-table").replaceChildren(make("p", { class: "small" }, problem.message));
    }
  }

  async lock(biopsy) {
    const nodule = this.nodule;
    const score = form.elements.score;
    if ("unset" in score.dataset) {
      note(one("#nodule-problem"), t("First give the risk of malignancy, 0 to 100."), "warn");
      return score.focus();
    }
    await this._save();
    try {
      const body = { version: nodule.version, descriptors: this.descriptors(), score: Number(score.value), biopsy };
      Object.assign(nodule, await call("POST", `/nodules/${nodule.id}/opinions`, body));
      note(one("#nodule-problem"), "");
      await this.load();
      await revealed(this);
    } catch (problem) {
      note(one("#nodule-problem"), problem.message, "bad");
    }
    return undefined;
  }

  // ---- what is seen

  _draw() {
    one("#hint").hidden = this.items.length > 0;
    one("#nodule-list").replaceChildren(
      ...this.items.map((own) =>
        make("button", { type: "button", "aria-pressed": String(own.id === this.chosen), onclick: () => this.choose(own.id) }, t("Nodule {number}", { number: own.number }), own.locked ? " ✓" : "")),
    );
    this._marks();
    const nodule = this.nodule;
    form.hidden = !nodule;
    if (!nodule) return;
    if (form.dataset.nodule !== nodule.id || nodule.locked) this._fill(nodule);
    form.dataset.nodule = nodule.id;
    one("#sizes").replaceChildren(sizes(nodule, this));
    one("#opinion").disabled = nodule.locked;
    for (const box of all("#descriptors input, select", form)) box.disabled = nodule.locked;
    if (nodule.locked) revealed(this);
    else one("#reveal").hidden = true;
    this.assess();
  }

  _fill(nodule) {
    for (const name of ["side", "pole"]) form.elements[name].value = nodule[name] ?? "";
    for (const feature of FEATURES) {
      const chosen = [nodule.descriptors?.[feature] ?? []].flat();
      for (const box of all(`[name=${feature}]`, form)) box.checked = chosen.includes(box.value);
    }
    setScore(nodule.opinion?.score ?? null);
    note(one("#nodule-problem"), "");
  }

  _marks({ first = false } = {}) {
    const viewer = this.viewer();
    if (!viewer) return;
    viewer.setMarks([...this.marksOf(this.image().id), ...viewer.marks.filter((mark) => mark.kind === "calliper")]);
    if (first && !viewer.selected) {
      const found = viewer.marks.find((mark) => mark.origin === "finder");
      if (found && !viewer.playing) viewer.select(found.id);
    }
  }

  _listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target.name === "score") return setScore(Number(event.target.value));
      if (event.target.name === "foci" && event.target.checked) {
        for (const box of all("[name=foci]", form)) if (box !== event.target && (box.value === "none" || event.target.value === "none")) box.checked = false;
      }
      this.save();
      return this.assess();
    });
    form.elements.score.addEventListener("pointerup", (event) => setScore(Number(event.target.value)));
    form.addEventListener("keydown", (event) => this._key(event));
    for (const button of all("[data-lock]", form)) button.addEventListener("click", () => this.lock(button.dataset.lock === "yes"));
  }

  /** A digit chooses within the feature that has the focus and goes on to the next; on the scale it gives tens. */
  _key(event) {
    if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.name === "score") {
      event.preventDefault();
      return setScore(Number(event.key) * 10);
    }
    const group = event.target.closest("[data-feature]");
    const box = group && all("input", group)[Number(event.key) - 1];
    if (!box || box.disabled) return undefined;
    event.preventDefault();
    box.checked = box.type === "checkbox" ? !box.checked : true;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const groups = all("[data-feature]", form);
    const next = groups[groups.indexOf(group) + 1];
    const goal = next ? one("input:checked", next) ?? one("input", next) : form.elements.score;
    return goal.focus();
  }
}

function setScore(value) {
  const score = form.elements.score;
  if (value === null) {
    score.dataset.unset = "";
    score.value = 50;
  } else {
    delete score.dataset.unset;
    score.value = value;
  }
  score.setAttribute("aria-valuetext", value === null ? t("not given") : String(value));
  one("output", score.parentElement).textContent = value === null ? "–" : String(value);
}

const shapeOf = (view) => (view.outline ? { kind: "outline", points: view.outline } : { kind: "box", box: view.box });
const boxOf = (mark) => {
  if (mark.box) return mark.box;
  const [x, y] = [mark.points.map((point) => point[0]), mark.points.map((point) => point[1])];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)].map((side, place) => (place < 2 ? Math.floor(side) : Math.ceil(side)));
};
const viewOf = (mark) => ({ box: boxOf(mark), outline: mark.kind === "outline" ? mark.points : null });

function overlap(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(one) + area(other) - width * height);
}

function sizes(nodule, nodules) {
  const { size } = nodule;
  const axes = ["width", "depth", "length"].filter((name) => size?.[`${name}_mm`]).map((name) => `${t(name)} ${size[`${name}_mm`].toFixed(1)} mm`);
  const text = axes.length ? axes.join(" · ") : size?.reason ?? t("No size: the picture has no scale.");
  const second = nodule.views.length < 2 && !nodule.locked
    ? make("button", { type: "button", id: "second", onclick: () => nodules.secondView(nodules.images()) }, t("Second view"), make("kbd", {}, "2"))
    : null;
  return make("div", { class: "title-row" }, make("span", {}, text), second);
}

function systemsTable(found) {
  const rows = found.map((own) =>
    make("tr", {},
      make("th", { scope: "row" }, own.title),
      make("td", {}, make("strong", {}, own.category), own.risk ? make("span", { class: "below" }, own.risk) : null),
      make("td", {}, own.recommendation),
    ));
  return make("div", { class: "scroll" }, make("table", { class: "dense" },
    make("thead", {}, make("tr", {}, ...[t("System"), t("Category"), t("Advice")].map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, rows)));
}

export const heatAddress = (nodule, view) => address(`/nodules/${nodule}/views/${view}/heat`);
