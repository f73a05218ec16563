// The questions of a case: in their order, each with its control. After an answer the keys go on to the next question.

import { all, make, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { Descriptors, Quantity, Score, Text, choices, yesNo } from "./controls.js";
import { Places } from "./places.js";
import { wording } from "./wording.js";

export class Questions {
  /**
   * @param {HTMLElement} place
   * @param {{asked: object[], lexicon: unknown[], pictures: object, changed: () => void, whole: () => void}} page
   *   `changed` hears of every keystroke, `whole` when the last question was answered
   */
  constructor(place, { asked, lexicon, pictures, changed, whole }) {
    Object.assign(this, { place, asked, changed, whole });
    this.controls = asked.map((question) => controlOf(question, { lexicon, pictures }));
    this.boxes = asked.map((question, number) => this._box(question, number));
    place.replaceChildren(...this.boxes);
  }

  get answers() {
    const found = {};
    for (const control of this.controls) if (control.value !== undefined) found[control.question.key] = control.value;
    return found;
  }

  set answers(answers) {
    for (const control of this.controls) control.value = answers[control.question.key];
  }

  /** The control of the places, where places are asked for. */
  get places() {
    return this.controls.find((control) => control instanceof Places) ?? null;
  }

  /** The first question that still needs an answer, or null. */
  get gap() {
    return this.controls.find((control) => control.wrong || (control.missing && control.question.required)) ?? null;
  }

  /** Bring the keys to the first question that needs an answer, or to the first one. */
  focus() {
    (this.gap ?? this.controls[0])?.focus();
  }

  /** Point to what is missing and bring the keys there; "" where nothing is. */
  complain() {
    for (const [number, control] of this.controls.entries()) this.boxes[number].toggleAttribute("data-missing", control === this.gap);
    const { gap } = this;
    if (!gap) return "";
    gap.focus();
    const question = wording(gap.question);
    return gap.wrong ? t("This is no answer yet: {question}", { question }) : t("An answer is missing: {question}", { question });
  }

  /** Locked answers are shown and no longer change. */
  freeze(frozen) {
    for (const box of all("input, textarea, button", this.place)) box.disabled = frozen;
    this.places?.freeze(frozen);
  }

  /** Show beside each answer what it was before, where it differs; gives the number of answers that differ. */
  compare(before) {
    let differing = 0;
    this.controls.forEach((control, number) => {
      const { key } = control.question;
      const differs = !same(control.value, before[key]);
      differing += differs ? 1 : 0;
      const was = one(".was", this.boxes[number]);
      was.hidden = !differs;
      was.textContent = differs ? t("before: {answer}", { answer: inWords(control.question, before[key]) }) : "";
    });
    return differing;
  }

  _box(question, number) {
    const control = this.controls[number];
    const box = make("fieldset", { class: "question", "data-question": question.key, "data-kind": question.kind },
      make("legend", {}, make("span", { dir: "auto" }, wording(question)), question.required ? null : make("span", { class: "soft small" }, ` ${t("may stay empty")}`)),
      control.element, make("p", { class: "was small", hidden: true }));
    box.addEventListener("input", () => {
      box.removeAttribute("data-missing");
      this.changed();
    });
    box.addEventListener("answered", () => this._goOn(number));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.matches("textarea, button")) return;
      event.preventDefault();
      const inner = all("input[type=text]", box);
      const next = inner[inner.indexOf(event.target) + 1];
      if (control instanceof Places && next) next.focus();
      else this._goOn(number);
    });
    return box;
  }

  _goOn(number) {
    const next = this.controls[number + 1];
    if (next) next.focus();
    else this.whole();
  }
}

function controlOf(question, { lexicon, pictures }) {
  const make = {
    score: () => new Score(question), descriptors: () => new Descriptors(question, lexicon), "yes-no": () => yesNo(question),
    choice: () => choices(question), number: () => new Quantity(question), text: () => new Text(question),
    marks: () => new Places(question, pictures),
  };
  return make[question.kind]();
}

/** Whether two answers are the same; the order in which features were described says nothing. */
function same(one, other) {
  const plain = (answer) => (answer && typeof answer === "object" && !Array.isArray(answer) ? Object.entries(answer).sort() : answer ?? null);
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

/** An answer in words. */
export function inWords(question, answer) {
  if (answer === undefined || answer === null || answer === "") return t("no answer");
  if (question.kind === "yes-no") return t(answer ? "yes" : "no");
  if (question.kind === "descriptors") return Object.values(answer).map((words) => words.split(" + ").map((word) => t(word)).join(" + ")).join(", ");
  if (question.kind === "marks") return answer.length ? t("places: {number}", { number: answer.length }) : t("No such place");
  return question.kind === "number" && question.unit ? `${answer} ${question.unit}` : String(answer);
}

