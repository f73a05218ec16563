// Reports: a draft from what is locked, signed with the password, afterwards only addenda; sent to the archive.

import { address, call } from "./api.js";
import { make, note, one } from "./dom.js";
import { t, when } from "./words.js";

export class Reports {
  constructor({ study, changed }) {
    Object.assign(this, { study, changed });
    this.items = [];
    this.peers = [];
  }

  async load() {
    const place = one("#reports");
    try {
      this.items = await call("GET", `/studies/${this.study}/reports`);
    } catch (problem) {
      return place.replaceChildren(make("p", { class: "note bad" }, problem.message));
    }
    place.replaceChildren(
      make("h2", {}, t("Reports")),
      ...this.items.map((report) => this._report(report)),
      make("div", { class: "actions" },
        make("button", { type: "button", id: "draft", onclick: () => this._draft() }, this.items.some((own) => own.signed) ? t("Addendum") : t("Draft a report"))),
      make("p", { class: "note bad", role: "alert", id: "report-problem", hidden: true }),
    );
    return undefined;
  }

  async _draft() {
    try {
      await call("POST", `/studies/${this.study}/reports`, {});
      await this.load();
      this.changed();
    } catch (problem) {
      note(one("#report-problem"), problem.message, "bad");
    }
  }

  _report(report) {
    const signed = report.signed;
    const links = ["html", "pdf", "json", "fhir"].map((form) =>
      make("a", { href: address(`/reports/${report.id}.${form}`), target: "_blank", rel: "noopener" }, form.toUpperCase()));
    const says = signed
      ? t("Signed by {name}, {when}", { name: signed.display ?? signed.name, when: when(signed.at) })
      : t("Draft of {when}", { when: when(report.created_at) });
    return make("div", { class: "card" },
      make("p", {}, says),
      make("p", { class: "small" }, links.flatMap((link, place) => (place ? [" · ", link] : [link]))),
      ...(report.deliveries ?? []).map((own) => make("p", { class: "small soft" }, `${own.peer}: ${t(own.state)}${own.problem ? ` (${own.problem})` : ""}`)),
      signed ? this._sending(report) : this._signing(report));
  }

  _signing(report) {
    const problem = make("p", { class: "note bad", role: "alert", hidden: true });
    const password = make("input", { type: "password", autocomplete: "current-password", required: true });
    const form = make("form", { class: "fields" },
      make("input", { type: "text", autocomplete: "username", value: document.documentElement.dataset.user, hidden: true }),
      make("label", {}, t("Password, as your signature"), password),
      make("p", { class: "small soft" }, t("You sign that you have read the report and that it states your opinion.")),
      problem,
      make("div", { class: "actions" }, make("button", { class: "main" }, t("Sign"))));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await call("POST", `/reports/${report.id}/sign`, { password: password.value, version: report.version });
        await this.load();
        this.changed();
      } catch (failed) {
        note(problem, failed.message, "bad");
        password.select();
      }
    });
    return form;
  }

  _sending(report) {
    if (!this.peers.length) return null;
    const problem = make("p", { class: "note bad", role: "alert", hidden: true });
    const send = async (peer) => {
      try {
        await call("POST", `/reports/${report.id}/send`, { peer });
        await this.load();
      } catch (failed) {
        note(problem, failed.message, "bad");
      }
    };
    return make("div", { class: "fields" },
      make("div", { class: "actions" }, ...this.peers.map((peer) => make("button", { type: "button", onclick: () => send(peer.name) }, t("Send to {peer}", { peer: peer.title ?? peer.name })))),
      problem);
  }
}
