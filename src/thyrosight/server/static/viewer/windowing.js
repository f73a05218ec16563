// Window and level: a filter on pixels that were drawn already, so that nothing is decoded again.

const WHOLE = { centre: 128, width: 256 };
let filters = 0;

export class Windowing {
  constructor(stage, canvas) {
    this.canvas = canvas;
    this.now = { ...WHOLE };
    const make = (name, inside = []) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      element.append(...inside);
      return element;
    };
    this.channels = ["feFuncR", "feFuncG", "feFuncB"].map((name) => make(name));
    for (const channel of this.channels) channel.setAttribute("type", "linear");
    const filter = make("filter", [make("feComponentTransfer", this.channels)]);
    this.name = `window-${++filters}`;
    filter.id = this.name;
    filter.setAttribute("color-interpolation-filters", "sRGB");
    this.sheet = make("svg", [filter]);
    for (const side of ["width", "height"]) this.sheet.setAttribute(side, "0");
    this.sheet.setAttribute("aria-hidden", "true");
    this.sheet.style.position = "absolute";
    stage.append(this.sheet);
  }

  /** Grey levels `centre - width / 2` and below are black, `centre + width / 2` and above white; without them all are. */
  set({ centre = this.now.centre, width = this.now.width } = WHOLE) {
    this.now = { centre: Math.min(255, Math.max(0, centre)), width: Math.min(512, Math.max(2, width)) };
    const whole = this.now.centre === WHOLE.centre && this.now.width === WHOLE.width;
    const slope = 255 / this.now.width;
    for (const channel of this.channels) {
      channel.setAttribute("slope", String(slope));
      channel.setAttribute("intercept", String(0.5 - (this.now.centre / 255) * slope));
    }
    this.canvas.style.filter = whole ? "" : `url(#${this.name})`;
  }

  close() {
    this.sheet.remove();
    this.canvas.style.filter = "";
  }
}
