// What a reader is told beside the questions: the model's answer where the arm shows it, and the truth on practice cases.

import { address } from "../app/api.js";
import { make } from "../app/dom.js";
import { riskName, scaleOf, t } from "../app/words.js";
import { inWords } from "./questions.js";

const flags = JSON.parse(document.getElementById("flags").textContent);
const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** The model's answer: its risk in large type beside the reader's own, the operating point, and where it comes from. */
export function modelSays(task, panes) {
  const { model, before } = task;
  const own = before?.answers[task.main_question];
  const { facts } = model;
  const judge = Boolean(facts.operating_point);
  return make("section", { class: "told" },
    make("h3", {}, t("The model")),
    make("div", { class: "figures" },
      figure(judge ? percent(model.score) : String(model.score), judge ? riskName(facts) : t("score")),
      typeof own === "number" ? figure(String(own), t("your answer before")) : null),
    model.positive === null ? null : make("p", {}, verdict(model, judge ? facts.operating_point : null)),
    ...(facts.quality_flags ?? []).map((flag) => make("p", { class: "note warn" }, t(flags[flag] ?? flag))),
    ...model.heat_maps.map((number) => heat(task, number, panes, model.heat_maps.length > 1)),
    model.heat_maps.length ? make("p", { class: "small soft" }, scaleOf(model.heat_maps_comparable)) : null,
    judge ? make("p", { class: "small soft" }, [
      t("Labels of the training data: {source}.", { source: facts.label_source }),
      t("Measured on this split: {split}.", { split: t(facts.split_kind) }),
      t("Model {name}, {hash}", { name: facts.title, hash: facts.model_hash.slice(0, 12) }),
    ].join(" ")) : null,
    make("p", { class: "small soft" }, facts.research_use ? t(facts.research_use) : t("For research use only. Not a medical device; not for diagnosis.")));
}

function verdict(model, point) {
  if (!point) return model.positive ? t("The model calls it malignant.") : t("The model calls it benign.");
  const values = { point: percent(point.threshold) };
  return model.positive ? t("above the operating point {point}", values) : t("below the operating point {point}", values);
}

const figure = (large, small) => make("div", {}, make("div", { class: "large" }, large), make("div", { class: "small soft" }, small));

function heat(task, number, panes, several) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => panes.overlay(number, box.checked ? address(`/reading/tasks/${task.id}/images/${number}/heat-map`) : null));
  return make("label", { class: "check" }, box, several ? t("Show where the model looked in picture {number}", { number }) : t("Show where the model looked"));
}

/** The truth of a practice case beside the reader's own answers. */
export function feedback(task) {
  const { truth, label_source: source } = task.feedback;
  const main = task.questions.find((question) => question.key === task.main_question);
  return make("section", { class: "told" },
    make("h3", {}, t("Practice: the answer")),
    make("p", { class: "truth" }, truth ? t("The nodule is malignant.") : t("The nodule is benign.")),
    make("p", { class: "small soft" }, t("Known from: {source}", { source: source ? t(source) : t("not stated") })),
    main ? make("p", {}, t("You said: {answer}", { answer: inWords(main, task.reading.answers[main.key]) })) : null,
    make("p", { class: "small soft" }, t("Practice cases are not analysed.")));
}
