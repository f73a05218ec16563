// The nodules of a study: take a proposal or draw one, mark the second view, choose one of them to describe it.

import { call } from "./api.js";
import { make, note, one } from "./dom.js";
import { Finder } from "./finder.js";
import { NoduleForm } from "./nodule_form.js";
import { identifier } from "./random.js";
import { revealed } from "./second_reader.js";
import { boxOf, overlap, shapeOf, viewOf } from "./shapes.js";
import { t } from "./words.js";

export { mine } from "./nodule_form.js";

/** So many nodules are named in full; more by their numbers alone. */
const FEW = 8;

export class Nodules {
  /** @param {{study: string, viewer: () => object, image: () => object, show: (image: string, frame?: number) => void,
   *           changed: () => void}} page */
  constructor(page) {
    Object.assign(this, page);
    this.items = [];
    this.chosen = null;
    this.moved = new Map(); // marks as the hand left them, until they are saved
    this.finder = new Finder(() => this.offer());
    this.form = new NoduleForm({ nodule: () => this.nodule, reload: () => this.load(), locked: (answer) => this._draw(answer) });
    one("#second").addEventListener("click", () => this.secondView(this.images()));
    one("#take").addEventListener("click", () => this.accept());
  }

  get nodule() {
    return this.items.find((own) => own.id === this.chosen) ?? null;
  }

  async load() {
    this.items = await call("GET", `/studies/${this.study}/nodules`);
    if (!this.nodule) this.chosen = this.items[0]?.id ?? null;
    this._draw();
  }

  /** The marks of an image: views of nodules, then proposals that nobody has taken. */
  marksOf(image) {
    const views = this.items.flatMap((nodule) =>
      nodule.views.filter((view) => view.image_id === image).map((view) => ({
        id: `view:${nodule.id}:${view.id}`, frame: view.frame, name: String(nodule.number), origin: "user",
        locked: nodule.stage !== "open", ...shapeOf(view), ...this.moved.get(`view:${nodule.id}:${view.id}`),
      })));
    const taken = (frame, lesion) => views.some((view) => view.frame === frame && overlap(boxOf(view), lesion.box) > 0.5);
    const found = this.finder.proposed(image).flatMap(([frame, lesions]) =>
      lesions.filter((lesion) => !taken(frame, lesion)).map((lesion, place) => ({
        id: `found:${frame}:${place}`, frame, origin: "finder", name: t("proposal"), ...shapeOf(lesion),
      })));
    return [...views, ...found];
  }

  /** Have the finder look at a frame, and show what it proposes. */
  async find(image, frame = 0) {
    const known = this.finder.knows(image, frame);
    const found = await this.finder.find(image, frame);
    if (!known && this.image()?.id === image) this._marks({ first: true });
    return found;
  }

  /** The finder's proposal that would be taken: the selected one, else the first in this frame. */
  get offered() {
    const viewer = this.viewer();
    return viewer?.mark?.origin === "finder" ? viewer.mark : viewer?.here.find((mark) => mark.origin === "finder");
  }

  /** Take the proposal that is offered, and go on to describe it. */
  accept() {
    if (this.offered) this.heard({ mark: this.offered, change: "accepted" });
  }

  /** Whether there is a proposal to take is seen on its button; beside it stands what the finder says of the frame. */
  offer() {
    const viewer = this.viewer();
    one("#take").disabled = !this.offered;
    if (!viewer || viewer.playing) return;
    one("#found").textContent = this.wantsSecond ? t("Draw the box of the second view.") : this.finder.says(this.image().id, viewer.frame);
  }

  /** A mark of the viewer changed, was drawn or taken. */
  async heard({ mark, change }) {
    if (mark.kind === "calliper") return;
    const [kind, id, view] = mark.id.split(":");
    try {
      if (kind === "view" && change === "changed") await this._move(mark);
      else if (kind === "view" && change === "removed") await this._removeView(id, view);
      else if (kind === "found" && ["accepted", "changed"].includes(change)) {
        await this.take(mark);
        if (change === "accepted") one("#descriptors input").focus();
      }
      else if (kind.startsWith("new-") && change === "added") await this.take(mark);
    } catch (problem) {
      this.moved.clear();
      note(one("#problem"), problem.message, "bad");
      await this.load();
    }
  }

