// The nodules of a study: take a proposal or draw one, mark the second view, describe it, and hold an opinion before the
// model is seen. What is entered is saved as it is entered; a version tells when somebody else changed it meanwhile.

import { call } from "./api.js";
import { all, calmly, make, note, one } from "./dom.js";
import { identifier } from "./random.js";
import { revealed } from "./second_reader.js";
import { t } from "./words.js";

const FEATURES = ["composition", "echogenicity", "shape", "margin", "calcification", "extrathyroidal_extension"];
const AXES = ["width", "depth", "length"];
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
        id: `view:${nodule.id}:${view.id}`, frame: view.frame, name: String(nodule.number), origin: "user",
        locked: nodule.stage !== "open", ...shapeOf(view),
      })));
    const taken = (frame, lesion) => views.some((view) => view.frame === frame && overlap(boxOf(view), lesion.box) > 0.5);
    const found = this.proposed(image).flatMap(([frame, lesions]) =>
      lesions.filter((lesion) => !taken(frame, lesion)).map((lesion, place) => ({
        id: `found:${frame}:${place}`, frame, origin: "finder", name: t("proposal"), ...shapeOf(lesion),
      })));
    return [...views, ...found];
  }

  /** What the finder proposed in an image: pairs of a frame and its places. */
  proposed(image) {
    return [...this.proposals].filter(([key]) => key.startsWith(`${image}:`)).map(([key, lesions]) => [Number(key.split(":")[1]), lesions]);
  }

  /** Ask the finder about a frame and wait for it; the page stays usable, and a frame is asked about once. */
  async find(image, frame = 0) {
    const key = `${image}:${frame}`;
    if (this.proposals.has(key)) return this.proposals.get(key);
    this.proposals.set(key, []);
    const says = one("#found");
    says.textContent = t("The finder looks ...");
    try {
      let job = await call("POST", `/images/${image}/proposals`, { frame });
      while (["waiting", "running"].includes(job.state)) job = await call("GET", `/jobs/${job.id}?wait=5`);
      if (job.state !== "done") throw new Error(job.problem);
      this.proposals.set(key, job.lesions);
      says.textContent = job.lesions.length ? t("Proposals: {number}", { number: job.lesions.length }) : t("The finder proposes nothing in this frame.");
    } catch (problem) {
      if (problem.status !== 409) this.proposals.delete(key);
      says.textContent = problem.message;
    }
    if (this.image()?.id === image) this._marks({ first: true });
    return this.proposals.get(key) ?? [];
  }

  /** A mark of the viewer changed, was drawn or taken. */
  async heard({ mark, change }) {
    if (mark.kind === "calliper") return;
    const [kind, id, view] = mark.id.split(":");
    try {
      if (kind === "view" && change === "changed") await this._putView(id, view, mark);
      else if (kind === "view" && change === "removed") await this._removeView(id, view);
      else if (kind === "found" && ["accepted", "changed"].includes(change)) await this.take(mark);
      else if (kind.startsWith("new-") && change === "added") await this.take(mark);
    } catch (problem) {
      note(one("#problem"), problem.message, "bad");
      await this.load();
    }
  }

  /** A mark becomes a nodule; or the second view of the chosen one, where that was asked for. */
  async take(mark, { second = this.wantsSecond } = {}) {
    const image = this.image().id;
    const proposed = mark.origin === "finder";
    let nodule = this.nodule;
    if (!second || !nodule || nodule.stage !== "open") {
      nodule = await call("POST", `/studies/${this.study}/nodules`, { proposed });
      this.chosen = nodule.id;
    }
    this.wantsSecond = false;
    const view = identifier();
    const drawn = await call("PUT", `/nodules/${nodule.id}/views/${view}`, {
      version: 0, image_id: image, frame: mark.frame ?? 0, proposed, ...viewOf(mark),
    });
    await this._measure(nodule, drawn, nodule.views.length);
    note(one("#problem"), "");
    await this.load();
    this.changed();
    this.viewer()?.select(`view:${nodule.id}:${view}`);
  }

  /** Sizes follow the views until somebody types others: width and depth from the first, length from the second. */
  async _measure(nodule, view, place) {
    if (!view.size_mm) return;
    const [depth, width] = view.size_mm.map((side) => Math.round(side * 10) / 10);
    const size = [...nodule.size_mm];
    if (place === 0) [size[0], size[1]] = [width, depth];
    else size[2] = width;
    await call("PATCH", `/nodules/${nodule.id}`, { version: nodule.version, size_mm: size });
  }

  /** The same nodule in another image: the next one in which the finder proposes something, else a box is drawn there. */
  async secondView(images) {
    const nodule = this.nodule;
    if (!nodule || nodule.stage !== "open") return undefined;
    const others = images.filter((own) => !nodule.views.some((view) => view.image_id === own.id));
    for (const own of others) {
      const [lesion] = await this.find(own.id, 0);
      if (!lesion) continue;
      this.show(own.id, 0);
      return this.take({ ...shapeOf(lesion), frame: 0, origin: "finder" }, { second: true });
    }
    this.wantsSecond = true;
    if (others.length) this.show(others[0].id);
    one("#found").textContent = t("Draw the box of the second view.");
    return undefined;
  }

  async choose(id) {
    this.chosen = id;
    this._draw();
    const view = this.nodule?.views.find((own) => own.image_id === this.image()?.id) ?? this.nodule?.views[0];
    if (view) {
      this.show(view.image_id, view.frame);
      this.viewer()?.select(`view:${id}:${view.id}`);
    }
  }

  async _putView(id, view, mark) {
    const nodule = this.items.find((own) => own.id === id);
    const place = nodule.views.findIndex((own) => own.id === view);
    const before = nodule.views[place];
    const drawn = await call("PUT", `/nodules/${id}/views/${view}`, {
      version: before.version, image_id: before.image_id, frame: mark.frame ?? 0, callipers: before.callipers, proposed: false, ...viewOf(mark),
    });
    await this._measure(nodule, drawn, place);
    await this.load();
  }

  async _removeView(id, view) {
    const nodule = this.items.find((own) => own.id === id);
    const own = nodule.views.find((one) => one.id === view);
    if (nodule.views.length > 1) await call("DELETE", `/nodules/${id}/views/${view}?version=${own.version}`);
    else await call("DELETE", `/nodules/${id}`);
    await this.load();
    this.changed();
  }

  // ---- what is entered

  /** Descriptors as they are ticked; a feature without an answer is left out, and counts as unknown. */
  descriptors() {
    const found = {};
    for (const feature of FEATURES) {
      const chosen = all(`[name=${feature}]:checked`, form).map((box) => box.value);
      if (chosen.length) found[feature] = chosen.join(" + ");
    }
    return found;
  }

  /** Saves go one after the other: each needs the version that the one before left. */
  _save() {
    this.saving = (this.saving ?? Promise.resolve()).then(() => this._saveNow());
    return this.saving;
  }

  async _saveNow() {
    const nodule = this.nodule;
    if (!nodule || nodule.stage !== "open") return;
    const size = AXES.map((name) => (form.elements[`${name}_mm`].value ? Number(form.elements[`${name}_mm`].value) : null));
    const body = { version: nodule.version, side: form.elements.side.value, pole: form.elements.pole.value, descriptors: this.descriptors(), size_mm: size };
    one("#saved").textContent = t("Saving ...");
    try {
      Object.assign(nodule, await call("PATCH", `/nodules/${nodule.id}`, body));
      one("#saved").textContent = t("Saved.");
      note(one("#save-problem"), "");
    } catch (problem) {
      one("#saved").textContent = "";
      if (problem.status !== 409) return note(one("#save-problem"), problem.message, "bad");
      // Somebody else changed it meanwhile: what was typed here stays on the screen, and is saved with the next entry.
      await this.load();
      note(one("#save-problem"), t("Somebody else changed this nodule meanwhile. What you see is yours; change or confirm it to save it."), "warn");
    }
    return undefined;
  }

  async _assess() {
    const nodule = this.nodule;
    if (!nodule) return;
    const body = { descriptors: this.descriptors() };
    const sizes = AXES.map((name) => Number(form.elements[`${name}_mm`].value)).filter((side) => side > 0);
    if (sizes.length) body.size_mm = Math.max(...sizes);
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
      await call("POST", `/nodules/${nodule.id}/opinions`, { descriptors: this.descriptors(), score: Number(score.value), biopsy });
      note(one("#nodule-problem"), "");
      await this.load();
      one("#reveal").scrollIntoView({ block: "nearest" });
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
        make("button", { type: "button", "aria-pressed": String(own.id === this.chosen), onclick: () => this.choose(own.id) },
          t("Nodule {number}", { number: own.number }), own.stage === "open" ? "" : " ✓")),
    );
    this._marks();
    const nodule = this.nodule;
    form.hidden = !nodule;
    if (!nodule) return;
    const open = nodule.stage === "open";
    if (form.dataset.nodule !== nodule.id || !open) this._fill(nodule);
    else this._fillSizes(nodule);
    form.dataset.nodule = nodule.id;
    one("#second").hidden = !open;
    one("#opinion").hidden = !open;
    for (const box of all("#descriptors input, select, #sizes input", form)) box.disabled = !open;
    if (open) one("#reveal").hidden = true;
    else revealed(this);
    this.assess();
  }

  _fill(nodule) {
    for (const name of ["side", "pole"]) form.elements[name].value = nodule[name] ?? "";
    for (const feature of FEATURES) {
      const chosen = (nodule.descriptors[feature] ?? "").split(" + ");
      for (const box of all(`[name=${feature}]`, form)) box.checked = chosen.includes(box.value);
    }
    this._fillSizes(nodule);
    setScore(mine(nodule)?.score ?? null);
    for (const place of ["#nodule-problem", "#save-problem"]) note(one(place), "");
    one("#saved").textContent = "";
  }

  _fillSizes(nodule) {
    AXES.forEach((name, place) => {
      const field = form.elements[`${name}_mm`];
      if (document.activeElement !== field) field.value = nodule.size_mm[place] ?? "";
    });
    const reason = nodule.views.find((view) => !view.size_mm)?.size_reason;
    one("#size-note").textContent = reason ? t("Not measured on the picture: {reason}.", { reason }) : "";
  }

  _marks({ first = false } = {}) {
    const viewer = this.viewer();
    if (!viewer) return;
    viewer.setMarks([...this.marksOf(this.image().id), ...viewer.marks.filter((mark) => mark.kind === "calliper")]);
    if (first && !viewer.selected && !viewer.playing) {
      const found = viewer.here.find((mark) => mark.origin === "finder");
      if (found) viewer.select(found.id);
    }
  }

  _listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target.name === "score") {
        note(one("#nodule-problem"), "");
        return setScore(Number(event.target.value));
      }
      if (event.target.closest("#reveal")) return undefined;
      if (event.target.name === "calcification" && event.target.checked) {
        for (const box of all("[name=calcification]", form)) if (box !== event.target && (box.value === "none" || event.target.value === "none")) box.checked = false;
      }
      this.save();
      return this.assess();
    });
    form.elements.score.addEventListener("pointerup", (event) => setScore(Number(event.target.value)));
    form.addEventListener("keydown", (event) => this._key(event));
    for (const button of all("[data-lock]", form)) button.addEventListener("click", () => this.lock(button.dataset.lock === "yes"));
    one("#second").addEventListener("click", () => this.secondView(this.images()));
  }

  /** A digit chooses within the feature that has the focus and goes on to the next; on the scale it gives tens. */
  _key(event) {
    if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.target.name === "score") {
      event.preventDefault();
      return setScore(Number(event.key) * 10);
    }
    const group = event.target.closest("[data-feature]");
    const box = group && all("input", group)[Number(event.key) - 1];
    if (!box || box.disabled) return undefined;
    event.preventDefault();
    event.stopPropagation();
    box.checked = box.type === "checkbox" ? !box.checked : true;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const groups = all("[data-feature]", form);
    const next = groups[groups.indexOf(group) + 1];
    const goal = next ? one("input:checked", next) ?? one("input", next) : form.elements.score;
    return goal.focus();
  }
}

