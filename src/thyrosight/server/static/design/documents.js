// The texts of a study: protocol, instructions for readers, orders.

import { one } from "../app/dom.js";
import { t } from "../app/words.js";
import { ALL, Made, listOf } from "./made.js";

const TITLES = {
  "protocol.html": () => t("Protocol, as a page"), "protocol.docx": () => t("Protocol, for Word"), "protocol.yaml": () => t("Protocol, as it is read by the programme"),
  "instructions.html": () => t("Instructions for readers, as a page"), "instructions.docx": () => t("Instructions for readers, for Word"),
  "orders.csv": () => t("Who reads what, in which order"), [ALL]: () => t("All of them, as an archive"),
};

export class Documents {
  constructor(page) {
    this.made = new Made(page, { part: "documents", ...listOf(one("#documents")), waits: t("The documents are being written ..."), title: (file) => (TITLES[file] ? TITLES[file]() : null) });
  }

  draw() {}

  shown() {
    return this.made.shown();
  }
}
