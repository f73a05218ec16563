// What the model says, after the opinion was locked; then the user keeps or changes it, with a reason.

import { call } from "./api.js";
import { make, note, one } from "./dom.js";
import { heatAddress } from "./nodules.js";
import { t, when } from "./words.js";

const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(0)} %`);

/** Ask for the model's answer on a nodule whose opinion is locked, and show it. */
export async function revealed(nodules) {
  const nodule = nodules.nodule;
  const place = one("#reveal");
  place.hidden = false;
  if (!nodule.assessment) {
    place.replaceChildren(make("p", { class: "note" }, t("The model reads the nodule ...")));
    try {
      let answer = await call("POST", `/nodules/${nodule.id}/reveal`);
      while (answer.job_id && !answer.assessment) {
        const job = await call("GET", `/jobs/${answer.job_id}?wait=2`);
        if (job.state === "failed") throw new Error(job.problem);
        if (job.state === "done") answer = await call("POST", `/nodules/${nodule.id}/reveal`);
      }
      nodule.assessment = answer.assessment ?? answer;
    } catch (problem) {
      return place.replaceChildren(make("p", { class: "note bad", role: "alert" }, problem.message));
    }
  }
  if (nodules.nodule !== nodule) return undefined;
  place.replaceChildren(...parts(nodule, nodules));
  return undefined;
}

function parts(nodule, nodules) {
  const found = nodule.assessment;
  const lines = [
    found.category && t("Category {category}", { category: found.category }),
    found.operating_point && t(found.above ? "above the operating point {point}" : "below the operating point {point}", { point: percent(found.operating_point) }),
  ].filter(Boolean);
  return [
    make("h3", {}, t("The model")),
    make("div", { class: "row" },
      make("div", {}, make("div", { class: "large" }, percent(found.risk ?? found.probability)), make("div", { class: "small soft" }, found.risk === null ? t("score, not calibrated") : t("calibrated risk of malignancy"))),
      make("div", {}, make("div", { class: "large" }, String(nodule.opinion.score)), make("div", { class: "small soft" }, t("your risk before"))),
    ),
    make("p", {}, lines.join(", ")),
    ...(found.flags ?? []).map((flag) => make("p", { class: "note warn" }, flag)),
    heat(nodule, nodules),
    make("p", { class: "small soft" }, found.source ?? ""),
    make("p", { class: "small soft" }, t("Model {name}, {hash}", { name: found.model ?? "", hash: (found.model_hash ?? "").slice(0, 12) })),
    decision(nodule, nodules),
  ].filter(Boolean);
}

/** The heat map over the frame, laid there by the viewer. */
function heat(nodule, nodules) {
  const view = nodule.views.find((own) => own.heat) ?? null;
  if (!view) return null;
  const box = make("input", { type: "checkbox", id: "heat" });
  box.addEventListener("change", () => {
    if (box.checked) nodules.show(view.image_id, view.frame);
    nodules.viewer()?.overlay(box.checked ? heatAddress(nodule.id, view.v) : null, view.frame);
  });
  return make("label", { class: "check" }, box, t("Show where the model looked"));
}

function decision(nodule, nodules) {
  if (nodule.decision) {
    const { kind, reason, at } = nodule.decision;
    return make("p", { class: "note good" }, [t(kind === "keep" ? "You kept your opinion." : "You changed your opinion."), reason, when(at)].filter(Boolean).join(" "));
  }
  const problem = make("p", { class: "note bad", role: "alert", hidden: true });
  const reason = make("textarea", { name: "reason", maxlength: "2000" });
  const score = make("input", { type: "number", min: "0", max: "100", step: "1", value: String(nodule.opinion.score) });
  const biopsy = make("select", {}, make("option", { value: "no" }, t("no biopsy")), make("option", { value: "yes" }, t("biopsy")));
  biopsy.value = nodule.opinion.biopsy ? "yes" : "no";
  const more = make("div", { class: "fields", hidden: true },
    make("div", { class: "row" }, make("label", {}, t("Risk of malignancy, 0 to 100"), score), make("label", {}, t("Biopsy"), biopsy)),
    make("label", {}, t("Reason"), reason),
    make("div", { class: "actions" }, make("button", { type: "button", class: "main", onclick: () => send("change") }, t("Save the change"))));
  async function send(kind) {
    const body = { kind, reason: reason.value.trim() };
    if (kind === "change") Object.assign(body, { score: Number(score.value), biopsy: biopsy.value === "yes" });
    try {
      await call("POST", `/nodules/${nodule.id}/decision`, body);
      await nodules.load();
      nodules.changed();
    } catch (failed) {
      note(problem, failed.message, "bad");
    }
  }
  return make("div", { class: "fields" },
    make("div", { class: "actions" },
      make("button", { type: "button", onclick: () => { more.hidden = false; score.focus(); } }, t("Change ...")),
      make("button", { type: "button", class: "main", id: "keep", onclick: () => send("keep") }, t("Keep my opinion"))),
    more, problem);
}