/** The user's own opinion before the model. */
export const mine = (nodule, stage = "before") => nodule.opinions.find((own) => own.mine && own.stage === stage) ?? null;

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

const shapeOf = (view) => (view.outline?.length ? { kind: "outline", points: view.outline } : { kind: "box", box: view.box });
const boxOf = (mark) => {
  if (mark.box) return mark.box;
  const [x, y] = [mark.points.map((point) => point[0]), mark.points.map((point) => point[1])];
  return [Math.floor(Math.min(...x)), Math.floor(Math.min(...y)), Math.ceil(Math.max(...x)), Math.ceil(Math.max(...y))];
};
const viewOf = (mark) => ({ box: boxOf(mark), outline: mark.kind === "outline" ? mark.points : [] });

function overlap(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(one) + area(other) - width * height);
}

/** Words of TI-RADS with "or" and "to" between them, in the page's language. */
const either = (text) =>
  text.split(" or ").map((part) => part.split(" to ").map((word) => t(word)).join(` ${t("to")} `)).join(` ${t("or")} `);

function systemsTable(found) {
  const rows = found.map((own) =>
    make("tr", {},
      make("th", { scope: "row" }, own.title),
      make("td", {}, make("strong", {}, either(own.text)), own.risk_percent ? make("span", { class: "below" }, `${own.risk_percent} %`) : null),
      make("td", {}, either(own.recommendation)),
    ));
  return make("div", { class: "scroll" }, make("table", { class: "dense" },
    make("thead", {}, make("tr", {}, ...[t("System"), t("Category"), t("Advice")].map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, rows)));
}
