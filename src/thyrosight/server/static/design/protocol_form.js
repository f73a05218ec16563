// The protocol as a form. What the form does not show of a protocol that came from elsewhere stays in it untouched.

import { all, make, note, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { QuestionRows } from "./question_rows.js";
import { usualArms } from "./usual.js";

const NUMBERS = ["seed", "washout_days", "repeats", "practice", "attention"];
const LEVELS = ["score", "descriptors", "choice", "number", "marks"];
/** What readings rest on: an amendment leaves it as it is. */
const FIXED = [
  "seed", "design", "reading", "readers", "readers_per_case", "washout_days", "repeats", "practice", "attention", "main_question", "action",
  "at_least", "power", "difference", "power_wanted", "significance", "power_readers",
];
const DESIGNS = JSON.parse(one("#designs").textContent);

export class ProtocolForm {
  /** @param {{changed: () => void, planned: () => void}} page `planned` hears of another number of readers to be planned for */
  constructor(form, { changed, planned }) {
    Object.assign(this, { form, changed, planned });
    this.arms = [];
    this.rest = {};
    this.questions = new QuestionRows(one("#questions"), { changed: () => this._changed() });
    form.addEventListener("input", (event) => {
      if (event.target.name === "design") this._arms(usualArms(event.target.value, this.arms));
      if (event.target.name === "power_number") return this.planned();
      if (event.target.name) this._changed();
      return undefined;
    });
    one("#add-question").addEventListener("click", () => this.questions.add(one("#question-kind").value));
    one("#add-arm").addEventListener("click", () => {
      this._arms([...this.arms, { name: `arm ${this.arms.length + 1}`, model: `model ${this.arms.length}` }]);
      this._changed();
    });
  }

  get value() {
    const { elements } = this.form;
    const found = { ...this.rest, title: elements.title.value.trim(), design: elements.design.value, arms: this.arms.map((arm) => ({ ...arm })) };
    set(found, "aim", elements.aim.value.trim(), "");
    for (const name of NUMBERS) set(found, name, elements[name].value === "" ? 0 : Number(elements[name].value), name === "seed" ? null : 0);
    for (const name of ["reading", "readers"]) set(found, name, elements[name].value, "crossed");
    set(found, "readers_per_case", elements.reading.value === "blocks" ? Number(elements.readers_per_case.value || 1) : null, null);
    found.questions = this.questions.value;
    found.main_question = elements.main_question.value;
    set(found, "action", this._action(), null);
    set(found, "power", this._power(), null);
    return found;
  }

  set value(protocol) {
    const { elements } = this.form;
    const { version: _, ...rest } = protocol;
    this.rest = rest;
    elements.title.value = protocol.title;
    elements.aim.value = protocol.aim ?? "";
    elements.design.value = protocol.design;
    for (const name of NUMBERS) elements[name].value = protocol[name] ?? 0;
    for (const name of ["reading", "readers"]) elements[name].value = protocol[name] ?? "crossed";
    elements.readers_per_case.value = protocol.readers_per_case ?? "";
    this._arms(protocol.arms);
    this.questions.value = protocol.questions;
    const { action, power } = protocol;
    this._choices(protocol.main_question, typeof action === "string" ? action : action ? `${action.question} >=` : "");
    elements.at_least.value = action?.at_least ?? "";
    elements.power.checked = Boolean(power);
    elements.difference.value = power?.difference ?? 0.05;
    elements.power_wanted.value = power?.power ?? 0.8;
    elements.significance.value = power?.significance ?? 0.05;
    elements.power_readers.value = power?.readers ?? "random";
    this._show();
  }

  /** What of the form may be changed: everything, what an amendment may touch, or nothing. */
  freeze(state) {
    for (const field of all("input, select, textarea, button", this.form)) field.disabled = state === "closed";
    if (state !== "open") return;
    for (const name of FIXED) this.form.elements[name].disabled = true;
    for (const field of all("#arms input, #arms select, #arms button, #add-arm", this.form)) field.disabled = true;
  }

  complain(problem) {
    note(one("#protocol-problem"), problem, "bad");
    if (problem) one("#protocol-problem").scrollIntoView({ block: "nearest" });
  }

  _changed() {
    this._choices(this.form.elements.main_question.value, this.form.elements.action.value);
    this._show();
    this.changed();
  }

  /** What depends on other answers is hidden where it says nothing. */
  _show() {
    const { elements } = this.form;
    one("#design-what").textContent = DESIGNS[elements.design.value] ?? "";
    one("#per-case").hidden = elements.reading.value !== "blocks";
    one("#at-least").hidden = !elements.action.value.endsWith(">=");
    one("#power").hidden = !elements.power.checked;
    one("#add-arm").hidden = elements.design.value === "single";
  }

  _arms(arms) {
    this.arms = arms.map((arm) => ({ ...arm }));
    one("#arms").replaceChildren(...this.arms.map((arm, place) => this._arm(arm, place)));
  }

  _arm(arm, place) {
    const column = make("input", { type: "text", maxlength: "60", value: arm.model && arm.model !== "risk" ? arm.model : "", "aria-label": t("Name of the column of model scores"), hidden: !arm.model || arm.model === "risk",
      oninput: (event) => { arm.model = event.target.value.trim(); this._changed(); } });
    const shows = make("select", { onchange: (event) => {
      const choice = event.target.value;
      column.hidden = choice !== "column";
      if (choice === "column") arm.model = column.value = column.value || "model";
      else if (choice === "risk") arm.model = "risk";
      else delete arm.model;
      this._changed();
    } }, [["", t("no model")], ["risk", t("the workstation's model")], ["column", t("scores of a table")]].map(([value, text]) =>
      make("option", { value, selected: value === (!arm.model ? "" : arm.model === "risk" ? "risk" : "column") }, text)));
    return make("div", { class: "row arm" },
      make("label", {}, t("Arm"), make("input", { type: "text", maxlength: "60", value: arm.name, oninput: (event) => { arm.name = event.target.value.trim(); this._changed(); } })),
      make("label", {}, t("Shows"), shows), column,
      this.arms.length > 1 ? make("button", { type: "button", class: "plain danger", title: t("Remove"), "aria-label": t("Remove"), onclick: () => { this._arms(this.arms.filter((_, own) => own !== place)); this._changed(); } }, "×") : null);
  }

  _choices(main, action) {
    const { elements } = this.form;
    const questions = this.questions.value;
    const options = (kinds) => questions.filter((own) => kinds.includes(own.kind)).map((own) => [own.key, own.key]);
    fill(elements.main_question, options(["score", "descriptors", "choice", "marks"]), main);
    const levels = options(LEVELS).map(([key]) => [`${key} >=`, t("{key}, from an answer on", { key })]);
    fill(elements.action, [["", t("none")], ...options(["yes-no"]), ...levels], action);
  }

  _action() {
    const chosen = this.form.elements.action.value;
    if (!chosen.endsWith(" >=")) return chosen || null;
    const level = this.form.elements.at_least.value.trim();
    const question = chosen.slice(0, -3);
    const counts = ["score", "number", "marks"].includes(this.questions.value.find((own) => own.key === question)?.kind);
    return { question, at_least: counts && level !== "" && !Number.isNaN(Number(level)) ? Number(level) : level };
  }

  _power() {
    const { elements } = this.form;
    if (!elements.power.checked) return null;
    return { ...(this.rest.power ?? {}), difference: Number(elements.difference.value), power: Number(elements.power_wanted.value), significance: Number(elements.significance.value), readers: elements.power_readers.value };
  }
}

function set(body, name, value, usual) {
  if (value === usual) delete body[name];
  else body[name] = value;
}

function fill(select, options, chosen) {
  const there = options.some(([value]) => value === chosen);
  select.replaceChildren(...options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  if (!there && options.length) select.value = options[0][0];
}
