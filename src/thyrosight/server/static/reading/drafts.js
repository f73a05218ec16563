// Answers on their way to the server, at every keystroke and one after the other: each save names the version that the
// one before left, so that two pages cannot overwrite each other unseen.

import { call } from "../app/api.js";

const AGAIN_AFTER = [500, 1000, 2000, 5000];

export class Draft {
  /**
   * @param {{id: string, version: number}} reading
   * @param {{page: string, answers: () => object, told: (state: "saving" | "saved" | "failed", message?: string) => void,
   *          overtaken: (answers: object) => void, gone: (problem: Error) => void}} page
   */
  constructor(reading, { page, answers, told, overtaken, gone }) {
    Object.assign(this, { id: reading.id, version: reading.version, page, answers, told, overtaken, gone });
    this.dirty = false;
    this.sending = null;
    this.closed = false;
    this.failures = 0;
  }

  /** Something was typed. */
  touch() {
    this.dirty = true;
    this.told("saving");
    this._begin();
  }

  /** Wait until all that was typed has arrived; whether it has. */
  async flush() {
    while (this.dirty && !this.closed) {
      this._begin();
      await this.sending;
      if (this.failures) return false;
    }
    await this.sending;
    return !this.dirty;
  }

  close() {
    this.closed = true;
    clearTimeout(this.waiting);
  }

  _begin() {
    this.sending ??= this._send().finally(() => (this.sending = null));
  }

  async _send() {
    while (this.dirty && !this.closed) {
      this.dirty = false;
      clearTimeout(this.waiting);
      try {
        const saved = await call("PUT", `/readings/${this.id}/draft`, { version: this.version, answers: this.answers(), page: this.page });
        this.version = saved.version;
        this.failures = 0;
        if (!this.dirty) this.told("saved");
      } catch (problem) {
        return this._failed(problem);
      }
    }
    return undefined;
  }

  _failed(problem) {
    if (this.closed) return;
    if (problem.status === 409 && problem.body.draft) {
      this.version = problem.body.version;
      this.overtaken(problem.body.draft);
    } else if (problem.status && problem.status < 500 && problem.status !== 429) {
      this.gone(problem);
    } else {
      // The server is away: what was typed stays on the page, and goes out as soon as the server is back.
      this.dirty = true;
      this.told("failed", problem.message);
      this.waiting = setTimeout(() => this._begin(), AGAIN_AFTER[Math.min(this.failures, AGAIN_AFTER.length - 1)]);
      this.failures += 1;
    }
  }
}
