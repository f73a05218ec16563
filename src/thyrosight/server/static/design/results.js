// What was read, as tables for other programs and as the report of the analysis.

import { address, call } from "../app/api.js";
import { make, one } from "../app/dom.js";
import { language, t } from "../app/words.js";
import { ALL, Made, listOf } from "./made.js";

const TABLES = [
  ["readings", () => t("All readings, one row each")], ["lesions", () => t("Lesions of the cases, for marks")],
  ["imrmc", () => t("Main question, for iMRMC")], ["mrmcaov", () => t("Main question, for MRMCaov")],
];
/** Of the many files of a report the pages; everything together is one more file. */
const titleOf = (file) => (file === ALL ? t("Report with all its tables, as an archive") : /^[^/]+\.html$/.test(file) ? t("Report, as a page") : null);
const spent = (minutes) => (minutes < 60 ? t("{minutes} min", { minutes: minutes.toFixed(0) }) : t("{hours} h", { hours: (minutes / 60).toFixed(1) }));

export class Results {
  constructor(page) {
    this.page = page;
    this.made = new Made(page, {
      part: "results", body: { language }, ...listOf(one("#report")), waits: t("The readings are being analysed; this takes a minute or two. You may leave this page."),
      title: titleOf,
    });
  }

  draw(study) {
    const draft = study.state === "draft";
    one("#results-empty").hidden = !draft;
    for (const card of ["#complete", "#report"]) one(card).closest("section.card").hidden = draft;
    one("#results-early").hidden = one("#report-later").hidden = study.state !== "open";
    one("#report button").hidden = study.state !== "closed";
    one("#exports").replaceChildren(...TABLES.map(([form, title]) => make("li", {},
      make("a", { href: address(`${this.page.base}/export?form=${form}`), download: `${form}.csv` }, title()), make("span", { class: "small soft" }, ` ${form}.csv`))));
  }

  async shown() {
    if (this.page.study().state === "draft") return;
    await this.page.act(async () => {
      const found = await call("GET", `${this.page.base}/progress`);
      const sessions = found.readers.flatMap((reader) => reader.sessions);
      const whole = sessions.filter((own) => own.ended_at).length;
      const facts = [
        [t("Readings"), t("{locked} of {total}", found)], [t("Sessions complete"), t("{locked} of {total}", { locked: whole, total: sessions.length })],
        [t("Cases withdrawn"), String(found.withdrawn)], [t("Time of reading"), spent(sessions.reduce((sum, own) => sum + own.active_minutes, 0))],
      ];
      one("#complete").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", { class: "soft" }, name), make("dd", {}, value)]));
      await this.made.shown();
    });
  }
}
