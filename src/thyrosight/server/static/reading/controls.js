// A control for each kind of question. All have the same face:
//
//   element               to be put into the page; it sends "input" when the answer changes and "answered" when it is whole
//   value                 the answer, undefined while there is none; setting it fills the control
//   missing               whether a required answer, or a part of one, is not there yet
//   focus()               brings the keys to it
//
// No control has a default: nothing is chosen, and a scale shows no thumb until the reader touched it.

import { all, make, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { wording } from "./wording.js";

export const CANNOT_TELL = "unknown";

const answered = (element) => element.dispatchEvent(new Event("answered", { bubbles: true }));
const changed = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

/** 0 to 100: digits are typed, or the scale is touched. Three digits or a number that cannot grow are a whole answer. */
export class Score {
  constructor(question, { name = question.key, label = t("Number from 0 to 100"), ends = [t("0, surely benign"), t("100, surely malignant")] } = {}) {
    this.question = question;
    this.digits = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "3", class: "digits", name, "aria-label": label });
    this.scale = make("input", { type: "range", min: "0", max: "100", step: "1", value: "50", tabindex: "-1", "aria-label": t("Scale from 0 to 100"), "data-unset": "" });
    this.element = make("div", { class: "scale" }, this.digits, make("div", { class: "slide" }, this.scale,
      make("div", { class: "ends small soft", "aria-hidden": "true" }, ends.map((end) => make("span", {}, end)))));
    this.digits.addEventListener("input", () => this._typed());
    this.scale.addEventListener("input", (event) => this._slid(event));
    // A touch in the very middle of an untouched scale changes nothing that the browser would tell of.
    this.scale.addEventListener("pointerup", (event) => "unset" in this.scale.dataset && this._slid(event));
  }

  get value() {
    return this.digits.value === "" ? undefined : Number(this.digits.value);
  }

  set value(value) {
    this.digits.value = value === undefined || value === null ? "" : String(value);
    this._show();
  }

  get missing() {
    return this.value === undefined;
  }

  focus() {
    this.digits.focus();
    this.digits.select();
  }

  _typed() {
    const digits = this.digits.value.replace(/\D/g, "").replace(/^0+(?=\d)/, "");
    this.digits.value = Number(digits) > 100 ? digits.slice(0, 2) : digits;
    this._show();
  }

  _slid(event) {
    event.stopPropagation();
    this.digits.value = this.scale.value;
    this._show();
    changed(this.digits);
  }

  _show() {
    const { value } = this;
    if (value === undefined) this.scale.dataset.unset = "";
    else delete this.scale.dataset.unset;
    this.scale.value = value ?? 50;
    this.scale.setAttribute("aria-valuetext", value === undefined ? t("not given") : String(value));
  }
}