  /** A mark becomes a nodule; or the second view of the chosen one, where that was asked for. */
  async take(mark, { second = this.wantsSecond } = {}) {
    const image = this.image().id;
    const proposed = mark.origin === "finder";
    let nodule = this.nodule;
    if (!second || !nodule || nodule.stage !== "open") {
      nodule = await call("POST", `/studies/${this.study}/nodules`, { proposed });
      this.chosen = nodule.id;
    }
    this.wantsSecond = false;
    const view = identifier();
    const drawn = await call("PUT", `/nodules/${nodule.id}/views/${view}`, {
      version: 0, image_id: image, frame: mark.frame ?? 0, proposed, ...viewOf(mark),
    });
    await this._measure(nodule, drawn, nodule.views.length);
    note(one("#problem"), "");
    const id = `view:${nodule.id}:${view}`;
    const now = this.viewer()?.marks.find((own) => own.id === mark.id && own.origin === "user");
    await this.load();
    this.changed();
    this.viewer()?.select(id);
    if (now && String(boxOf(now)) !== String(drawn.box)) await this._move({ ...now, id }); // moved before it had its name
  }

  /** Sizes follow the views until somebody types others: width and depth from the first, length from the second. */
  async _measure(nodule, view, place) {
    if (!view.size_mm) return;
    const [depth, width] = view.size_mm.map((side) => Math.round(side * 10) / 10);
    const size = [...nodule.size_mm];
    if (place === 0) [size[0], size[1]] = [width, depth];
    else size[2] = width;
    Object.assign(nodule, await call("PATCH", `/nodules/${nodule.id}`, { version: nodule.version, size_mm: size }));
  }

  /** The same nodule in another image: the next one in which the finder proposes something, else a box is drawn there. */
  async secondView(images) {
    const nodule = this.nodule;
    if (!nodule || nodule.stage !== "open") return undefined;
    one("#found").textContent = t("The finder looks ...");
    const others = images.filter((own) => !nodule.views.some((view) => view.image_id === own.id));
    for (const own of others) {
      const [lesion] = await this.find(own.id, 0);
      if (!lesion) continue;
      this.show(own.id, 0);
      return this.take({ ...shapeOf(lesion), frame: 0, origin: "finder" }, { second: true });
    }
    this.wantsSecond = true;
    if (others.length) this.show(others[0].id);
    this.offer();
    return undefined;
  }

  async choose(id) {
    this.chosen = id;
    this._draw();
    const view = this.nodule?.views.find((own) => own.image_id === this.image()?.id) ?? this.nodule?.views[0];
    if (view) {
      this.show(view.image_id, view.frame);
      this.viewer()?.select(`view:${id}:${view.id}`);
    }
  }

  /** Save where marks were moved to, one after the other; of moves that come faster than that, the last. */
  async _move(mark) {
    const { kind, box, points } = mark;
    this.moved.set(mark.id, { kind, box, points });
    if (this.moving) return;
    this.moving = true;
    try {
      while (this.moved.size) {
        const [key, shape] = this.moved.entries().next().value;
        await this._putView(key, shape);
        if (this.moved.get(key) === shape) this.moved.delete(key);
      }
    } finally {
      this.moving = false;
    }
    this._draw();
  }

  async _putView(key, shape) {
    const [, id, view] = key.split(":");
    const nodule = this.items.find((own) => own.id === id);
    const place = nodule?.views.findIndex((own) => own.id === view) ?? -1;
    if (place < 0) return;
    const { version, image_id, frame, callipers } = nodule.views[place];
    const drawn = await call("PUT", `/nodules/${id}/views/${view}`, { version, image_id, frame, callipers, proposed: false, ...viewOf(shape) });
    nodule.views[place] = drawn;
    await this._measure(nodule, drawn, place);
  }

  async _removeView(id, view) {
    const nodule = this.items.find((own) => own.id === id);
    const own = nodule.views.find((one) => one.id === view);
    if (nodule.views.length > 1) await call("DELETE", `/nodules/${id}/views/${view}?version=${own.version}`);
    else await call("DELETE", `/nodules/${id}`);
    await this.load();
    this.changed();
  }

  // ---- what is seen

  /** @param {object | null} answer what the lock brought of the model's answer */
  _draw(answer = null) {
    one("#hint").hidden = this.items.length > 0;
    const name = (own) => t("Nodule {number}", { number: own.number });
    one("#nodule-list").replaceChildren(
      ...this.items.map((own) =>
        make("button", { type: "button", "aria-pressed": String(own.id === this.chosen), "aria-label": name(own), onclick: () => this.choose(own.id) },
          this.items.length > FEW ? String(own.number) : name(own), own.stage === "open" ? "" : " ✓")),
    );
    this._marks();
    this.form.draw();
    if (!this.nodule || this.nodule.stage === "open") one("#reveal").hidden = true;
    else this.revealing = revealed(this, answer);
  }

  _marks({ first = false } = {}) {
    const viewer = this.viewer();
    if (!viewer) return;
    viewer.setMarks([...this.marksOf(this.image().id), ...viewer.marks.filter((mark) => mark.kind === "calliper")]);
    if (first && !viewer.selected && !viewer.playing) {
      const found = viewer.here.find((mark) => mark.origin === "finder");
      if (found) viewer.select(found.id);
    }
    this.offer();
  }
}
