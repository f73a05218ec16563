// One case on the desk: its pictures, its questions, and what was told of it. The room decides what comes next.

import { address } from "../app/api.js";
import { note, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { Draft } from "./drafts.js";
import { Questions } from "./questions.js";
import { feedback, modelSays } from "./told.js";

const lexicon = JSON.parse(one("#lexicon").textContent);

export class Case {
  /**
   * @param {object} task as the server tells it
   * @param {{page: string, panes: object, whole: () => void, overtaken: () => void, gone: (problem: Error) => void}} room
   */
  constructor(task, room) {
    Object.assign(this, { task, room });
    const { reading, before } = task;
    this.questions = new Questions(one("#questions"), {
      asked: task.questions, lexicon, changed: () => this._changed(), whole: () => room.whole(),
      pictures: {
        draw: () => room.panes.draw(this.places ? (image) => this.places.marksOf(image) : null),
        select: (mark) => room.panes.select(mark),
        place: () => room.panes.viewer?.place("point"),
      },
    });
    this.places = this.questions.places;
    this.draft = new Draft(reading, {
      page: room.page, answers: () => this.questions.answers, told,
      overtaken: (answers) => this._overtaken(answers), gone: room.gone,
    });
    // After the model was seen the reader starts from the answers before.
    this.questions.answers = before && !reading.locked && reading.version === 0 ? before.answers : reading.answers;
    this.questions.freeze(reading.locked);
    this._show();
  }

  /** The pictures, as far as they may be seen. */
  showPictures() {
    const { task, places } = this;
    this.room.panes.show(task.images.map((image) => picture(task, image)), { kinds: places ? ["calliper", "point"] : ["calliper"] });
    this.room.panes.draw(places ? (image) => places.marksOf(image) : null);
  }

  focus() {
    if (this.task.reading.locked) one("#lock").focus();
    else this.questions.focus();
  }

  close() {
    this.draft.close();
  }

  /** A hand or a key marked a place in a picture. */
  heard(detail, image) {
    this.places?.heard(detail, image);
  }

  _show() {
    const { task } = this;
    const says = task.model ? [modelSays(task, this.room.panes)] : [];
    one("#model").replaceChildren(...says);
    one("#model").hidden = !says.length;
    const after = task.feedback ? [feedback(task)] : [];
    one("#after").replaceChildren(...after);
    one("#after").hidden = !after.length;
    one("#what").textContent = [task.practice ? t("Practice, not analysed") : "", STAGES[task.stage]()].filter(Boolean).join(" · ");
    told("");
    this._compare();
  }

  _changed() {
    this.draft.touch();
    if (one("#problem").dataset.about !== "draft") say("");
    this._compare();
  }

  _compare() {
    const { before, reading } = this.task;
    const differing = before ? this.questions.compare(before.answers) : 0;
    const words = { before: t("Lock and see the model"), after: differing ? t("Lock the change") : t("Keep and lock"), only: t("Lock") };
    const label = reading.locked ? t("Next case") : words[this.task.stage];
    one("#lock span").textContent = label;
    one("#lock").toggleAttribute("data-next", reading.locked);
  }

  _overtaken(answers) {
    this.questions.answers = answers;
    this._compare();
    told("saved");
    this.room.overtaken();
  }
}

const STAGES = { before: () => t("first without the model"), after: () => t("now with the model"), only: () => "" };

/** Say something at the foot of the questions; "" takes it away. `about` a draft it goes once the draft has arrived. */
export function say(text, kind = "warn", { about = "" } = {}) {
  note(one("#problem"), text, kind);
  one("#problem").dataset.about = about;
}

/** Whether what was typed has arrived. */
function told(state, message = "") {
  one("#saved").textContent = { saving: t("Saving ..."), saved: t("Saved."), failed: t("Not saved yet") }[state] ?? "";
  if (state === "failed") say(message, "warn", { about: "draft" });
  else if (state === "saved" && one("#problem").dataset.about === "draft") say("");
}

function picture(task, image) {
  const drawn = image.box ? [{ id: `frame-${image.number}`, kind: "box", box: image.box, frame: image.first, origin: "finder", locked: true, inert: true, name: "" }] : [];
  const truth = (task.feedback?.lesions ?? []).filter((lesion) => lesion[4] === image.number).map(([left, top, right, bottom, , frame], place) => ({
    id: `lesion-${place}`, kind: "box", box: [left, top, right, bottom], frame, origin: "finder", locked: true, inert: true, name: t("lesion") }));
  return {
    frames: image.frames, rate: image.frames_per_second, width: image.columns, height: image.rows, frame: image.first, part: image.part,
    scales: image.regions.length
      ? image.regions.filter((region) => region.spacing_mm).map((region) => ({ box: region.box, mm: region.spacing_mm }))
      : image.spacing_mm ? [{ box: null, mm: image.spacing_mm }] : [],
    reason: "", drawn: [...drawn, ...truth],
    url: (frame) => address(`/reading/tasks/${task.id}/images/${image.number}/frames/${frame}`),
  };
}
