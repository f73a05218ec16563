// One image on the screen: a loop that plays at its own rate, zoom, window, callipers, boxes and outlines, all of it by
// mouse, by touch and by keyboard. The page says what is shown and hears of changes by events on the root:
//
//   "mark" {mark, change: "added" | "changed" | "removed" | "accepted"}   "select" {mark}   "frame" {frame}   "view" {}
//
// The root holds [data-stage] with two canvases, [data-canvas=picture] and [data-canvas=marks]; buttons [data-do=NAME];
// a slider [data-slide=frame]; places for words, [data-show=frame | zoom | window | status]; and [data-live], read aloud.

import { drawMarks, drawPicture } from "./drawing.js";
import { Frames } from "./frames.js";
import { Gestures } from "./gestures.js";
import { keyed } from "./keys.js";
import { around, boxBetween, handles, moved, partAt, simplified, withPointAfter, withoutPoint } from "./marks.js";
import { inPixels, lengthOf, sizeOf } from "./scales.js";
import { View } from "./view.js";
import { WORDS, filled } from "./words.js";

const REACH = { mouse: 8, pen: 12, touch: 22 };
const WHOLE_WINDOW = { centre: 128, width: 256 };
const COLOURS = { own: "--mark-own", finder: "--mark-finder", chosen: "--mark-chosen", halo: "--mark-halo" };
const KINDS = ["box", "outline", "calliper", "point"];
const TOOLS = ["select", ...KINDS, "window"];
let filters = 0;

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {{image: {id: string, frames: number, rate: number | null, width: number, height: number,
   *          scales: {box: number[] | null, mm: number[]}[], reason: string},
   *          url: (frame: number) => string, marks?: object[], words?: Record<string, string>,
   *          editable?: boolean, kinds?: string[]}} options `kinds` of marks that a hand or a key may make
   */
  constructor(root, { image, url, marks = [], words = {}, editable = true, kinds = ["box", "outline", "calliper"] }) {
    Object.assign(this, { root, image, editable, kinds, words: { ...WORDS, ...words } });
    this.stage = root.querySelector("[data-stage]");
    this.canvas = Object.fromEntries(["picture", "marks"].map((name) => [name, root.querySelector(`[data-canvas=${name}]`)]));
    this.view = new View(image.width, image.height);
    this.marks = marks.map((mark) => ({ ...mark }));
    this.selected = null;
    this.part = null;
    this.tool = "select";
    this.frame = 0;
    this.playing = false;
    this.shown = 0; // pictures drawn while playing, for those who measure
    this.window = { ...WHOLE_WINDOW };
    this.trail = null;
    this.over = null;
    this.signal = new AbortController();
    this.frames = new Frames({
      count: image.frames, width: image.width, height: image.height, url,
      arrived: (frame) => this._arrived(frame), failed: (reason) => this._failed(reason),
    });
    this.gestures = new Gestures(this, this.signal.signal);
    this._filter();
    this._listen();
    this._resize();
    this.frames.want(0);
    this._tell();
  }

  close() {
    this.pause();
    this.signal.abort();
    this.resizing.disconnect();
    this.frames.close();
    this.over?.bitmap.close();
    this.filter?.remove();
    this.canvas.picture.style.filter = "";
  }

  // ---- what is shown

  /** Show a frame; the picture changes as soon as it has come. */
  show(frame, { direction = 1 } = {}) {
    const wanted = Math.min(this.image.frames - 1, Math.max(0, frame));
    if (wanted === this.frame) return this.frames.want(wanted, direction);
    this.frame = wanted;
    this.frames.want(wanted, direction);
    this._draw();
    this._tell();
    this._say("frame", { frame: this.frame });
  }

  step(number) {
    this.pause();
    const count = this.image.frames;
    this.show((((this.frame + number) % count) + count) % count, { direction: Math.sign(number) || 1 });
  }

  play() {
    if (this.image.frames < 2 || this.playing) return;
    this.playing = true;
    const lasts = 1000 / (this.image.rate || 20);
    let due = null;
    const tick = (now) => {
      if (!this.playing) return;
      requestAnimationFrame(tick);
      due ??= now + lasts;
      if (now + 1 < due) return;
      const next = (this.frame + 1) % this.image.frames;
      if (!this.frames.get(next)) {
        this.frames.want(next); // wait for it: a loop that leaves frames out hides what it leaves out
        due = now;
        return;
      }
      due = now - due > 4 * lasts ? now + lasts : due + lasts;
      this.shown += 1;
      this.show(next);
    };
    requestAnimationFrame(tick);
    this._tell();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this._tell();
  }

  fit() {
    this.view.fit();
    this._draw();
  }

  zoom(factor, point = [this.view.screen.width / 2, this.view.screen.height / 2]) {
    this.view.zoom(point, factor);
    this._draw();
  }

  pan(right, down) {
    this.view.pan(right, down);
    this._draw();
  }

  /** Grey levels `centre - width / 2` and below are black, `centre + width / 2` and above white. */
  level({ centre = this.window.centre, width = this.window.width } = WHOLE_WINDOW) {
    this.window = { centre: Math.min(255, Math.max(0, centre)), width: Math.min(512, Math.max(2, width)) };
    const whole = this.window.centre === WHOLE_WINDOW.centre && this.window.width === WHOLE_WINDOW.width;
    const slope = 255 / this.window.width;
    for (const channel of this.filter.querySelectorAll("[type=linear]")) {
      channel.setAttribute("slope", String(slope));
      channel.setAttribute("intercept", String(0.5 - (this.window.centre / 255) * slope));
    }
    this.canvas.picture.style.filter = whole ? "" : `url(#${this.filterName})`;
    this._tell();
    this._say("view", {});
  }

  take(tool) {
    if (!TOOLS.includes(tool) || (KINDS.includes(tool) && !this._makes(tool))) return;
    this.tool = tool;
    this._tell();
  }

  /** Lay a picture with transparency, such as a heat map, over one frame; null takes it away. */
  async overlay(url, frame = 0) {
    this.over?.bitmap.close();
    this.over = null;
    this._draw();
    if (!url) return;
    try {
      const answer = await fetch(url, { signal: this.signal.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.over = { url, frame, bitmap: await createImageBitmap(await answer.blob()) };
    } catch (error) {
      if (!this.signal.signal.aborted) this._show("status", filled(this.words["failed"], { reason: error.message }));
      return;
    }
    this._draw();
  }

  // ---- marks

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
    const reach = (REACH[kind] ?? REACH.mouse) / this.view.scale;
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

  // ---- drawing and words

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

  _arrived(frame) {
    if (frame !== this.frame) return;
    this.root.dataset.state = "ready";
    this._show("status", "");
    this._draw();
  }

  _failed(reason) {
    this.root.dataset.state = "failed";
    this.pause();
    this._show("status", filled(this.words["failed"], { reason }));
  }

  _draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      const bitmap = this.frames.get(this.frame);
      // Until a frame has come the one before stays: a black flash would look like a frame.
      if (bitmap || this.image.frames === 1) drawPicture(this.canvas.picture, this.view, bitmap);
      if (bitmap) this.drawnFrame = this.frame;
      this._drawMarks();
      this._show("zoom", `${Math.round(this.view.scale * 100)} %`);
    });
  }

  _drawMarks() {
    const style = getComputedStyle(this.root);
    const colours = Object.fromEntries(Object.entries(COLOURS).map(([name, own]) => [name, style.getPropertyValue(own).trim() || "#fff"]));
    drawMarks(this.canvas.marks, this.view, {
      over: this.over?.frame === this.frame ? this.over.bitmap : null, marks: this.here, selected: this.selected, part: this.part, colours, trail: this.trail,
      label: (mark) => [mark.name, mark.kind !== "point" && (mark.id === this.selected || mark.kind === "calliper") ? this.measure(mark) : ""],
    });
  }

  _tell() {
    const { frames } = this.image;
    this._show("frame", frames > 1 ? filled(this.words["frame of"], { frame: this.frame + 1, frames }) : "");
    this._show("window", filled(this.words["window"], { centre: Math.round(this.window.centre), width: Math.round(this.window.width) }));
    for (const button of this.root.querySelectorAll("[data-do]")) {
      const what = button.dataset.do;
      if (TOOLS.includes(what)) button.setAttribute("aria-pressed", String(what === this.tool));
      if (what === "play") button.setAttribute("aria-pressed", String(this.playing));
    }
    for (const slider of this.root.querySelectorAll("[data-slide=frame]")) {
      slider.max = String(frames - 1);
      slider.value = String(this.frame);
    }
    this.stage.dataset.tool = this.tool;
  }

  _show(name, text) {
    for (const place of this.root.querySelectorAll(`[data-show=${name}]`)) if (place.textContent !== text) place.textContent = text;
  }

  // ---- beginnings

  _resize() {
    const fresh = () => {
      const { width, height } = this.stage.getBoundingClientRect();
      this.view.resize(width, height);
      this._draw();
    };
    this.resizing = new ResizeObserver(fresh);
    this.resizing.observe(this.stage);
    fresh();
  }

  _listen() {
    const { signal } = this.signal;
    this.root.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, select, [contenteditable]") && !event.target.matches("[type=range]")) return;
      if (keyed(this, event)) event.preventDefault();
    }, { signal });
    const acts = {
      play: () => (this.playing ? this.pause() : this.play()),
      previous: () => this.step(-1), next: () => this.step(1), fit: () => this.fit(),
      "zoom in": () => this.zoom(1.25), "zoom out": () => this.zoom(0.8), "whole window": () => this.level(WHOLE_WINDOW),
      remove: () => this.remove(), accept: () => this.accept(), "next mark": () => this.selectNext(1),
    };
    for (const button of this.root.querySelectorAll("[data-do]")) {
      const what = button.dataset.do;
      button.addEventListener("click", () => (TOOLS.includes(what) ? this.take(what) : acts[what]?.()), { signal });
    }
    for (const slider of this.root.querySelectorAll("[data-slide=frame]")) {
      slider.addEventListener("input", () => {
        this.pause();
        this.show(Number(slider.value));
      }, { signal });
    }
  }

  /** The filter that windows the picture: it works on pixels that were drawn already, and nothing is decoded again. */
  _filter() {
    const make = (name, inside = []) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      element.append(...inside);
      return element;
    };
    const channels = ["feFuncR", "feFuncG", "feFuncB"].map((name) => make(name));
    for (const channel of channels) channel.setAttribute("type", "linear");
    const filter = make("filter", [make("feComponentTransfer", channels)]);
    this.filterName = `window-${++filters}`;
    filter.id = this.filterName;
    filter.setAttribute("color-interpolation-filters", "sRGB");
    this.filter = make("svg", [filter]);
    for (const side of ["width", "height"]) this.filter.setAttribute(side, "0");
    this.filter.setAttribute("aria-hidden", "true");
    this.filter.style.position = "absolute";
    this.stage.append(this.filter);
  }
}

const wholePixels = ([left, top, right, bottom]) => [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
