// A question before something that cannot be taken back, with a reason where the report is to print one.

import { note, one } from "../app/dom.js";

const dialog = one("#asking");
const form = one("form", dialog);
let doing = null;

/** @param {{title: string, what: string, yes: string, reason?: boolean}} words  @param {(reason: string) => Promise<void>} act */
export function ask({ title, what, yes, reason = true }, act) {
  doing = act;
  form.reset();
  one("#asking-title").textContent = title;
  one("#asking-what").textContent = what;
  one("#asking-yes").textContent = yes;
  one("#asking-label").hidden = !reason;
  form.elements.reason.required = reason;
  note(one(".note", form), "");
  dialog.showModal();
  if (!reason) one("[data-close]", dialog).focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await doing(form.elements.reason.value.trim());
    dialog.close();
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    note(one(".note", form), problem.message, "bad");
  }
});
one("[data-close]", dialog).addEventListener("click", () => dialog.close());
