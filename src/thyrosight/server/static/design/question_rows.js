// The questions of a protocol as rows of a form: wording, key, whether an answer is needed, and what its kind needs.

import { make, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { wording } from "../reading/wording.js";
import { usualQuestion } from "./usual.js";

const KINDS = {
  score: () => t("score from 0 to 100"), descriptors: () => t("features of the nodule"), "yes-no": () => t("yes or no"),
  marks: () => t("places in the picture"), choice: () => t("choice"), number: () => t("number"), text: () => t("free text"),
};
export const kindInWords = (kind) => KINDS[kind]();
const SYSTEMS = JSON.parse(one("#systems").textContent);

export class QuestionRows {
  constructor(list, { changed }) {
    Object.assign(this, { list, changed });
    this.items = [];
    this.arms = [];
  }

  get value() {
    return this.items.map((question) => ({ ...question }));
  }

  set value(questions) {
    this.items = questions.map((question) => ({ ...question }));
    this.draw();
  }

  add(kind) {
    this.items.push(usualQuestion(kind, this.items.map((own) => own.key)));
    this.draw();
    one("li:last-child input", this.list).focus();
    this.changed();
  }

  draw() {
    this.list.replaceChildren(...this.items.map((question, place) => this._row(question, place)));
  }

  _row(question, place) {
    const set = (name, value, usual) => {
      if (value === "" || value === undefined || value === usual) delete question[name];
      else question[name] = value;
      this.changed();
    };
    const input = (attributes, hear) => make("input", { type: "text", autocomplete: "off", ...attributes, oninput: (event) => hear(event.target) });
    const needed = !(question.kind === "text" ? question.required !== true : question.required === false);
    return make("li", { class: "asked" },
      make("div", { class: "row" },
        make("label", { class: "wide" }, t("Question ({kind})", { kind: kindInWords(question.kind) }), input({ value: question.text ?? "", maxlength: "500", placeholder: wording({ ...question, text: "" }), dir: "auto" }, (own) => set("text", own.value.trim()))),
        make("label", {}, t("Key in tables"), input({ value: question.key, maxlength: "40", spellcheck: "false" }, (own) => { question.key = own.value.trim(); this.changed(); })),
        ...this._particulars(question, input, set)),
      make("div", { class: "row tight" },
        make("label", { class: "check" }, make("input", { type: "checkbox", checked: needed, onchange: (event) => set("required", event.target.checked, question.kind !== "text") }), t("needs an answer")),
        make("span", { class: "push" }),
        this._move(place, -1, t("Move up"), "↑"), this._move(place, 1, t("Move down"), "↓"),
        make("button", { type: "button", class: "plain danger", onclick: () => { this.items.splice(place, 1); this.draw(); this.changed(); } }, t("Remove"))));
  }

  _particulars(question, input, set) {
    const number = (text) => (text.trim() === "" ? undefined : Number(text));
    const fields = {
      descriptors: () => [make("label", {}, t("TI-RADS system, computed and not asked"), make("select", { onchange: (event) => set("system", event.target.value) },
        SYSTEMS.map(([key, title]) => make("option", { value: key, selected: key === question.system }, title))))],
      choice: () => [make("label", { class: "wide" }, t("Choices, separated by semicolons, the least first"), input({ value: (question.choices ?? []).join("; "), dir: "auto" }, (own) => set("choices", own.value.split(";").map((word) => word.trim()).filter(Boolean))))],
      number: () => [
        make("label", {}, t("Unit"), input({ value: question.unit ?? "", maxlength: "20" }, (own) => set("unit", own.value.trim()))),
        make("label", {}, t("Lowest"), input({ type: "number", step: "any", value: question.lowest ?? "" }, (own) => set("lowest", number(own.value)))),
        make("label", {}, t("Highest"), input({ type: "number", step: "any", value: question.highest ?? "" }, (own) => set("highest", number(own.value)))),
      ],
      marks: () => [make("label", {}, t("At most"), input({ type: "number", min: "1", max: "200", value: question.most ?? 20 }, (own) => set("most", number(own.value), 20)))],
    };
    return fields[question.kind]?.() ?? [];
  }

  _move(place, step, title, sign) {
    const last = place + step < 0 || place + step >= this.items.length;
    return make("button", { type: "button", class: "plain", disabled: last, title, "aria-label": title, onclick: () => {
      const [own] = this.items.splice(place, 1);
      this.items.splice(place + step, 0, own);
      this.draw();
      this.changed();
    } }, sign);
  }
}