/** One of several words as chips; digits choose, and the same digit once more takes the choice away. */
export class Choice {
  /** @param {{value: unknown, text: string, keys: string[]}[]} options */
  constructor(question, options, { name = question.key } = {}) {
    Object.assign(this, { question, options });
    this.boxes = options.map((_, place) => make("input", { type: "radio", name, value: String(place) }));
    this.element = make("div", { class: "chips" }, this.boxes.map((box, place) => make("label", { class: "chip" }, box,
      make("span", {}, options[place].keys.length ? make("kbd", {}, options[place].keys[0]) : null, options[place].text))));
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  get value() {
    const place = this.boxes.findIndex((box) => box.checked);
    return place < 0 ? undefined : this.options[place].value;
  }

  set value(value) {
    this.boxes.forEach((box, place) => (box.checked = this.options[place].value === value));
  }

  get missing() {
    return this.value === undefined;
  }

  focus() {
    (this.boxes.find((box) => box.checked) ?? this.boxes[0]).focus();
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this.options.findIndex((option) => option.keys.includes(event.key.toLowerCase()));
    const clears = ["Backspace", "Delete"].includes(event.key);
    if ((place < 0 && !clears) || this.boxes[0].disabled) return;
    event.preventDefault();
    event.stopPropagation();
    const away = clears || this.boxes[place].checked;
    if (away) for (const box of this.boxes) box.checked = false;
    else this.boxes[place].checked = true;
    this.boxes[Math.max(0, place)].focus();
    changed(this.element);
    if (!away) answered(this.element);
  }
}

export const yesNo = (question) => new Choice(question, [
  { value: true, text: t("yes"), keys: ["1", "y"] }, { value: false, text: t("no"), keys: ["2", "n"] },
]);

export const choices = (question) => new Choice(question, question.choices.map((text, place) => ({
  value: text, text, keys: place < 9 ? [String(place + 1)] : [],
})));

/** Sonographic features: a digit chooses within a feature and goes on to the next; 0 says that it cannot be told. */
export class Descriptors {
  constructor(question, lexicon) {
    this.question = question;
    this.lexicon = lexicon;
    this.element = make("div", { class: "fields" }, lexicon.map((feature) => this._feature(feature)));
    this.element.addEventListener("input", (event) => this._exclusive(event.target));
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  _feature([name, title, terms, several]) {
    // Some features have a term of their own for what cannot be determined; the others get one.
    const own = terms.find((term) => /cannot be determined/.test(term));
    const known = terms.filter((term) => term !== own);
    const chips = [...known.map((term, place) => [term, t(term), String(place + 1)]), own ? [own, t(own), "0"] : [CANNOT_TELL, t("cannot be told"), "0"]];
    return make("fieldset", { "data-feature": name }, make("legend", { class: "label" }, t(title)),
      make("div", { class: "chips" }, chips.map(([value, text, key]) => make("label", { class: "chip" },
        make("input", { type: several && ![CANNOT_TELL, "none"].includes(value) ? "checkbox" : "radio", name: `${this.question.key}-${name}`, value }),
        make("span", {}, make("kbd", {}, key), text)))));
  }

  get value() {
    const found = {};
    for (const [name] of this.lexicon) {
      const words = all(`[data-feature=${name}] input:checked`, this.element).map((box) => box.value);
      if (words.length) found[name] = words.join(" + ");
    }
    return Object.keys(found).length ? found : undefined;
  }

  set value(value) {
    for (const [name] of this.lexicon) {
      const words = (value?.[name] ?? "").split(" + ");
      for (const box of all(`[data-feature=${name}] input`, this.element)) box.checked = words.includes(box.value);
    }
  }

  get missing() {
    return Boolean(this._gap());
  }

  /** The first feature without a word; extension beyond the thyroid may be left out. */
  _gap() {
    return all("[data-feature]", this.element).find((own) => own.dataset.feature !== "extrathyroidal_extension" && !one("input:checked", own));
  }

  focus() {
    const group = this._gap() ?? one("[data-feature]", this.element);
    (one("input:checked", group) ?? one("input", group)).focus();
  }

  /** Within a feature of several words "none" and "cannot be told" stand alone. */
  _exclusive(box) {
    if (!box.checked) return;
    const alone = (own) => own.type === "radio";
    for (const own of all("input", box.closest("[data-feature]"))) {
      if (own !== box && (alone(own) || alone(box))) own.checked = false;
    }
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const group = event.target.closest("[data-feature]");
    const boxes = group ? all("input", group) : [];
    if (!boxes.length || boxes[0].disabled) return;
    const clears = ["Backspace", "Delete"].includes(event.key);
    const box = event.key === "0" ? boxes.at(-1) : boxes.slice(0, -1)[Number(event.key) - 1];
    if (!clears && (!/^[0-9]$/.test(event.key) || !box)) return;
    event.preventDefault();
    event.stopPropagation();
    if (clears) {
      for (const own of boxes) own.checked = false;
      return changed(group);
    }
    box.checked = box.type === "checkbox" ? !box.checked : true;
    changed(box);
    if (!box.checked) return;
    const groups = all("[data-feature]", this.element);
    const next = groups[groups.indexOf(group) + 1];
    if (next) (one("input:checked", next) ?? one("input", next)).focus();
    else answered(this.element);
  }
}

/** A number with its unit; what is no number yet stays as it was typed and counts as missing. */
export class Quantity {
  constructor(question) {
    this.question = question;
    this.field = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "20", name: question.key, class: "quantity", "aria-label": wording(question) });
    this.says = make("p", { class: "small soft" }, this._limits());
    this.element = make("div", { class: "row tight" }, this.field, question.unit ? make("span", {}, question.unit) : null, this.says);
    this.field.addEventListener("input", () => this._show());
  }

  get number() {
    const text = this.field.value.trim().replace(",", ".");
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;
  }

  get value() {
    return this.field.value.trim() === "" ? undefined : this.number ?? this.field.value;
  }

  set value(value) {
    this.field.value = value === undefined || value === null ? "" : String(value);
    this._show();
  }

  /** Whether what stands there is no answer: nothing, no number, or one outside the limits. */
  get missing() {
    return this.field.value.trim() === "" || this.wrong;
  }

  get wrong() {
    if (this.field.value.trim() === "") return false;
    const { lowest, highest } = this.question;
    return this.number === undefined || this.number < (lowest ?? -Infinity) || this.number > (highest ?? Infinity);
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  _limits() {
    const { lowest, highest } = this.question;
    const given = (limit) => limit !== null && limit !== undefined;
    if (given(lowest) && given(highest)) return t("{lowest} to {highest}", { lowest, highest });
    if (given(lowest)) return t("at least {lowest}", { lowest });
    return given(highest) ? t("at most {highest}", { highest }) : "";
  }

  _show() {
    this.field.setAttribute("aria-invalid", String(this.wrong));
  }
}

/** Free text. */
export class Text {
  constructor(question) {
    this.question = question;
    this.field = make("textarea", { name: question.key, maxlength: String(question.longest ?? 4000), rows: "2", dir: "auto", "aria-label": wording(question) });
    this.element = this.field;
  }

  get value() {
    return this.field.value === "" ? undefined : this.field.value;
  }

  set value(value) {
    this.field.value = value ?? "";
  }

  get missing() {
    return this.field.value.trim() === "";
  }

  focus() {
    this.field.focus();
  }
}
