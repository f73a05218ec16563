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
import { Marking } from "./marking.js";
import { Windowing } from "./windowing.js";
import { filled } from "./words.js";

const COLOURS = { own: "--mark-own", finder: "--mark-finder", chosen: "--mark-chosen", halo: "--mark-halo" };
const KINDS = ["box", "outline", "calliper", "point"];
const TOOLS = ["select", ...KINDS, "window"];

export class Viewer extends Marking {
  /**
   * @param {HTMLElement} root
   * @param {{image: {id: string, frames: number, rate: number | null, width: number, height: number,
   *          scales: {box: number[] | null, mm: number[]}[], reason: string},
   *          url: (frame: number) => string, marks?: object[], words?: Record<string, string>,
   *          editable?: boolean, kinds?: string[]}} options `kinds` of marks that a hand or a key may make
   */
  constructor(root, { image, url, marks = [], words = {}, editable = true, kinds = ["box", "outline", "calliper"] }) {
    super(root, { image, marks, words, editable, kinds });
    this.stage = root.querySelector("[data-stage]");
    this.canvas = Object.fromEntries(["picture", "marks"].map((name) => [name, root.querySelector(`[data-canvas=${name}]`)]));
    this.playing = false;
    this.shown = 0; // pictures drawn while playing, for those who measure
    this.windowing = new Windowing(this.stage, this.canvas.picture);
    this.over = null;
    this.signal = new AbortController();
    this.frames = new Frames({
      count: image.frames, width: image.width, height: image.height, url,
      arrived: (frame) => this._arrived(frame), failed: (reason) => this._failed(reason),
    });
    this.gestures = new Gestures(this, this.signal.signal);
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
    this.windowing.close();
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

  get window() {
    return this.windowing.now;
  }

  /** Grey levels `centre - width / 2` and below are black, `centre + width / 2` and above white; without them all are. */
  level(wanted) {
    this.windowing.set(wanted);
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

  // ---- drawing and words

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
      font: style.fontFamily,
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
      this.view.unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
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
      "zoom in": () => this.zoom(1.25), "zoom out": () => this.zoom(0.8), "whole window": () => this.level(),
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
}
