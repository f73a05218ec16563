// Uploads in parts: a part that was lost on the way is sent again from where the workstation has it.

import { Problem, call, put } from "./api.js";
import { make, one } from "./dom.js";
import { bytes, t } from "./words.js";

const PART = 8 * 1024 * 1024;
const TRIES = 6;

const pause = (wait) => new Promise((done) => setTimeout(done, wait));

/** Send one file; `progress` hears the bytes that have arrived. Resolves to the upload as it ended. */
export async function upload(file, { study = null, progress = () => {} } = {}) {
  if (!file.size) throw new Problem(0, t("The file is empty; choose another file."));
  const body = { name: file.name, size: file.size };
  if (study) body.study_id = study;
  let state = await call("POST", "/uploads", body);
  let failures = 0;
  // Also where every byte has arrived and only the answer was lost: an empty request has the file taken in.
  while (state.state === "open") {
    const from = state.offset;
    const part = file.slice(from, Math.min(file.size, from + PART));
    const range = part.size ? `${from}-${from + part.size - 1}` : "*";
    const headers = { "Content-Range": `bytes ${range}/${file.size}` };
    try {
      state = await put(`/uploads/${state.id}`, part, { headers, progress: (sent) => progress(from + sent) });
      failures = 0;
    } catch (problem) {
      if (!(problem instanceof Problem) || ![0, 409, 429, 502, 503, 504].includes(problem.status) || ++failures > TRIES) throw problem;
      await pause(400 * 2 ** failures);
      state = await call("GET", `/uploads/${state.id}`);
    }
  }
  if (state.job_id) state = await taken(state);
  return state;
}

/** Wait until an archive has been taken in. */
async function taken(state) {
  for (;;) {
    const job = await call("GET", `/jobs/${state.job_id}?wait=2`);
    if (!["waiting", "running"].includes(job.state)) return call("GET", `/uploads/${state.id}`);
  }
}

/** Send files one after the other and show each; `done` hears when one has been taken in. */
export async function uploadAll(files, place, { study = null, done = () => {} } = {}) {
  place.hidden = false;
  // All room is taken at once, so that nothing below moves while files come in.
  const clear = one(".clear", place) ?? clearing(place);
  clear.disabled = true;
  const items = [...files].map((file) => ({ file, ...row(file) }));
  place.prepend(clear, ...items.map((item) => item.element));
  for (const item of items) {
    try {
      const state = await upload(item.file, { study, progress: (sent) => (item.bar.value = sent) });
      item.bar.classList.add("over");
      const refused = state.refused.map((one) => `${one.name}: ${one.reason}`);
      item.says.textContent = [t("Images taken in: {number}", { number: state.images.length }), ...refused].join(" · ");
      if (refused.length) item.says.className = "small";
      done(state);
    } catch (problem) {
      item.bar.classList.add("over");
      item.says.textContent = problem.message;
      item.element.classList.add("bad");
    }
  }
  clear.disabled = false;
}

function clearing(place) {
  return make("button", { class: "clear plain", type: "button", onclick: () => { place.replaceChildren(); place.hidden = true; } }, t("Clear the list"));
}

function row(file) {
  const bar = make("progress", { "aria-label": file.name, dir: "auto" });
  bar.max = file.size;
  bar.value = 0;
  const says = make("span", { class: "small soft", role: "status" }, bytes(file.size));
  const element = make("div", { class: "item note" }, make("span", { class: "name", dir: "auto", title: file.name }, file.name), says, bar);
  return { bar, says, element };
}

/** Files that are dropped anywhere on the page. */
export function onDrop(take) {
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => carries(event) && (++depth, document.body.classList.add("dropping")));
  addEventListener("dragleave", (event) => carries(event) && --depth <= 0 && document.body.classList.remove("dropping"));
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    document.body.classList.remove("dropping");
    take([...event.dataTransfer.files]);
  });
}
