// The page of one study: its pictures, the viewer, and the panel of nodules and reports beside it.

import { Viewer } from "../viewer/viewer.js";
import "./page.js";
import { address, call } from "./api.js";
import { all, calmly, make, note, one } from "./dom.js";
import { Nodules } from "./nodules.js";
import { Reports } from "./reports.js";
import { dicomDate, t, tn, viewerWords } from "./words.js";

const id = one("main").dataset.study;
const root = one("#viewer");
let study = null;
let viewer = null;
let image = null;

const nodules = new Nodules({
  study: id, viewer: () => viewer, image: () => image, images: () => study.items, changed: refresh,
  ended: () => nodules.items.every((own) => own.stage === "ended") && reports.offer(),
  show: (wanted, frame = 0) => {
    const chosen = study.items.find((own) => own.id === wanted);
    if (chosen && chosen !== image) show(chosen);
    viewer.pause();
    viewer.show(frame);
  },
});
const reports = new Reports({ study: id, changed: refresh });

const scalesOf = (shown) =>
  shown.regions.length
    ? shown.regions.filter((region) => region.spacing_mm).filter(measuring(shown.regions)).map((region) => ({ box: region.box, mm: region.spacing_mm }))
    : shown.spacing_mm ? [{ box: null, mm: shown.spacing_mm }] : [];

/** Tissue measures; colour flow lies over the same tissue and counts only where there is none. */
function measuring(regions) {
  const tissue = regions.some((region) => region.kind === "tissue" && region.spacing_mm);
  return (region) => !tissue || region.kind === "tissue";
}

async function load() {
  try {
    study = await call("GET", `/studies/${id}`);
  } catch (problem) {
    one("#patient").replaceChildren();
    return note(one("#problem"), problem.message, "bad");
  }
  patient();
  thumbnails();
  try {
    await nodules.load();
  } catch (problem) {
    note(one("#problem"), problem.message, "bad");
  }
  if (study.items.length) show(study.items[0]);
  else one("#thumbs").replaceChildren(make("p", { class: "small soft" }, t("No images")));
  await reports.load();
  // An answer that is known already comes at once; one that the model has still to give is not waited for.
  await Promise.race([Promise.all([nodules.revealing, nodules.form.assessing]), pause(1500)]);
  return undefined;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The study's own line may have changed: its state, who works on it. */
async function refresh() {
  try {
    study = { ...study, ...(await call("GET", `/studies/${id}`)) };
    patient();
  } catch {
    // The next action says what is wrong.
  }
}

function patient() {
  const who = study.patient_name || study.patient_id || study.code;
  const facts = [study.patient_name && study.patient_id, dicomDate(study.birth_date), study.sex, study.accession].filter(Boolean);
  one("#patient").replaceChildren(
    make("h2", { class: "name", dir: "auto", title: who }, who),
    make("span", { class: "small soft", dir: "auto" }, facts.join(" · ")),
    make("span", { class: "tag small", "data-state": study.state }, t(study.state)),
    make("span", { class: "small soft", dir: "auto" }, [dicomDate(study.study_date), study.description].filter(Boolean).join(" · ")),
  );
}

function thumbnails() {
  one("#thumbs").replaceChildren(...study.items.map((own, place) =>
    make("button", { type: "button", "data-image": own.id, onclick: () => show(own) },
      make("img", { src: address(`/images/${own.id}/thumbnail`), alt: "", width: "88", height: "66", loading: "lazy" }),
      make("span", {}, own.frames > 1 ? tn("{place}: {number} frame", "{place}: {number} frames", own.frames, { place: place + 1 }) : String(place + 1)),
    )));
}

function show(chosen) {
  viewer?.close();
  image = chosen;
  for (const button of all("[data-image]")) button.setAttribute("aria-current", String(button.dataset.image === image.id));
  one(".cine").classList.toggle("single", image.frames < 2);
  viewer = new Viewer(root, {
    image: { id: image.id, frames: image.frames, rate: image.frames_per_second, width: image.columns, height: image.rows, scales: scalesOf(image), reason: image.spacing_reason },
    url: (frame) => address(`/images/${image.id}/frames/${frame}`),
    marks: nodules.marksOf(image.id),
    words: viewerWords(),
  });
  facts();
  nodules.find(image.id, 0);
}

/** The finder looks in the frame at which the user stops, not in those that fly by. */
const look = calmly(() => !viewer.playing && nodules.find(image.id, viewer.frame), 600);
root.addEventListener("frame", () => {
  nodules.offer();
  if (!viewer.playing) look();
});

root.addEventListener("mark", (event) => nodules.heard(event.detail));
root.addEventListener("select", (event) => {
  const [kind, nodule] = event.detail.mark?.id.split(":") ?? [];
  if (kind === "view" && nodule !== nodules.chosen) nodules.choose(nodule);
});

function facts() {
  const spacing = image.spacing_mm
    ? t("{mm} mm per pixel", { mm: image.spacing_mm.map((side) => side.toFixed(3)).join(" × ") })
    : scalesOf(image).length ? t("The scale differs between the regions of this picture.") : t("Lengths in pixels: {reason}.", { reason: image.spacing_reason });
  one("#facts").replaceChildren(
    make("h3", {}, t("About this image")),
    make("p", {}, `${image.columns} × ${image.rows}, ${image.stored_as}${image.frames > 1 ? `, ${image.frames_per_second ?? "?"} /s` : ""}`),
    make("p", {}, spacing),
    ...image.notes.map((text) => make("p", {}, text)),
  );
}

addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=range]), textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const place = study?.items.findIndex((own) => own.id === image?.id) ?? -1;
  const acts = {
    "?": () => one("#keys-dialog").showModal(),
    v: () => one("[data-stage]").focus(),
    g: () => (one("#descriptors input:checked") ?? one("#descriptors input:not(:disabled)") ?? one("#panel button"))?.focus(),
    2: () => nodules.secondView(study.items),
    ...(event.target === document.body ? { Enter: () => nodules.accept() } : {}),
    PageDown: () => place >= 0 && place + 1 < study.items.length && show(study.items[place + 1]),
    PageUp: () => place > 0 && show(study.items[place - 1]),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});
one("#keys").addEventListener("click", () => one("#keys-dialog").showModal());
load().finally(() => one("#panel").removeAttribute("aria-busy"));
