// Reports: a draft from what is locked, with words of the author's own; signed with the password, afterwards only
// addenda; sent to the archives that the workstation knows.

import { address, call } from "./api.js";
import { calmly, make, note, one } from "./dom.js";
import { sentName, t, when } from "./words.js";

const FORMS = ["html", "pdf", "json", "fhir"];

export class Reports {
  constructor({ study, changed }) {
    Object.assign(this, { study, changed });
    this.items = [];
    this.peers = [];
    this.allowed = document.documentElement.dataset.roles.split(" ").includes("clinician");
  }

  async load() {
    if (!this.allowed) return;
    try {
      [this.items, this.peers] = await Promise.all([call("GET", `/studies/${this.study}/reports`), call("GET", "/peers")]);
    } catch (problem) {
      one("#reports").replaceChildren(make("p", { class: "note bad", role: "alert" }, problem.message));
      return;
    }
    const drafted = this.items.some((own) => own.state === "draft");
    const label = drafted ? t("Draft anew") : this.items.length ? t("Addendum") : t("Draft a report");
    one("#reports").replaceChildren(
      make("div", { class: "title-row" }, make("h2", {}, t("Reports")), make("button", { type: "button", id: "draft", onclick: () => this._draft() }, label)),
      make("p", { class: "note bad", role: "alert", id: "report-problem", hidden: true }),
      ...this.items.map((report) => this._card(report)),
    );
  }

  async _try(act, place = one("#report-problem")) {
    try {
      await act();
    } catch (problem) {
      note(place, problem.message, "bad");
      return false;
    }
    await this.load();
    this.changed();
    return true;
  }

  /** Once every nodule is judged the first draft stands there by itself, and the signature is next: that much less to do. */
  async offer() {
    if (this.allowed && !this.items.length) await this._draft("[name=password]");
  }

  async _draft(next = "textarea") {
    if (await this._try(() => call("POST", `/studies/${this.study}/reports`))) one(`#reports ${next}`)?.focus();
  }

  _card(report) {
    const says = report.signed
      ? t("Signed by {name}, {when}", { name: report.signed.name, when: when(report.signed.at) })
      : t("Draft of {when}", { when: when(report.created_at) });
    const links = FORMS.map((form) =>
      make("a", { href: address(`/reports/${report.id}.${form}`), target: "_blank", rel: "noopener" }, form.toUpperCase()));
    const language = one("#report-languages").content.querySelector(`[value=${report.language}]`).textContent;
    const title = report.supersedes ? t("Addendum {number}, {language}", { number: report.number, language }) : t("Report {number}, {language}", { number: report.number, language });
    return make("div", { class: "card", "data-report": report.state },
      make("h3", {}, title),
      make("p", {}, says),
      make("p", { class: "small" }, links.flatMap((link, place) => (place ? [" · ", link] : [link]))),
      report.signed ? this._sending(report) : this._draftForm(report));
  }

  _draftForm(report) {
    const problem = make("p", { class: "note bad", role: "alert", hidden: true });
    const [findings, conclusion] = ["findings", "conclusion"].map((name) => make("textarea", { name, maxlength: "20000", dir: "auto" }));
    findings.value = report.findings;
    conclusion.value = report.conclusion;
    // One after the other: each needs the version that the one before left.
    let last = Promise.resolve();
    const keep = () => (last = last.catch(() => {}).then(async () => {
      const body = { version: report.version, findings: findings.value, conclusion: conclusion.value, language: own.value };
      Object.assign(report, await call("PATCH", `/reports/${report.id}`, body));
    }));
    const own = make("select", { name: "language" }, [...one("#report-languages").content.cloneNode(true).children]);
    own.value = report.language;
    own.addEventListener("change", () => later());
    let signing = false;
    const later = calmly(() => form.isConnected && !signing && keep().catch((failed) => note(problem, failed.message, "bad")), 800);
    const password = make("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
    const sign = (peer) => this._try(async () => {
      signing = true;
      await keep();
      await call("POST", `/reports/${report.id}/sign`, { password: password.value, version: report.version });
      if (peer) await call("POST", `/reports/${report.id}/send`, { peer: peer.name });
    }, problem).then((done) => (signing = done));
    const form = make("form", { class: "fields" },
      make("label", {}, t("Language of the report"), own),
      make("label", {}, t("Findings in your words"), findings),
      make("label", {}, t("Conclusion"), conclusion),
      make("input", { type: "text", autocomplete: "username", value: document.documentElement.dataset.user, hidden: true }),
      make("label", {}, t("Password, as your signature"), password),
      make("p", { class: "small soft" }, t("You sign that you have read the report and that it states your opinion.")),
      problem,
      make("div", { class: "actions" },
        ...this.peers.map((peer) => make("button", { type: "button", onclick: () => form.reportValidity() && sign(peer) }, t("Sign and send to {peer}", { peer: peer.title }))),
        make("button", { class: "main" }, t("Sign"))));
    for (const field of [findings, conclusion]) {
      field.addEventListener("input", later);
      field.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && password.focus());
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sign(null);
    });
    return form;
  }

  _sending(report) {
    const problem = make("p", { class: "note bad", role: "alert", hidden: true });
    const rows = report.deliveries.map((own) =>
      make("li", {}, [`${own.peer}, ${sentName(own.kind)}: ${t(own.state)}`, own.problem].filter(Boolean).join(" · ")));
    const send = (peer) => this._try(() => call("POST", `/reports/${report.id}/send`, { peer: peer.name }), problem);
    const waits = report.deliveries.some((own) => own.state === "waiting");
    if (waits) setTimeout(() => this.load(), 4000);
    return make("div", { class: "fields" },
      rows.length ? make("ul", { class: "small soft plain" }, rows) : null,
      make("div", { class: "actions" }, ...this.peers.map((peer) => make("button", { type: "button", onclick: () => send(peer) }, t("Send to {peer}", { peer: peer.title })))),
      problem);
  }
}
