// The studies in which the user reads.

import "../app/page.js";
import { call, prefix } from "../app/api.js";
import { make, note, one } from "../app/dom.js";
import { t, tn, when } from "../app/words.js";

async function load() {
  try {
    const studies = await call("GET", "/reading");
    one("#studies").replaceChildren(...studies.map(card));
    one("#empty").hidden = studies.length > 0;
    one("#studies a")?.focus();
  } catch (problem) {
    one("#studies").replaceChildren();
    note(one("#problem"), problem.message, "bad");
  }
}

function card(study) {
  const open = study.state === "open";
  const says = {
    open: study.locked ? tn("{locked} of {total} read", "{locked} of {total} read", study.total, study) : t("Cases in this session: {total}.", study),
    waiting: t("Opens on {date}.", { date: when(study.earliest) }),
    ended: t("All cases are read. Thank you."),
  }[study.state];
  return make("article", { class: "card" },
    make("h2", { dir: "auto" }, study.title),
    make("p", { class: "soft" }, [study.sessions > 1 ? t("Session {session} of {sessions}.", study) : "", says].filter(Boolean).join(" ")),
    make("progress", { max: String(Math.max(1, study.total)), value: String(study.state === "ended" ? Math.max(1, study.total) : study.locked), "aria-label": t("Cases read") }),
    open ? make("div", { class: "actions" }, make("a", { class: "button main", href: `${prefix}/reading/${study.id}` }, study.locked ? t("Go on") : t("Begin"))) : null);
}

load();
