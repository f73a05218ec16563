// The frames of an image: those about to be shown are decoded, a ring of others stays as the scanner stored them, and
// the rest is asked for again. A loop of any length takes the same memory.

const DECODED_BYTES = 96e6;
const STORED_BYTES = 64e6;
const AT_ONCE = 3;

export class Frames {
  /**
   * @param {{count: number, width: number, height: number, url: (frame: number) => string,
   *          arrived: (frame: number) => void, failed: (reason: string) => void}} options
   */
  constructor({ count, width, height, url, arrived, failed }) {
    Object.assign(this, { count, url, arrived, failed });
    this.room = Math.max(4, Math.min(count, Math.floor(DECODED_BYTES / (width * height * 4))));
    this.decoded = new Map();
    this.stored = new Map();
    this.storedBytes = 0;
    this.busy = new Set();
    this.wanted = [];
    this.stop = new AbortController();
  }

  /** The frame ready to be drawn, or null. */
  get(frame) {
    return this.decoded.get(frame) ?? null;
  }

  /** Frames that are ready from `frame` on, going round. */
  ready(frame) {
    let number = 0;
    while (number < this.count && this.decoded.has((frame + number) % this.count)) number++;
    return number;
  }

  /** Ask for a frame and for those that follow it in the direction of play. */
  want(frame, direction = 1) {
    const place = (step) => (((frame + step * direction) % this.count) + this.count) % this.count;
    const ahead = Array.from({ length: Math.min(this.count, this.room - 1) }, (_, step) => place(step));
    this.needed = new Set(ahead);
    if (this.count > 1) this.needed.add(place(-1));
    this.wanted = [...this.needed].filter((one) => !this.decoded.has(one) && !this.busy.has(one));
    this._drop();
    this._next();
  }

  close() {
    this.stop.abort();
    for (const bitmap of this.decoded.values()) bitmap.close();
    this.decoded.clear();
    this.stored.clear();
    this.wanted = [];
  }

  _next() {
    while (this.busy.size < AT_ONCE && this.wanted.length) {
      const frame = this.wanted.shift();
      this.busy.add(frame);
      this._load(frame).finally(() => {
        this.busy.delete(frame);
        this._next();
      });
    }
  }

  async _load(frame) {
    try {
      const blob = this.stored.get(frame) ?? (await this._fetch(frame));
      const bitmap = await createImageBitmap(blob);
      if (this.stop.signal.aborted || (this.needed && !this.needed.has(frame))) return bitmap.close();
      this.decoded.set(frame, bitmap);
      this._drop();
      this.arrived(frame);
    } catch (error) {
      if (!this.stop.signal.aborted) this.failed(error.message, frame);
    }
  }

  async _fetch(frame) {
    const answer = await fetch(this.url(frame), { signal: this.stop.signal, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const blob = await answer.blob();
    this.stored.set(frame, blob);
    this.storedBytes += blob.size;
    for (const [oldest, own] of this.stored) {
      if (this.storedBytes <= STORED_BYTES) break;
      this.stored.delete(oldest);
      this.storedBytes -= own.size;
    }
    return blob;
  }

  /** Let go of decoded frames that are not about to be shown. */
  _drop() {
    if (this.decoded.size <= this.room) return;
    for (const [frame, bitmap] of this.decoded) {
      if (this.decoded.size <= this.room) break;
      if (!this.needed.has(frame)) {
        this.decoded.delete(frame);
        bitmap.close();
      }
    }
  }
}
