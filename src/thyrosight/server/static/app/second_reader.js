// What the model says, after the opinion was locked; then the user keeps or changes it, with a reason.

import { call, prefix } from "./api.js";
import { make, note, one } from "./dom.js";
import { mine } from "./nodules.js";
import { riskName, scaleOf, t, when } from "./words.js";

const key = (letter) => make("kbd", { "aria-hidden": "true" }, letter);
const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(0)} %`);
const known = new Map();
const flags = JSON.parse(document.getElementById("flags").textContent);

/** Show the model's answer on a nodule whose opinion is locked: the one that came with the lock, or ask for it. */
export async function revealed(nodules, answer = null) {
  const { nodule } = nodules;
  const place = one("#reveal");
  place.hidden = false;
  const key = `${nodule.id}:${nodule.views.map((view) => view.version)}`;
  if (answer && !answer.waiting) known.set(key, answer);
  if (!known.has(key)) {
    place.replaceChildren(make("p", { class: "note" }, t("The model reads the nodule ...")));
    try {
      answer ??= await call("POST", `/nodules/${nodule.id}/reveal`);
      while (answer.waiting) {
        const job = await call("GET", `/jobs/${answer.job_id}?wait=5`);
        if (job.state === "failed") throw new Error(job.problem);
        if (!["waiting", "running"].includes(job.state)) answer = await call("POST", `/nodules/${nodule.id}/reveal`);
      }
      known.set(key, answer);
    } catch (problem) {
      return place.replaceChildren(make("p", { class: "note bad", role: "alert" }, problem.message));
    }
  }
  if (nodules.nodule?.id === nodule.id) place.replaceChildren(...parts(nodules.nodule, known.get(key), nodules));
  if (document.activeElement === place) place.scrollIntoView({ block: "start" }); // answer and decision at one look
  return undefined;
}

function parts(nodule, answer, nodules) {
  return [
    make("h3", {}, t("The model")),
    ...answer.assessments.flatMap((own) => ofView(nodule, own, nodules)),
    make("p", { class: "small soft" }, answer.research_use),
    decision(nodule, nodules),
  ];
}

/** One view: the risk in large type beside the user's own, the operating point, what makes it less reliable, its source. */
function ofView(nodule, assessment, nodules) {
  const view = nodule.views.find((own) => own.id === assessment.view_id);
  if (!view) return [];
  const where = make("h3", { class: "soft" }, t("View {number}", { number: nodule.views.indexOf(view) + 1 }));
  if (assessment.state !== "done") return [where, make("p", { class: "note warn" }, t("Not judged: {reason}", { reason: assessment.problem }))];
  const { result } = assessment;
  const point = result.operating_point;
  const above = result.label === "malignant";
  return [
    where,
    make("div", { class: "row" },
      make("div", {}, make("div", { class: "large" }, percent(result.calibrated_risk)), make("div", { class: "small soft" }, riskName(result))),
      make("div", {}, make("div", { class: "large" }, `${mine(nodule).score} %`), make("div", { class: "small soft" }, t("your risk before")))),
    make("p", {}, t(above ? "above the operating point {point}" : "below the operating point {point}", { point: percent(point.threshold) })),
    ...(result.quality_flags ?? []).map((flag) => make("p", { class: "note warn" }, t(flags[flag] ?? flag))),
    heat(view, assessment, nodules),
    make("p", { class: "small soft" }, [
      t("Labels of the training data: {source}.", { source: result.label_source }),
      t("Measured on this split: {split}.", { split: t(result.split_kind) }),
      t("Model {name}, {hash}", { name: result.model, hash: result.model_hash.slice(0, 12) }),
    ].join(" ")),
  ].filter(Boolean);
}

/** The heat map over the frame, laid there by the viewer. */
function heat(view, assessment, nodules) {
  if (!assessment.heat_map) return null;
  const box = make("input", { type: "checkbox", checked: nodules.viewer()?.over?.url === prefix + assessment.heat_map });
  box.addEventListener("change", () => {
    if (box.checked) nodules.show(view.image_id, view.frame);
    nodules.viewer()?.overlay(box.checked ? prefix + assessment.heat_map : null, view.frame);
  });
  return make("div", {},
    make("label", { class: "check" }, box, t("Show where the model looked")),
    make("p", { class: "small soft", id: `scale-${assessment.id}` }, scaleOf(assessment.heat_map_comparable)));
}

function decision(nodule, nodules) {
  const after = mine(nodule, "after");
  if (after) {
    const says = t(after.kept ? "You kept your opinion." : "You changed your opinion.");
    return make("p", { class: "note good" }, [says, after.reason, when(after.locked_at)].filter(Boolean).join(" "));
  }
  const before = mine(nodule);
  const problem = make("p", { class: "note bad", role: "alert", hidden: true });
  const reason = make("textarea", { name: "reason", maxlength: "4000" });
  const score = make("input", { type: "number", min: "0", max: "100", step: "1", value: String(before.score) });
  const biopsy = make("select", {}, make("option", { value: "no" }, t("no biopsy")), make("option", { value: "yes" }, t("biopsy")));
  biopsy.value = before.biopsy ? "yes" : "no";
  const more = make("div", { class: "fields", hidden: true },
    make("div", { class: "row" }, make("label", {}, t("Risk of malignancy, 0 to 100"), score), make("label", {}, t("Biopsy"), biopsy)),
    make("label", {}, t("Reason"), reason),
    make("div", { class: "actions" }, make("button", { type: "button", class: "main", onclick: () => send(false) }, t("Save the change"))));
  async function send(kept) {
    const body = { stage: "after", descriptors: before.descriptors, kept, reason: kept ? "" : reason.value.trim() };
    body.score = kept ? before.score : Number(score.value);
    body.biopsy = kept ? before.biopsy : biopsy.value === "yes";
    try {
      await call("POST", `/nodules/${nodule.id}/opinions`, body);
      await nodules.load();
      nodules.changed();
      await nodules.ended();
    } catch (failed) {
      note(problem, failed.message, "bad");
    }
  }
  return make("div", { class: "fields" },
    make("div", { class: "actions" },
      make("button", { type: "button", id: "change", onclick: () => { more.hidden = false; score.focus(); } }, t("Change ..."), key("c")),
      make("button", { type: "button", class: "main", id: "keep", onclick: () => send(true) }, t("Keep my opinion"), key("k"))),
    more, problem);
}
