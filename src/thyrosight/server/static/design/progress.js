// How far each reader is, and how long a case takes; no answer of a reader is shown before the study is closed.

import { call } from "../app/api.js";
import { make, one } from "../app/dom.js";
import { t, when } from "../app/words.js";

export class Progress {
  constructor(page) {
    this.page = page;
  }

  draw(study) {
    one("#progress-empty").hidden = study.state !== "draft";
    if (study.state === "draft") one("#progress-rows").replaceChildren();
  }

  async shown() {
    if (this.page.study().state === "draft") return;
    await this.page.act(async () => {
      const found = await call("GET", `${this.page.base}/progress`);
      one("#progress-rows").replaceChildren(...found.readers.flatMap((reader) => reader.sessions.map((session, place) => row(reader, session, place))));
    });
  }
}

function row(reader, session, place) {
  const first = place === 0;
  return make("tr", { class: reader.removed_at ? "soft" : "" },
    first ? make("th", { scope: "rowgroup", rowspan: String(reader.sessions.length) }, make("span", { class: "name", dir: "auto", title: reader.display }, reader.display), make("span", { class: "below" }, [reader.code, reader.group].filter(Boolean).join(" · "))) : null,
    make("td", {}, String(session.number)),
    make("td", {}, session.arm || t("mixed")),
    make("td", {}, make("span", { class: "read" }, make("progress", { max: String(Math.max(1, session.total)), value: String(session.locked), "aria-label": t("Cases read") }), t("{locked} of {total}", { locked: session.locked, total: session.total }))),
    make("td", { class: "number" }, session.median_seconds === null ? "–" : t("{seconds} s", { seconds: session.median_seconds.toFixed(0) })),
    make("td", {}, state(reader, session)));
}

function state(reader, session) {
  if (reader.removed_at) return t("left: {reason}", { reason: reader.removed_for });
  if (session.ended_at) return t("complete since {date}", { date: when(session.ended_at) });
  if (session.earliest && Date.parse(session.earliest) > Date.now()) return t("opens {date}", { date: when(session.earliest) });
  return session.opened ? t("reading") : t("not begun");
}
