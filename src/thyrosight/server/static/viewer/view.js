// Where the picture lies on the screen: screen = picture x scale + offset, in CSS pixels. Picture coordinates are
// continuous: the pixel in column 0 reaches from 0 to 1, so that a box from 10 to 40 is 30 columns wide.

const MOST = 40;
const LEAST_SHARE = 0.5;

export class View {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.screen = { width: 1, height: 1 };
    this.scale = 1;
    this.unit = 1; // by how much lines, handles and labels are larger than those of a text of 16 pixels
    this.x = 0;
    this.y = 0;
    this.fitted = true;
  }

  /** The scale at which the whole picture is as large as the screen allows. */
  get whole() {
    return Math.min(this.screen.width / this.width, this.screen.height / this.height);
  }

  /** The screen got another size: a fitted picture stays fitted, any other keeps what stood in the middle there. */
  resize(width, height) {
    const middle = this.toPicture([this.screen.width / 2, this.screen.height / 2]);
    this.screen = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.fitted) this.fit();
    else this.centre(middle);
  }

  fit() {
    this.scale = this.whole;
    this.x = (this.screen.width - this.width * this.scale) / 2;
    this.y = (this.screen.height - this.height * this.scale) / 2;
    this.fitted = true;
  }

  /** Bring a point of the picture to the middle of the screen. */
  centre([x, y]) {
    this.x = this.screen.width / 2 - x * this.scale;
    this.y = this.screen.height / 2 - y * this.scale;
    this._keepInSight();
  }

  toScreen([x, y]) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  toPicture([x, y]) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** Zoom so that the point of the picture under `point` stays there. */
  zoom(point, factor) {
    const [x, y] = this.toPicture(point);
    this.scale = Math.min(MOST, Math.max(this.whole * LEAST_SHARE, this.scale * factor));
    this.x = point[0] - x * this.scale;
    this.y = point[1] - y * this.scale;
    this.fitted = false;
    this._keepInSight();
  }

  pan(right, down) {
    this.x += right;
    this.y += down;
    this.fitted = false;
    this._keepInSight();
  }

  /** At least a quarter of the screen, or all of a small picture, stays covered: nobody loses the picture. */
  _keepInSight() {
    const hold = (offset, picture, screen) => {
      const least = Math.min(picture, screen / 4);
      return Math.min(screen - least, Math.max(least - picture, offset));
    };
    this.x = hold(this.x, this.width * this.scale, this.screen.width);
    this.y = hold(this.y, this.height * this.scale, this.screen.height);
  }
}
