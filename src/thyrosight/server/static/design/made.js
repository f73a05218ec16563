// Files that a job makes: asked for, waited for, and then a list to open or keep.

import { address, call } from "../app/api.js";
import { make, note, one } from "../app/dom.js";
import { t } from "../app/words.js";

const LOOK_EVERY = 1500;
/** All files together, which the server makes of what there is. */
export const ALL = "all.zip";

export class Made {
  /**
   * @param {object} page of the study
   * @param {{part: string, button: HTMLElement, note: HTMLElement, list: HTMLElement, waits: string,
   *          body?: object, title: (file: string) => string | null}} options `part` of the address, `body` of what is
   *   asked; `title` of a file, null leaves it out
   */
  constructor(page, options) {
    Object.assign(this, { page, ...options });
    this.button.addEventListener("click", () => this._ask("POST"));
  }

  /** Show what there is. */
  shown() {
    return this._ask("GET");
  }

  async _ask(method) {
    clearTimeout(this.waiting);
    try {
      this._show(await call(method, `${this.page.base}/${this.part}`, method === "POST" ? this.body : undefined));
    } catch (problem) {
      note(this.note, problem.message, "bad");
    }
  }

  _show(found) {
    const busy = ["waiting", "running"].includes(found.state);
    this.button.disabled = busy;
    note(this.note, busy ? this.waits : found.state === "failed" ? found.problem : "", busy ? "" : "bad");
    this.list.replaceChildren(...(found.files.length ? [...found.files, ALL] : []).map((file) => this._file(file)).filter(Boolean));
    if (busy) this.waiting = setTimeout(() => this._ask("GET"), LOOK_EVERY);
  }

  _file(file) {
    const title = this.title(file);
    if (!title) return null;
    const url = address(`${this.page.base}/${this.part}/${file}`);
    const page = file.endsWith(".html");
    const link = make("a", page ? { href: `${url}?show=true`, target: "_blank", rel: "noopener" } : { href: url, download: file }, title);
    return make("li", {}, link, make("span", { class: "small soft" }, ` ${file} `), page ? make("a", { class: "small", href: url, download: file }, t("keep it")) : null);
  }
}

/** The list of files in a section, made once. */
export const listOf = (section) => ({ button: one("button", section), note: one("[role=status]", section), list: one("ul", section) });
