// Mouse, pen and fingers. One pointer draws, moves a mark, windows or pans; two fingers zoom and pan; the wheel steps
// through a loop, and zooms a single picture or with Ctrl.

import { moved } from "./marks.js";

export class Gestures {
  constructor(viewer, signal) {
    this.viewer = viewer;
    this.stage = viewer.stage;
    this.pointers = new Map();
    this.drag = null;
    this.pinch = null;
    const listen = (name, act, options = {}) => this.stage.addEventListener(name, act.bind(this), { signal, ...options });
    listen("pointerdown", this._down);
    listen("pointermove", this._move);
    listen("pointerup", this._up);
    listen("pointercancel", this._cancel);
    // A finger's drag must not count as a fling of the page: the tap on a button that follows would be swallowed.
    listen("touchstart", (event) => !event.target.closest("button, input, a") && event.preventDefault(), { passive: false });
    listen("wheel", this._wheel, { passive: false });
    listen("dblclick", () => viewer.fit());
    listen("contextmenu", (event) => event.preventDefault());
  }

  _at(event) {
    const place = this.stage.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  }

  _down(event) {
    if (event.target.closest("button, input, a")) return;
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    const at = this._at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) return this._beginPinch();
    if (this.pointers.size > 2) return;
    this.drag = { start: at, last: at, kind: event.pointerType, ...this._purpose(event, at) };
  }

  /** What a press means: the tool in hand, a mark under it, or the picture itself. */
  _purpose(event, at) {
    const { viewer } = this;
    if (event.button === 1) return { act: "pan" };
    if (event.button === 2 || viewer.tool === "window") return { act: "window", before: { ...viewer.window } };
    const under = ["select", "point"].includes(viewer.tool) ? viewer.under(at, event.pointerType) : null;
    const found = viewer.tool === "select" || under?.mark.kind === "point" ? under : null;
    if (viewer.tool !== "select" && !found) {
      viewer.pause();
      return { act: "draw" };
    }
    if (!found) return { act: "pan", clears: true };
    viewer.pause();
    viewer.select(found.mark.id, { part: found.part === "whole" ? null : found.part });
    const fixed = found.mark.locked || (!viewer.editable && found.mark.kind !== "calliper");
    return fixed ? { act: "none" } : { act: "mark", mark: found.mark, part: found.part };
  }

  _move(event) {
    if (!this.pointers.has(event.pointerId)) return;
    const at = this._at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pinch) return this._pinched();
    if (!this.drag) return;
    this._dragged(at, { done: false });
    this.drag.last = at;
  }

  _up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.pinch) {
      if (!this.pointers.size) this.pinch = null;
      return;
    }
    if (!this.drag) return;
    const at = this._at(event);
    const still = Math.hypot(at[0] - this.drag.start[0], at[1] - this.drag.start[1]) < 4;
    if (this.drag.clears && still) this.viewer.select(null);
    else this._dragged(at, { done: true });
    this.drag = null;
  }

  _cancel(event) {
    this.pointers.delete(event.pointerId);
    this.drag = null;
    if (!this.pointers.size) this.pinch = null;
    this.viewer.undraw();
  }

  _dragged(at, { done }) {
    const { viewer, drag } = this;
    const [right, down] = [at[0] - drag.start[0], at[1] - drag.start[1]];
    if (drag.act === "pan") viewer.pan(at[0] - drag.last[0], at[1] - drag.last[1]);
    if (drag.act === "draw") viewer.draw(drag.start, at, { done });
    if (drag.act === "window") viewer.level({ centre: drag.before.centre - down / 2, width: drag.before.width + right });
    if (drag.act === "mark" && (right || down)) {
      const { scale } = viewer.view;
      viewer.change(moved(drag.mark, drag.part, [right / scale, down / scale], viewer.image), { done });
    }
    if (done) drag.last = at;
  }

  _beginPinch() {
    if (this.drag?.act === "draw") this.viewer.undraw();
    if (this.drag?.act === "mark") this.viewer.putBack(this.drag.mark);
    this.drag = null;
    this.pinch = this._two();
  }

  _two() {
    const [[x0, y0], [x1, y1]] = [...this.pointers.values()];
    return { middle: [(x0 + x1) / 2, (y0 + y1) / 2], apart: Math.max(1, Math.hypot(x1 - x0, y1 - y0)) };
  }

  _pinched() {
    if (this.pointers.size < 2) return;
    const now = this._two();
    this.viewer.pan(now.middle[0] - this.pinch.middle[0], now.middle[1] - this.pinch.middle[1]);
    this.viewer.zoom(now.apart / this.pinch.apart, now.middle);
    this.pinch = now;
  }

  _wheel(event) {
    event.preventDefault();
    const { viewer } = this;
    if (event.ctrlKey || viewer.image.frames < 2) viewer.zoom(Math.exp(-event.deltaY / 300), this._at(event));
    else viewer.step(Math.sign(event.deltaY));
  }
}
