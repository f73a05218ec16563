// The marks of one image and what hands and keys do with them: boxes, outlines, callipers and places. The viewer that
// builds on it shows the image and draws.

import { around, boxBetween, handles, moved, partAt, simplified, withPointAfter, withoutPoint } from "./marks.js";
import { inPixels, lengthOf, sizeOf } from "./scales.js";
import { View } from "./view.js";
import { WORDS, filled } from "./words.js";

const REACH = { mouse: 8, pen: 12, touch: 22 };

export class Marking {
  constructor(root, { image, marks, words, editable, kinds }) {
    Object.assign(this, { root, image, editable, kinds, words: { ...WORDS, ...words } });
    this.view = new View(image.width, image.height);
    this.marks = marks.map((mark) => ({ ...mark }));
    this.selected = null;
    this.part = null;
    this.tool = "select";
    this.frame = 0;
    this.trail = null;
  }

  get mark() {
    return this.marks.find((mark) => mark.id === this.selected) ?? null;
  }

  /** The marks of the frame on the screen; a mark without a frame stands on all. */
  get here() {
    return this.marks.filter((mark) => mark.frame === null || mark.frame === this.frame);
  }

  /** Replace all marks, as the page knows them. */
  setMarks(marks) {
    this.marks = marks.map((mark) => ({ ...mark }));
    if (!this.mark) [this.selected, this.part] = [null, null];
    this._draw();
  }

  select(id, { part = null } = {}) {
    const mark = this.marks.find((own) => own.id === id) ?? null;
    if (mark && mark.frame !== null && mark.frame !== this.frame) {
      this.pause();
      this.show(mark.frame);
    }
    const changed = this.selected !== (mark?.id ?? null);
    [this.selected, this.part] = [mark?.id ?? null, part];
    this._draw();
    if (changed) {
      this._say("select", { mark });
      if (mark) this.speak("selected", this._facts(mark));
    }
  }

  /** The next mark of the frame, from the finder's first on; the picture comes to it where it lies outside the view. */
  selectNext(step = 1) {
    const here = this.here.filter((mark) => !mark.inert);
    if (!here.length) return this.speak("no marks");
    const place = here.findIndex((mark) => mark.id === this.selected);
    const next = here[place < 0 ? (step > 0 ? 0 : here.length - 1) : (place + step + here.length) % here.length];
    const [left, top, right, bottom] = around(next);
    const [x, y] = this.view.toScreen([(left + right) / 2, (top + bottom) / 2]);
    if (x < 0 || y < 0 || x > this.view.screen.width || y > this.view.screen.height) {
      this.view.centre([(left + right) / 2, (top + bottom) / 2]);
    }
    this.select(next.id);
  }

  /** The next part of the mark: its handles in turn, then the whole of it. */
  selectPart(step = 1) {
    if (!this.mark) return;
    const names = [null, ...handles(this.mark).map(([name]) => name)];
    this.part = names[(names.indexOf(this.part) + step + names.length) % names.length];
    this._draw();
    this.speak(this.part === null ? "whole mark" : "part", { part: this.words[this.part] ?? this.part });
  }

  /** Put a new mark in the middle of what is seen, to be moved by keys. */
  place(kind) {
    if (!this._makes(kind)) return;
    const middle = this.view.toPicture([this.view.screen.width / 2, this.view.screen.height / 2]);
    const x = Math.min(this.image.width, Math.max(0, middle[0]));
    const y = Math.min(this.image.height, Math.max(0, middle[1]));
    const [across, down] = ["width", "height"].map((side) => Math.min(this.image[side], this.view.screen[side] / this.view.scale) / 8);
    if (kind === "box") this.add({ kind, box: boxBetween([x - across, y - down], [x + across, y + down], this.image) });
    if (kind === "calliper") this.add({ kind, ends: [[x - across, y], [x + across, y]].map((end) => this._within(end)) });
    if (kind === "point") this.add({ kind, at: [x, y] });
    if (kind === "outline") {
      const turn = (place) => this._within([x + across * Math.cos((place * Math.PI) / 6), y + down * Math.sin((place * Math.PI) / 6)]);
      this.add({ kind, points: Array.from({ length: 12 }, (_, place) => turn(place)) });
    }
  }

  /** Whether marks of a kind may be made here. */
  _makes(kind) {
    return this.kinds.includes(kind) && (this.editable || kind === "calliper");
  }

  add(mark) {
    this.pause();
    const own = { id: `new-${crypto.randomUUID?.() ?? Date.now()}`, frame: this.frame, origin: "user", ...mark };
    this.marks.push(own);
    this.select(own.id);
    this._say("mark", { mark: own, change: "added" });
    return own;
  }

  /** Change a mark on the screen; `done` tells the page, once the hand lets go. */
  change(mark, { done = true } = {}) {
    const place = this.marks.findIndex((own) => own.id === mark.id);
    if (place < 0) return;
    // A finder's proposal that somebody moved is theirs from then on.
    this.marks[place] = mark.origin === "finder" ? { ...mark, origin: "user" } : mark;
    this._drawMarks();
    if (done) this._say("mark", { mark: this.marks[place], change: "changed" });
  }

