// What the finder proposes: each frame is asked about once, and the page stays usable meanwhile.

import { call } from "./api.js";
import { t } from "./words.js";

export class Finder {
  /** @param {() => void} heard called when something is told of a frame */
  constructor(heard) {
    this.heard = heard;
    this.proposals = new Map();
    this.told = new Map();
  }

  /** What is to be told of a frame: that the finder looks, how much it proposes, or why it does not. */
  says(image, frame) {
    return this.told.get(`${image}:${frame}`) ?? "";
  }

  _tell(key, text) {
    this.told.set(key, text);
    this.heard();
  }

  /** What the finder proposed in an image: pairs of a frame and its places. */
  proposed(image) {
    return [...this.proposals].filter(([key]) => key.startsWith(`${image}:`)).map(([key, lesions]) => [Number(key.split(":")[1]), lesions]);
  }

  /** Whether a frame was asked about. */
  knows(image, frame) {
    return this.proposals.has(`${image}:${frame}`);
  }

  /** Ask the finder about a frame and wait for it; the page stays usable, and a frame is asked about once. */
  async find(image, frame = 0) {
    const key = `${image}:${frame}`;
    if (this.proposals.has(key)) return this.proposals.get(key);
    this.proposals.set(key, []);
    this._tell(key, t("The finder looks ..."));
    try {
      let job = await call("POST", `/images/${image}/proposals`, { frame });
      while (["waiting", "running"].includes(job.state)) job = await call("GET", `/jobs/${job.id}?wait=5`);
      if (job.state !== "done") throw new Error(job.problem);
      this.proposals.set(key, job.lesions);
      this._tell(key, job.lesions.length ? t("Proposals: {number}", { number: job.lesions.length }) : t("The finder proposes nothing in this frame."));
    } catch (problem) {
      if (problem.status !== 409) this.proposals.delete(key);
      this._tell(key, problem.message);
    }
    return this.proposals.get(key) ?? [];
  }
}
