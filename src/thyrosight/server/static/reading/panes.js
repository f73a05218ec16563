// The pictures of a case side by side, each in a viewer of its own, and one row of tools for the one that is in hand.

import { all, one } from "../app/dom.js";
import { partName, t, viewerWords } from "../app/words.js";
import { keyed } from "../viewer/keys.js";
import { Viewer } from "../viewer/viewer.js";

const FOR_ALL = ["select", "calliper", "point", "window"];
/** Keys of the viewer that act from the questions too; the others mean something there. */
const FROM_AFAR = [" ", ",", ".", "<", ">", "+", "=", "-", "[", "]", "{", "}", "\\", "x", "c", "m", "M"];

export class Panes {
  /** @param {{place: HTMLElement, tools: HTMLElement, heard: (detail: object, number: number) => void}} page `heard` of marks;
   *    pictures are numbered from 1 */
  constructor({ place, tools, heard }) {
    Object.assign(this, { place, tools, heard });
    this.viewers = [];
    this.pictures = [];
    this.marksOf = null;
    this.hand = 0;
    for (const button of all("[data-do]", tools)) button.addEventListener("click", () => this._do(button.dataset.do));
  }

  /** The viewer in hand, or null while nothing is shown. */
  get viewer() {
    return this.viewers[this.hand] ?? null;
  }

  /**
   * @param {{frames: number, rate: number | null, width: number, height: number, frame: number, scales: object[], reason: string,
   *          part: string, drawn: object[], url: (frame: number) => string}[]} pictures `drawn`: marks of the study
   * @param {{kinds: string[]}} options marks that may be made
   */
  show(pictures, { kinds }) {
    this.close();
    this.pictures = pictures;
    this.bare = false;
    this.place.dataset.number = String(pictures.length);
    this.place.classList.remove("single");
    this.place.replaceChildren(...pictures.map((picture, number) => this._pane(picture, number, pictures.length)));
    this.viewers = pictures.map((picture, number) => this._viewer(picture, number, kinds));
    one("[data-do=point]", this.tools).hidden = !kinds.includes("point");
    this.take(0);
  }

  close() {
    for (const viewer of this.viewers) viewer.close();
    this.viewers = [];
    this.marksOf = null;
    this.place.replaceChildren();
  }

  /** Take a picture in hand: tools and keys act on it. */
  take(number) {
    this.hand = number;
    all(".pane", this.place).forEach((pane, own) => pane.toggleAttribute("data-hand", own === number));
    this._tell();
  }

  /** The next picture of the case. */
  next(step) {
    if (!this.viewers.length) return;
    this.take((this.hand + step + this.viewers.length) % this.viewers.length);
    this.viewer.stage.focus();
  }

  /** The picture in hand alone and large, or all of them again. */
  enlarge() {
    if (this.viewers.length > 1) this.place.classList.toggle("single");
  }

  focus() {
    this.viewer?.stage.focus();
  }

  /** Show the places that the reader marked, beside what the study drew and the reader measured. */
  draw(marksOf = this.marksOf) {
    this.marksOf = marksOf;
    this.viewers.forEach((viewer, number) => viewer.setMarks([
      ...(this.bare ? [] : this.pictures[number].drawn), ...(marksOf?.(number + 1) ?? []), ...viewer.marks.filter((mark) => mark.kind === "calliper"),
    ]));
  }

  /** Lay a heat map over a picture, or take it away. */
  overlay(number, url) {
    const viewer = this.viewers[number - 1];
    viewer?.overlay(url, viewer.first);
    if (url) viewer?.show(viewer.first);
  }

  /** Hide and show the frames around the nodule, which the study drew. */
  hideFrames() {
    this.bare = !this.bare;
    this.draw();
  }

  /** Bring a place into sight. */
  select({ id, image }) {
    this.take(image - 1);
    this.viewer?.select(id);
    this.focus();
  }

  /** Act on a key that was pressed beside the pictures; whether it was one of theirs. */
  keyed(event) {
    if (!this.viewer || !FROM_AFAR.includes(event.key) || event.altKey) return false;
    if (event.key === " " && event.target.closest("input, button, summary, a")) return false;
    return keyed(this.viewer, event);
  }

  _pane(picture, number, count) {
    const pane = one("#pane").content.firstElementChild.cloneNode(true);
    const name = partName(picture.part) || t("Picture {number}", { number: number + 1 });
    pane.setAttribute("aria-label", name);
    one(".caption", pane).textContent = count > 1 || picture.part ? name : "";
    one("[data-stage]", pane).setAttribute("aria-label", t("{name}; press ? for the keys", { name }));
    one(".cine", pane).classList.toggle("single", picture.frames < 2);
    pane.addEventListener("pointerdown", () => number !== this.hand && this.take(number));
    pane.addEventListener("focusin", () => number !== this.hand && this.take(number));
    return pane;
  }

  _viewer(picture, number, kinds) {
    const pane = all(".pane", this.place)[number];
    const viewer = new Viewer(pane, {
      image: { id: String(number), frames: picture.frames, rate: picture.rate, width: picture.width, height: picture.height, scales: picture.scales, reason: picture.reason },
      url: picture.url, kinds, words: viewerWords(),
    });
    viewer.first = picture.frame;
    if (picture.frame) viewer.show(picture.frame);
    viewer.setMarks(picture.drawn);
    pane.addEventListener("mark", (event) => event.detail.mark.kind === "point" && this.heard(event.detail, number + 1));
    pane.addEventListener("view", () => this._tell());
    return viewer;
  }

  _do(what) {
    if (!this.viewer) return;
    if (FOR_ALL.includes(what)) for (const viewer of this.viewers) viewer.take(what);
    const acts = {
      fit: () => this.viewer.fit(), "zoom in": () => this.viewer.zoom(1.25), "zoom out": () => this.viewer.zoom(0.8),
      "whole window": () => this.viewer.level({ centre: 128, width: 256 }), enlarge: () => this.enlarge(),
    };
    acts[what]?.();
    this._tell();
  }

  _tell() {
    for (const button of all("[data-do]", this.tools)) {
      if (FOR_ALL.includes(button.dataset.do)) button.setAttribute("aria-pressed", String(this.viewer?.tool === button.dataset.do));
    }
    one("[data-do=enlarge]", this.tools).hidden = this.viewers.length < 2;
  }
}