  /** The mark as it was before a drag that turned into something else. */
  putBack(mark) {
    this.marks = this.marks.map((own) => (own.id === mark.id ? mark : own));
    this._drawMarks();
  }

  nudge(right, down) {
    const mark = this.mark;
    if (!mark || mark.locked || (!this.editable && mark.kind !== "calliper")) return;
    const after = moved(mark, this.part ?? "whole", [right, down], this.image);
    this.change(after);
    this.speak("moved", this._facts(this.mark));
  }

  remove() {
    const mark = this.mark;
    if (!mark || mark.locked || (!this.editable && mark.kind !== "calliper")) return;
    if (mark.kind === "outline" && this.part !== null && mark.points.length > 3) {
      const after = withoutPoint(mark, Number(this.part));
      this.part = null;
      return this.change(after);
    }
    this.marks = this.marks.filter((own) => own.id !== mark.id);
    this.select(null);
    this._say("mark", { mark, change: "removed" });
    this.speak("removed");
  }

  addPoint() {
    const mark = this.mark;
    if (mark?.kind !== "outline" || this.part === null || !this.editable) return;
    this.change(withPointAfter(mark, Number(this.part)));
    this.selectPart(1);
  }

  /** Take the mark as it is: a finder's proposal becomes a nodule. */
  accept() {
    if (this.mark) this._say("mark", { mark: this.mark, change: "accepted" });
  }

  // ---- hands

  /** The mark and its part under a point of the screen; the selected one first. */
  under(point, kind = "mouse") {
    const at = this.view.toPicture(point);
    const reach = ((REACH[kind] ?? REACH.mouse) * this.view.unit) / this.view.scale;
    const order = this.here.filter((mark) => !mark.inert).reverse().sort((one, other) => (other.id === this.selected) - (one.id === this.selected));
    for (const mark of order) {
      const part = partAt(mark, at, { reach, selected: mark.id === this.selected });
      if (part) return { mark, part };
    }
    return null;
  }

  /** A drag by the chosen tool from one place of the screen to another; `done` once the hand lets go. */
  draw(start, end, { done }) {
    const [from, to] = [this.view.toPicture(start), this._within(this.view.toPicture(end))];
    if (this.tool === "outline") {
      this.trail = this.trail ?? [this._within(from)];
      this.trail.push(to);
      if (done) this._closeTrail();
      return this._drawMarks();
    }
    if (this.tool === "point") return done ? this.add({ kind: "point", at: to }) : undefined;
    const shape = this.tool === "box"
      ? { kind: "box", box: boxBetween(from, to, this.image) }
      : { kind: "calliper", ends: [this._within(from), to] };
    const draft = { id: "draft", frame: this.frame, origin: "user", ...shape };
    this.marks = this.marks.filter((mark) => mark.id !== "draft");
    if (!done) {
      this.marks.push(draft);
      this.selected = "draft";
      return this._drawMarks();
    }
    if (Math.hypot(end[0] - start[0], end[1] - start[1]) >= 6) this.add(shape);
    else this.select(null);
    this.take("select");
  }

  /** Leave a drag that was not finished, such as one that a second finger turned into a pinch. */
  undraw() {
    this.trail = null;
    this.marks = this.marks.filter((mark) => mark.id !== "draft");
    if (this.selected === "draft") this.selected = null;
    this._drawMarks();
  }

  _closeTrail() {
    const points = simplified([...this.trail, this.trail[0]], Math.max(0.5, 1.2 / this.view.scale)).slice(0, -1);
    this.trail = null;
    if (points.length >= 3) this.add({ kind: "outline", points });
    this.take("select");
  }

  _within([x, y]) {
    return [Math.min(this.image.width, Math.max(0, x)), Math.min(this.image.height, Math.max(0, y))];
  }

  // ---- words

  /** What a mark measures, in mm where the picture has a scale there, else in pixels. */
  measure(mark) {
    const { scales } = this.image;
    if (mark.kind === "point") return mark.at.map((side) => Math.round(side)).join(", ");
    if (mark.kind === "calliper") {
      const mm = lengthOf(scales, mark.ends);
      return mm === null ? filled(this.words["pixels"], { length: inPixels(mark.ends).toFixed(0) }) : `${mm.toFixed(1)} mm`;
    }
    const box = mark.kind === "box" ? mark.box : wholePixels(around(mark));
    const mm = sizeOf(scales, box);
    return mm === null
      ? filled(this.words["pixels"], { length: `${box[2] - box[0]} x ${box[3] - box[1]}` })
      : `${mm[1].toFixed(1)} x ${mm[0].toFixed(1)} mm`;
  }

  speak(word, values = {}) {
    const live = this.root.querySelector("[data-live]");
    if (live) live.textContent = filled(this.words[word] ?? word, values);
  }

  _facts(mark) {
    return { name: mark.name ?? this.words[mark.kind], size: this.measure(mark) };
  }

  _say(name, detail) {
    this.root.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const wholePixels = ([left, top, right, bottom]) => [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
