// What readers are told before they begin; it can be read again at any time.

import { call } from "../app/api.js";
import { make, one } from "../app/dom.js";

const dialog = one("#instructions-dialog");
let asked = null;

/** Show the instructions of a study. */
export async function instruct(study) {
  dialog.showModal();
  asked ??= call("GET", `/reading/${study}/instructions`);
  try {
    const { lead, parts } = await asked;
    one("#instructions-text").replaceChildren(make("p", { dir: "auto" }, lead), ...parts.flatMap((part) => [
      make("h3", {}, part.title), ...part.paragraphs.map((text) => make("p", { dir: "auto" }, text)),
      part.items.length ? make("ol", {}, part.items.map((text) => make("li", { dir: "auto" }, text))) : null,
    ]).filter(Boolean));
  } catch (problem) {
    asked = null;
    one("#instructions-text").replaceChildren(make("p", { class: "note bad", role: "alert" }, problem.message));
  }
}
