// Places in the pictures, each with a score of its own. A place is put by the key x or a touch; its score is typed beside
// the picture. That there is no such place is an answer too, and is said by a tick.

import { make, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { Score } from "./controls.js";

export class Places {
  /**
   * @param {object} question
   * @param {{draw: (marks: object[]) => void, select: (mark: object) => void, place: () => void}} pictures what shows the
   *   places: `draw` all of them, bring one into sight, and put a new one in the middle of the picture
   */
  constructor(question, pictures) {
    Object.assign(this, { question, pictures });
    this.marks = [];
    this.none = make("input", { type: "checkbox", name: `${question.key}-none` });
    this.list = make("ol", { class: "places plain" });
    this.add = make("button", { type: "button", onclick: () => pictures.place() }, t("Mark a place"), make("kbd", {}, "x"));
    this.element = make("div", { class: "fields tight" }, this.list,
      make("div", { class: "row tight" }, this.add, make("label", { class: "check" }, this.none, t("No such place"))));
    this.none.addEventListener("input", () => this._show());
  }

  /** `[column, row, score, image, frame]` of each place; a score that is not there yet is null. */
  get value() {
    if (!this.marks.length) return this.none.checked ? [] : undefined;
    return this.marks.map((mark) => [...mark.at.map((side) => Math.round(side * 10) / 10), mark.score.value ?? null, mark.image, mark.frame]);
  }

  set value(value) {
    this.marks = (value ?? []).map(([column, row, score, image, frame]) => this._mark({ at: [column, row], score, image: image ?? 1, frame: frame ?? 0 }));
    this.none.checked = Array.isArray(value) && value.length === 0;
    this._show();
  }

  get missing() {
    return this.value === undefined || this.marks.some((mark) => mark.score.missing);
  }

  focus() {
    const gap = this.marks.find((mark) => mark.score.missing) ?? this.marks[0];
    (gap ? gap.score : this.add).focus();
  }

  freeze(frozen) {
    this.frozen = frozen;
    this._draw();
  }

  /** A hand or a key put, moved or removed a place; `image` counts from 1. */
  heard({ mark, change }, image) {
    const place = this.marks.findIndex((own) => own.id === mark.id);
    if (change === "added" && this.marks.length >= (this.question.most ?? 20)) return this._draw();
    if (change === "added") this.marks.push(this._mark({ id: mark.id, at: mark.at, frame: mark.frame, image }));
    else if (place >= 0 && change === "changed") this.marks[place].at = mark.at;
    else if (place >= 0 && change === "removed") this.marks.splice(place, 1);
    else return undefined;
    this._show();
    this._tell();
    if (change === "added") this.marks.at(-1).score.focus();
    return undefined;
  }

  /** The places of an image as marks of the viewer. */
  marksOf(image) {
    return this.marks.flatMap((mark, place) => mark.image !== image ? [] : [{
      id: mark.id, kind: "point", frame: mark.frame, at: mark.at, origin: "user", locked: Boolean(this.frozen),
      name: mark.score.missing ? `${place + 1}` : `${place + 1}: ${mark.score.value}`,
    }]);
  }

  _mark({ id = `place-${crypto.getRandomValues(new Uint32Array(1))[0]}`, at, score, image, frame }) {
    const own = { id, at, image, frame, score: new Score(this.question, { name: `${this.question.key}-score`, label: t("Score of this place, 0 to 100"), ends: ["0", "100"] }) };
    own.score.value = score;
    own.score.element.addEventListener("input", () => this._draw());
    return own;
  }

  _show() {
    if (this.marks.length) this.none.checked = false;
    this.none.disabled = Boolean(this.frozen) || this.marks.length > 0;
    this.list.replaceChildren(...this.marks.map((mark, place) => make("li", {},
      make("button", { type: "button", class: "plain", title: t("Show this place"), onclick: () => this.pictures.select(mark) }, String(place + 1)),
      mark.score.element,
      make("button", { type: "button", class: "plain", title: t("Remove this place"), "aria-label": t("Remove this place"), onclick: () => this._remove(mark) }, "×"))));
    this._draw();
  }

  _remove(mark) {
    this.marks = this.marks.filter((own) => own !== mark);
    this._show();
    this._tell();
    (one("input", this.list) ?? this.add).focus();
  }

  _draw() {
    this.pictures.draw(this);
  }

  _tell() {
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
