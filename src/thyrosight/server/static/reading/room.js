// The reading room: one case after the other, until the session has ended. What was typed is on the server at every
// keystroke, so that a reader goes on where he or she was, after a crash or on another computer.

import "../app/page.js";
import { call } from "../app/api.js";
import { one } from "../app/dom.js";
import { identifier } from "../app/random.js";
import { t, tn } from "../app/words.js";
import { Case, say } from "./case.js";
import * as curtain from "./curtain.js";
import { instruct } from "./instructions.js";
import { actOn } from "./keys.js";
import { Panes } from "./panes.js";
import { onlyHere } from "./tabs.js";
import { Telling } from "./telling.js";

const study = one("main").dataset.study;
const page = identifier();
const telling = new Telling({ page });
const panes = new Panes({ place: one("#panes"), tools: one("#tools"), heard: (detail, image) => desk?.heard(detail, image) });
let desk = null;
let lockKey = null;
let session = 0;
let busy = false;
let where = { unlocked: [], locked: 0, total: 0 };

/** Lay a case on the desk: the one in the address, or the next one that is not locked. */
async function arrive() {
  try {
    where = await call("GET", `/reading/${study}/next`);
    const wanted = location.hash.slice(1) || where.task;
    if (where.state !== "task" || !wanted) return finish();
    if (!location.hash && !where.locked && !where.unlocked.length) return greet();
    const task = await call("GET", `/reading/tasks/${wanted}`).catch((problem) => {
      if (wanted === where.task || ![404, 409, 422].includes(problem.status)) throw problem;
      return call("GET", `/reading/tasks/${where.task}`);
    });
    return lay(task);
  } catch (problem) {
    return refuse(problem);
  }
}

/** Before the first case of a session: nothing is opened, and no time is counted, until the reader says so. */
async function greet() {
  const own = (await call("GET", "/reading")).find((one) => one.id === study);
  if (own) session = own.session;
  return curtain.begin(own ?? { title: t("Reading room"), session: 1, sessions: 1, ...where }, { begin: () => open(where.task), instruct: () => instruct(study) });
}

function refuse(problem) {
  leave();
  curtain.failed(problem.message, [0, 500, 502, 503].includes(problem.status) ? () => arrive() : null);
}

function finish() {
  leave();
  history.replaceState(null, "", location.pathname);
  if (where.state === "waiting") curtain.waiting(where);
  else curtain.ended();
}

function leave() {
  desk?.close();
  telling.about(null);
  panes.close();
  desk = null;
}

async function open(id) {
  try {
    await lay(await call("GET", `/reading/tasks/${id}`));
  } catch (problem) {
    refuse(problem);
  }
}

/** Show a case as the server tells it. What was locked and not yet revealed is revealed now. */
async function lay(task) {
  if (task.reading.locked && (task.next === "reveal" || (task.next === "feedback" && !task.feedback))) {
    return lay(await call("POST", `/readings/${task.reading.id}/reveal`));
  }
  leave();
  session = task.session;
  lockKey = identifier();
  history.replaceState(null, "", `#${task.id}`);
  desk = new Case(task, { page, panes, whole: () => one("#lock").focus(), overtaken, gone });
  describe(task);
  say("");
  if (task.paused) return curtain.paused(resume);
  curtain.uncover();
  desk.showPictures();
  if (!task.reading.locked) telling.about(task.reading.id);
  one("#ask").scrollTop = 0;
  desk.focus();
  if (task.model || task.feedback) one("#ask").scrollTop = task.feedback ? one("#ask").scrollHeight : 0;
  return undefined;
}

function describe(task) {
  one("#place").textContent = t("Case {number}", { number: task.number });
  const progress = one("#progress");
  [progress.max, progress.value] = [Math.max(1, where.total), where.locked];
  one("#read").textContent = tn("{locked} of {total} read", "{locked} of {total} read", where.total, where);
  const others = where.unlocked.filter((own) => own.task !== task.id);
  one("#back").disabled = !others.some((own) => own.number < task.number);
  one("#forth").disabled = false;
}

/** The next case that is not locked, behind `after`. */
async function goOn(after) {
  where = await call("GET", `/reading/${study}/next${after ? `?after=${after}` : ""}`);
  if (where.state !== "task" || !where.task) return finish();
  const own = (await call("GET", "/reading")).find((one) => one.id === study);
  if (own && own.session !== session) {
    leave();
    return greet();
  }
  return lay(await call("GET", `/reading/tasks/${where.task}`));
}

/** One act at a time: a key that is pressed twice locks once. */
async function once(act) {
  if (busy || curtain.covered()) return;
  busy = true;
  one("#lock").setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    if (problem.status === 404) return refuse(problem); // the study was closed, or the reader left it
    say(problem.message, "bad");
  } finally {
    busy = false;
    one("#lock").removeAttribute("aria-busy");
  }
  return undefined;
}

async function lock() {
  const { task } = desk;
  if (task.reading.locked) return goOn(task.id);
  const missing = desk.questions.complain();
  if (missing) return say(missing);
  if (!(await desk.draft.flush())) return undefined;
  const body = { key: lockKey, version: desk.draft.version, protocol_version: task.reading.protocol_version, answers: desk.questions.answers };
  try {
    const locked = await call("POST", `/readings/${task.reading.id}/lock`, body);
    telling.about(null);
    if (locked.next === "task") return goOn(task.id);
    if (locked.next === "feedback") where.locked += 1;
    return lay(await call("POST", `/readings/${task.reading.id}/reveal`));
  } catch (problem) {
    if (problem.status !== 409) throw problem;
    return settle(problem);
  }
}

/** Another page or an amendment was faster: show what holds now, and say so. */
async function settle(problem) {
  const { task } = desk;
  const now = await call("GET", `/reading/tasks/${task.id}`).catch(() => null);
  if (now) await lay(now);
  else await goOn(task.id);
  say(problem.message);
}

function overtaken() {
  say(t("Another page has changed these answers meanwhile; you see the newer ones."));
}

const gone = (problem) => once(() => settle(problem));

async function step(forth) {
  const { task } = desk;
  if (!(await desk.draft.flush())) return undefined;
  if (forth) return goOn(task.id);
  where = await call("GET", `/reading/${study}/next`);
  const before = where.unlocked.filter((own) => own.number < task.number).at(-1);
  return before ? lay(await call("GET", `/reading/tasks/${before.task}`)) : undefined;
}

async function pause() {
  if (desk.task.reading.locked || !(await desk.draft.flush())) return;
  await call("POST", `/reading/tasks/${desk.task.id}/pause`);
  desk.close();
  panes.close();
  telling.about(null);
  curtain.paused(resume);
}

async function resume() {
  try {
    await lay(await call("POST", `/reading/tasks/${location.hash.slice(1)}/resume`));
  } catch (problem) {
    refuse(problem);
  }
}

const acts = {
  lock: () => once(lock), back: () => once(() => step(false)), forth: () => once(() => step(true)), pause: () => once(pause),
  keys: () => one("#keys-dialog").showModal(), instructions: () => instruct(study),
};
for (const [name, act] of Object.entries(acts)) one(`#${name}`).addEventListener("click", act);
one("#questions").addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => actOn(event, { acts, panes, desk: () => desk, covered: curtain.covered, resume }));

onlyHere(`thyrosight-reading-${study}`, { begin: arrive, give: () => { leave(); curtain.elsewhere(() => location.reload()); } });
