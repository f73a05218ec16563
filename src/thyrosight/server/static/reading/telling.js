// What happens on the page, told to the server, which computes the time of a reading from when it hears of it: that the
// page was opened, touched, left alone, hidden and shown again. Here time is what passes: the clock of the computer may
// be set while somebody reads.

import { call } from "../app/api.js";

const TOUCHED_EVERY = 10_000;
const IDLE_AFTER = 60_000;

export class Telling {
  /** @param {{page: string}} page a name that this page has drawn for itself */
  constructor({ page }) {
    this.page = page;
    this.reading = null;
    this.touched = 0;
    for (const sign of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      addEventListener(sign, () => this._touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => this._tell(document.visibilityState === "hidden" ? "hidden" : "shown"));
    addEventListener("pagehide", () => this._tell("hidden"));
    addEventListener("pageshow", (event) => event.persisted && this._tell("shown"));
    setInterval(() => this._look(), 5_000);
  }

  /** From now on everything is about this reading; null while none is open. */
  about(reading) {
    this.reading = reading;
    this.idle = false;
    this.touched = performance.now();
    if (!reading) return;
    this._tell("opened");
    if (document.visibilityState === "hidden") this._tell("hidden");
  }

  _touch() {
    const now = performance.now();
    if (!this.reading || (now - this.touched < TOUCHED_EVERY && !this.idle)) return void (this.last = now);
    [this.touched, this.last, this.idle] = [now, now, false];
    this._tell("active");
  }

  _look() {
    if (this.reading && !this.idle && performance.now() - Math.max(this.touched, this.last ?? 0) > IDLE_AFTER) {
      this.idle = true;
      this._tell("idle");
    }
  }

  /** What does not arrive costs nothing but the precision of a time. */
  _tell(kind) {
    if (this.reading) call("POST", `/readings/${this.reading}/events`, { page: this.page, kind }, { again: false, keepalive: true }).catch(() => {});
  }
}
