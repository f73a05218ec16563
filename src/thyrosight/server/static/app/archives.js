// Studies of an archive: searched by number, name or date, and fetched while the page goes on.

import { call } from "./api.js";
import { make, note, one } from "./dom.js";
import { dicomDate, t } from "./words.js";

const dialog = one("#archive");
const form = one("form", dialog);
const says = one("#archive-note");

/** Make the button ask the archives; `fetched` hears when a study has come. */
export async function offerArchives(fetched) {
  const peers = (await call("GET", "/peers").catch(() => [])).filter((peer) => peer.query);
  const button = one("#fetch");
  form.elements.peer.replaceChildren(...peers.map((peer) => make("option", { value: peer.name, dir: "auto" }, peer.title)));
  button.addEventListener("click", () => dialog.showModal());
  one("[data-close]", dialog).addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(fetched);
  });
}

async function search(fetched) {
  const query = new URLSearchParams();
  for (const name of ["peer", "patient_id", "patient_name", "accession"]) {
    const text = form.elements[name].value.trim();
    if (text) query.set(name, text);
  }
  const [since, until] = ["since", "until"].map((name) => form.elements[name].value.replaceAll("-", ""));
  if (since || until) query.set("study_date", `${since || "19000101"}-${until || "29991231"}`);
  note(says, t("The archive is asked ..."));
  try {
    const found = await call("GET", `/imports/dicomweb?${query}`);
    one("#archived").hidden = !found.length;
    one("#archived tbody").replaceChildren(...found.map((study) => row(study, fetched)));
    note(says, found.length ? t("Studies found: {number}", { number: found.length }) : t("The archive has no ultrasound study like this."));
  } catch (problem) {
    note(says, problem.message, "bad");
  }
}

function row(study, fetched) {
  const button = make("button", { type: "button" }, t("Fetch"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = t("Fetching ...");
    try {
      let job = await call("POST", "/imports/dicomweb", { peer: form.elements.peer.value, study_uid: study.study_uid });
      while (["waiting", "running"].includes(job.state)) job = await call("GET", `/jobs/${job.id}?wait=5`);
      if (job.state !== "done") throw new Error(job.problem);
      button.textContent = t("Fetched");
      fetched();
    } catch (problem) {
      button.textContent = t("Fetch");
      button.disabled = false;
      note(says, problem.message, "bad");
    }
  });
  return make("tr", {},
    make("th", { scope: "row" }, make("span", { class: "name", dir: "auto" }, study.patient_name || study.patient_id), make("span", { class: "below" }, study.patient_id)),
    make("td", {}, dicomDate(study.study_date)),
    make("td", {}, make("span", { class: "name", dir: "auto" }, study.description)),
    make("td", { class: "number" }, study.instances),
    make("td", {}, button));
}
