// What is known of the cases, from a table that is pasted or opened: truth, its source, patient, role, model scores.

import { note, one } from "../app/dom.js";
import { t } from "../app/words.js";
import { parseTable, tableText } from "./table_text.js";

const dialog = one("#truth");
const form = one("form", dialog);
const TEXTS = ["label_source", "cluster", "role"];
const CASE = ["case", "case_id", "code", "key"];

export class Truth {
  constructor(page) {
    this.page = page;
    one("[data-close]", dialog).addEventListener("click", () => dialog.close());
    one("#truth-file").addEventListener("click", () => one("#truth-input").click());
    one("#truth-input").addEventListener("change", async (event) => {
      form.elements.table.value = (await event.target.files[0]?.text()) ?? "";
      event.target.value = "";
    });
    form.addEventListener("submit", (event) => this._write(event));
  }

  open() {
    form.reset();
    note(one(".note", form), "");
    const open = this.page.study().state === "open";
    one("#truth-reason").hidden = !open;
    form.elements.reason.required = open;
    const rows = this.page.study().cases.map((own) => [own.key, own.truth ?? "", own.label_source, own.cluster, own.role]);
    const table = new Blob([tableText([["case", "truth", "label_source", "cluster", "role"], ...rows])], { type: "text/csv" });
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(table);
    one("#truth-template").href = this.url;
    dialog.showModal();
  }

  async _write(event) {
    event.preventDefault();
    const place = one(".note", form);
    try {
      const rows = read(form.elements.table.value);
      const reason = form.elements.reason.value.trim();
      if (await this.page.act(() => this.page.send("PUT", "/truth", reason ? { rows, reason } : { rows }), place)) dialog.close();
    } catch (problem) {
      note(place, problem.message, "bad");
    }
  }
}

/** Rows as the interface takes them; an error says which row and column. */
export function read(text) {
  const [heading, ...lines] = parseTable(text.trim());
  if (!heading || !lines.length) throw new Error(t("The table is empty; paste a heading and at least one row."));
  const names = heading.map((name) => name.replace(/^\uFEFF/, "").toLowerCase());
  const key = names.findIndex((name) => CASE.includes(name));
  if (key < 0) throw new Error(t("The table has no column {name}.", { name: "case" }));
  return lines.map((cells, line) => row(names, cells, { key, line: line + 2, heading }));
}

function row(names, cells, { key, line, heading }) {
  const found = { case: cells[key] ?? "" };
  names.forEach((name, place) => {
    const cell = cells[place] ?? "";
    if (place === key || cell === "") return;
    if (name === "truth") found.truth = whole(cell, line);
    else if (TEXTS.includes(name)) found[name] = cell;
    else if (name.startsWith("model_")) (found.model_scores ??= {})[heading[place].slice(6)] = number(cell, line, heading[place]);
    else if (name.startsWith("fact_")) (found.facts ??= {})[name.slice(5)] = Number.isNaN(Number(cell)) ? cell : Number(cell);
    else throw new Error(t("The column {name} is not known.", { name: heading[place] }));
  });
  return found;
}

function whole(cell, line) {
  const words = { 1: 1, "1.0": 1, malignant: 1, yes: 1, 0: 0, "0.0": 0, benign: 0, no: 0 };
  const value = words[cell.toLowerCase()];
  if (value === undefined) throw new Error(t("Row {line}: the truth is 0 or 1, not {cell}.", { line, cell }));
  return value;
}

function number(cell, line, name) {
  const value = Number(cell);
  if (Number.isNaN(value)) throw new Error(t("Row {line}: {name} is a number, not {cell}.", { line, name, cell }));
  return value;
}

