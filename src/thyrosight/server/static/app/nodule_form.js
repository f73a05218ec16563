// What is entered about the chosen nodule: side, size, descriptors and the opinion that is locked before the model is
// seen. It is saved as it is entered; a version tells when somebody else changed it meanwhile.

import { call } from "./api.js";
import { all, calmly, make, note, one } from "./dom.js";
import { systemsTable } from "./systems.js";
import { t } from "./words.js";

const FEATURES = ["composition", "echogenicity", "shape", "margin", "calcification", "extrathyroidal_extension"];
const AXES = ["width", "depth", "length"];
const KEYS = { y: "[data-lock=yes]", n: "[data-lock=no]", k: "#keep", c: "#change" };
const form = one("#nodule");

export class NoduleForm {
  /** @param {{nodule: () => object | null, reload: () => Promise<void>, locked: (answer: object) => void}} page */
  constructor(page) {
    Object.assign(this, page);
    this.save = calmly(() => this._save(), 500);
    this.assess = calmly(() => this._assess(), 150);
    this._listen();
  }

  /** Show the chosen nodule; what is being typed into an open one stays. */
  draw() {
    const nodule = this.nodule();
    form.hidden = !nodule;
    if (!nodule) return;
    const open = nodule.stage === "open";
    if (form.dataset.nodule !== nodule.id || !open) this._fill(nodule);
    else this._fillSizes(nodule);
    form.dataset.nodule = nodule.id;
    one("#second").hidden = !open;
    one("#opinion").hidden = !open;
    for (const box of all("#descriptors input, select, #sizes input", form)) box.disabled = !open;
    this.assessing = this._assess();
  }

  /** Descriptors as they are ticked; a feature without an answer is left out, and counts as unknown. */
  descriptors() {
    const found = {};
    for (const feature of FEATURES) {
      const chosen = all(`[name=${feature}]:checked`, form).map((box) => box.value);
      if (chosen.length) found[feature] = chosen.join(" + ");
    }
    return found;
  }

  /** What is entered, and the version that it changes. */
  _entered(nodule) {
    const size = AXES.map((name) => (form.elements[`${name}_mm`].value ? Number(form.elements[`${name}_mm`].value) : null));
    return { version: nodule.version, side: form.elements.side.value, pole: form.elements.pole.value, descriptors: this.descriptors(), size_mm: size };
  }

  /** Saves and the lock go one after the other: each needs the version that the one before left. */
  _inTurn(act) {
    this.saving = (this.saving ?? Promise.resolve()).then(act, act);
    return this.saving;
  }

  _save() {
    return this._inTurn(() => this._saveNow());
  }

  /** The first entry is saved at once: the model reads from then on, while the rest is entered. */
  _begins() {
    const { id } = this.nodule() ?? {};
    if (this.begun === id) return false;
    this.begun = id;
    this._save();
    return true;
  }

  _score(value) {
    setScore(value);
    this._begins();
  }

  async _saveNow() {
    const nodule = this.nodule();
    if (!nodule || nodule.stage !== "open") return;
    one("#saved").textContent = t("Saving ...");
    const entered = this._entered(nodule);
    try {
      Object.assign(nodule, await call("PATCH", `/nodules/${nodule.id}`, entered));
      one("#saved").textContent = t("Saved.");
      note(one("#save-problem"), "");
    } catch (problem) {
      one("#saved").textContent = "";
      await this._refused(problem, entered.version);
    }
  }

  /** Where somebody else changed it meanwhile, what was typed here stays on the screen, and is saved with the next entry. */
  async _refused(problem, version) {
    if (problem.status === 409) await this.reload();
    const changed = this.nodule()?.stage === "open" && this.nodule().version !== version;
    if (!changed) return note(one("#save-problem"), problem.message, "bad");
    return note(one("#save-problem"), t("Somebody else changed this nodule meanwhile. What you see is yours; change or confirm it to save it."), "warn");
  }

  async _assess() {
    const nodule = this.nodule();
    if (!nodule) return;
    const body = { descriptors: this.descriptors() };
    const sizes = AXES.map((name) => Number(form.elements[`${name}_mm`].value)).filter((side) => side > 0);
    if (sizes.length) body.size_mm = Math.max(...sizes);
    const question = JSON.stringify(body);
    if (question === this.assessed) return;
    this.assessed = question;
    const shown = await call("POST", "/tirads", body).then(systemsTable, (problem) => make("p", { class: "small" }, problem.message));
    if (question === this.assessed) one("#systems-table").replaceChildren(shown);
  }

  async lock(biopsy) {
    const nodule = this.nodule();
    const score = form.elements.score;
    if ("unset" in score.dataset) {
      note(one("#nodule-problem"), t("First give the risk of malignancy, 0 to 100."), "warn");
      return score.focus();
    }
    return this._inTurn(() => this._lockNow(nodule, biopsy));
  }

  /** What is entered is saved and locked in one step, and the model's answer comes back with it if it is there. */
  async _lockNow(nodule, biopsy) {
    if (nodule !== this.nodule() || nodule.stage !== "open") return;
    const entered = this._entered(nodule);
    const body = { descriptors: entered.descriptors, score: Number(form.elements.score.value), biopsy, nodule: entered, reveal: true };
    try {
      const { nodule: locked, revealed } = await call("POST", `/nodules/${nodule.id}/opinions`, body);
      Object.assign(nodule, locked);
      one("#reveal").hidden = false;
      one("#reveal").focus({ preventScroll: true });
      this.locked(revealed);
    } catch (problem) {
      await this._refused(problem, entered.version);
    }
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

  _listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target.name === "score") {
        note(one("#nodule-problem"), "");
        return this._score(Number(event.target.value));
      }
      if (event.target.closest("#reveal")) return undefined;
      if (event.target.name === "calcification" && event.target.checked) {
        for (const box of all("[name=calcification]", form)) if (box !== event.target && (box.value === "none" || event.target.value === "none")) box.checked = false;
      }
      if (!this._begins()) this.save();
      return this.assess();
    });
    form.elements.score.addEventListener("pointerup", (event) => this._score(Number(event.target.value)));
    form.addEventListener("keydown", (event) => this._key(event));
    for (const button of all("[data-lock]", form)) button.addEventListener("click", () => this.lock(button.dataset.lock === "yes"));
  }

  /** A digit chooses within the feature that has the focus and goes on to the next; on the scale it gives tens. There
   * y and n lock, and after the answer k and c keep and change. */
  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, select, [type=number]")) return undefined;
    const button = KEYS[event.key] && one(KEYS[event.key]);
    if (button && !button.closest("[hidden]") && (event.target.name === "score" || event.target.closest("#reveal, #opinion .actions"))) {
      event.preventDefault();
      return button.click();
    }
    if (!/^[0-9]$/.test(event.key)) return undefined;
    if (event.target.name === "score") {
      event.preventDefault();
      return this._score(Number(event.key) * 10);
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
