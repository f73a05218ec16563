// What covers the desk: before the first case, in a pause, at the end, in the days of washout, and in a second tab.

import { prefix } from "../app/api.js";
import { make, one } from "../app/dom.js";
import { t, tn, when } from "../app/words.js";

const place = one("#curtain");

/** Draw the curtain: a title, sentences, and a button that has the keys. */
export function cover(title, sentences, { button = null, act = null, kind = "", beside = null } = {}) {
  const main = button ? make("button", { type: "button", class: "main", onclick: act }, button) : make("a", { class: "button", href: `${prefix}/reading` }, t("To my studies"));
  place.dataset.kind = kind;
  place.replaceChildren(make("div", { class: "card" }, make("h2", { dir: "auto" }, title), ...sentences.filter(Boolean).map((text) => make("p", {}, text)), make("div", { class: "actions" }, beside, main)));
  place.hidden = false;
  for (const part of ["#viewing", "#panel"]) one(part).inert = true;
  main.focus();
}

export function uncover() {
  place.hidden = true;
  for (const part of ["#viewing", "#panel"]) {
    one(part).inert = false;
    one(part).removeAttribute("aria-busy"); // behind the curtain the first case is put together
  }
}

export const covered = () => !place.hidden;

export const begin = ({ title, session, sessions, locked, total }, { begin: act, instruct }) => cover(title, [
  sessions > 1 ? t("Session {session} of {sessions}.", { session, sessions }) : "",
  locked ? tn("{locked} of {total} read", "{locked} of {total} read", total, { locked, total }) : t("Cases in this session: {total}.", { total }),
  t("Judge each case on its own, and lock your answers. What is locked no longer changes. You may pause at any time; everything that you type is kept."),
  t("Everything works by keys and by touch; ? shows the keys."),
], { button: locked ? t("Go on") : t("Begin"), act, kind: "begin", beside: make("button", { type: "button", onclick: instruct }, t("Instructions")) });

export const paused = (act) => cover(t("Paused"), [t("No time is counted, and no picture is shown.")], { button: t("Go on"), act, kind: "paused" });

export const waiting = ({ earliest }) => cover(t("This session is complete"), [
  t("Thank you. The next session opens on {date} at the earliest.", { date: when(earliest) }),
  t("The time in between belongs to the study: the cases are to be forgotten."),
], { kind: "waiting" });

export const ended = () => cover(t("All cases are read"), [t("Thank you. Every case of this study is locked; nothing is left to do.")], { kind: "ended" });

export const elsewhere = (act) => cover(t("Open in another tab"), [
  t("You read this study in another tab of this browser. One tab at a time, so that no answer is lost."),
], { button: t("Read here instead"), act, kind: "elsewhere" });

export const failed = (message, act) => cover(t("The reading room is closed"), [message], { button: act ? t("Try again") : null, act, kind: "failed" });
