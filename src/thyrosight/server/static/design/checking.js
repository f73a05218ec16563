// What stands in the way of opening: pictures are prepared in jobs, problems are named case by case, then the study opens.

import { call } from "../app/api.js";
import { make, note, one } from "../app/dom.js";
import { t, tn } from "../app/words.js";
import { look } from "./looking.js";

const LOOK_EVERY = 2000;
const form = one("#open-form");

export class Checking {
  constructor(page) {
    this.page = page;
    one("#prepare").addEventListener("click", () => page.act(async () => {
      this._show(await call("POST", `${page.base}/prepare`));
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      page.act(() => page.send("POST", "/open", {}), one(".note", form));
    });
  }

  draw(study) {
    one("#tab-check").hidden = study.state !== "draft";
    if (study.state !== "draft") clearTimeout(this.waiting);
  }

  async shown() {
    if (this.page.study().state !== "draft") return;
    await this.page.act(async () => this._show(await call("GET", `${this.page.base}/check`)));
  }

  /** Look again while pictures are being prepared. */
  _again() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      if (this.page.study().state !== "draft") return;
      const found = await call("GET", `${this.page.base}/check`).catch(() => null);
      if (found) this._show(found);
      else this._again();
    }, LOOK_EVERY);
  }

  _show(found) {
    const stops = found.problems.filter((own) => own.stops).length;
    one("#check-title").textContent = found.ready ? t("Nothing stands in the way of opening") : tn("Before opening: {number} point to settle", "Before opening: {number} points to settle", stops + (found.waiting ? 1 : 0));
    note(one("#waiting"), found.waiting ? t("Pictures being prepared: {number}. You may leave this page.", { number: found.waiting }) : "");
    one("#problems").replaceChildren(...found.problems.map((own) => make("li", { class: `note ${own.stops ? "bad" : "warn"}` },
      make("p", {}, own.sentence), this._where(own))));
    one("button.main", form).disabled = !found.ready;
    if (found.waiting) this._again();
  }

  /** Show a case as it is now: what was found in its pictures may have come since the page was loaded. */
  _look(code) {
    this.page.act(async () => {
      await this.page.load();
      look(this.page, this.page.study().cases.find((own) => own.code === code));
    });
  }

  /** The cases that a problem is about; a touch shows their pictures. */
  _where(problem) {
    const cases = this.page.study().cases.filter((own) => problem.cases.includes(own.code));
    if (!cases.length || !["pictures", "text", "model"].includes(problem.kind)) return null;
    return make("div", { class: "chips" }, cases.slice(0, 40).map((own) => make("button", { type: "button", onclick: () => this._look(own.code) }, own.key)));
  }
}
