// A case's pictures as readers see them, with what looks like text that is left; it is cleared here once somebody looked.

import { address } from "../app/api.js";
import { make, note, one } from "../app/dom.js";
import { partName, t, tn } from "../app/words.js";

const dialog = one("#looking");
const form = one("form", dialog);
let clearing = null;

export function look(page, own) {
  const found = own.views.some((view) => view.text?.length);
  form.reset();
  note(one(".note", form), "");
  one("#looking-title").textContent = own.key;
  one("#looked").replaceChildren(...own.views.map((view, place) => shown(page, own, view, place + 1)));
  one("#looking-what").textContent = [
    own.views.map((view) => `${view.study_code}, ${view.columns} × ${view.rows}${view.loop ? `, ${tn("{number} frame", "{number} frames", view.frames)}` : ""}`).join(" · "),
    found && !own.cleared ? t("What looks like text is framed. Is it a name or a number of a patient, take the case out.") : "",
    own.cleared ? t("Cleared: {reason}", { reason: own.cleared }) : "",
    ...own.views.map((view) => view.problem || view.refusal),
  ].filter(Boolean).join(" ");
  const open = found && !own.cleared && page.study().state === "draft";
  one("#clear-reason").hidden = one("#clear").hidden = !open;
  form.elements.reason.required = open;
  clearing = async () => {
    const reason = form.elements.reason.value.trim();
    if (await page.act(() => page.send("POST", `/cases/${own.id}/cleared`, { reason }, { versioned: false }), one(".note", form))) dialog.close();
  };
  dialog.showModal();
}

/** A picture with frames around text and nodule; a canvas, since a page's policy allows no positions in markup. */
function shown(page, own, view, place) {
  const canvas = make("canvas", { role: "img", "aria-label": t("Picture {number}", { number: place }) });
  [canvas.width, canvas.height] = [view.columns, view.rows];
  const image = new Image();
  image.src = address(`${page.base}/cases/${own.id}/images/${place}/frames/${view.loop ? view.frame : 0}`);
  image.addEventListener("load", () => {
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    pen.lineWidth = Math.max(1, view.columns / 400);
    const frame = ([left, top, right, bottom], colour) => {
      pen.strokeStyle = colour;
      pen.strokeRect(left, top, right - left, bottom - top);
    };
    const style = getComputedStyle(document.documentElement);
    if (view.box) frame(view.box, style.getPropertyValue("--mark-own"));
    for (const box of view.text ?? []) frame(box, style.getPropertyValue("--warn"));
  });
  return make("figure", {}, canvas, view.part ? make("figcaption", { class: "small soft" }, partName(view.part)) : null);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearing?.();
});
one("[data-close]", dialog).addEventListener("click", () => dialog.close());
