// Drawing on the two canvases: the picture below, the marks above, so that a mark moves without the picture being
// drawn again. Colours come from the style sheet of the page.

import { around, handles } from "./marks.js";

const HANDLE = 9;
/** So far apart are the handles of an outline: closer, they would hide the margin that is to be judged. */
const APART = 40;

/** Give a canvas the size of its place on the screen in the screen's own pixels. */
export function sized(canvas, { width, height }) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

export function drawPicture(canvas, view, bitmap) {
  const pen = sized(canvas, view.screen);
  pen.clearRect(0, 0, view.screen.width, view.screen.height);
  if (!bitmap) return;
  // Single pixels are shown as such once they are large: a smoothed speckle looks like tissue that is not there.
  pen.imageSmoothingEnabled = view.scale < 4;
  pen.imageSmoothingQuality = "medium";
  pen.drawImage(bitmap, view.x, view.y, view.width * view.scale, view.height * view.scale);
}

/**
 * @param {{marks: object[], selected: string | null, part: string | null, label: (mark: object) => string[], font: string,
 *          colours: Record<string, string>, trail: number[][] | null, over: ImageBitmap | null}} shown
 */
export function drawMarks(canvas, view, shown) {
  const pen = sized(canvas, view.screen);
  const look = { halo: shown.colours.halo, unit: view.unit, font: shown.font };
  const colourOf = (mark) => (mark.id === shown.selected ? shown.colours.chosen : mark.origin === "finder" ? shown.colours.finder : shown.colours.own);
  pen.clearRect(0, 0, view.screen.width, view.screen.height);
  if (shown.over) pen.drawImage(shown.over, view.x, view.y, view.width * view.scale, view.height * view.scale);
  for (const mark of shown.marks) drawMark(pen, view, mark, { shown, look, colour: colourOf(mark) });
  if (shown.trail) {
    line(pen, shown.trail.map((point) => view.toScreen(point)), false);
    stroke(pen, shown.colours.chosen, look);
  }
  // After all lines, so that none goes through a word.
  const placed = [];
  for (const mark of shown.marks) write(pen, view, { mark, lines: shown.label(mark), colour: colourOf(mark), look, placed });
}

function drawMark(pen, view, mark, { shown, look, colour }) {
  const chosen = mark.id === shown.selected;
  if (mark.kind === "box") {
    const [left, top] = view.toScreen([mark.box[0], mark.box[1]]);
    const [right, bottom] = view.toScreen([mark.box[2], mark.box[3]]);
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
  } else if (mark.kind === "outline") {
    line(pen, mark.points.map((point) => view.toScreen(point)), true);
  } else if (mark.kind === "point") {
    target(pen, view.toScreen(mark.at), look.unit);
  } else {
    line(pen, mark.ends.map((point) => view.toScreen(point)), false);
  }
  stroke(pen, colour, { ...look, dashed: mark.origin === "finder", thick: chosen });
  if (mark.kind === "calliper") for (const end of mark.ends) cross(pen, view.toScreen(end), { colour, look });
  if (!chosen || mark.locked) return;
  let last = null;
  for (const [name, place] of handles(mark)) {
    const [x, y] = view.toScreen(place);
    const near = last && Math.hypot(x - last[0], y - last[1]) < APART * look.unit;
    if (mark.kind === "outline" && near && name !== shown.part) continue;
    last = [x, y];
    const side = (name === shown.part ? HANDLE + 4 : HANDLE) * look.unit;
    pen.fillStyle = name === shown.part ? shown.colours.chosen : look.halo;
    pen.strokeStyle = shown.colours.chosen;
    pen.lineWidth = 1.5 * look.unit;
    pen.fillRect(x - side / 2, y - side / 2, side, side);
    pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

function line(pen, points, closed) {
  pen.beginPath();
  points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  if (closed) pen.closePath();
}

/** A line with a dark border, so that it is seen on bright and on dark tissue alike. */
function stroke(pen, colour, { halo, unit, dashed = false, thick = false }) {
  pen.setLineDash([]);
  pen.lineJoin = "round";
  pen.strokeStyle = halo;
  pen.lineWidth = (thick ? 4.5 : 3.5) * unit;
  pen.stroke();
  if (dashed) pen.setLineDash([7 * unit, 5 * unit]);
  pen.strokeStyle = colour;
  pen.lineWidth = (thick ? 2.25 : 1.5) * unit;
  pen.stroke();
  pen.setLineDash([]);
}

function cross(pen, [x, y], { colour, look }) {
  pen.beginPath();
  for (const [dx, dy] of [[7 * look.unit, 0], [0, 7 * look.unit]]) {
    pen.moveTo(x - dx, y - dy);
    pen.lineTo(x + dx, y + dy);
  }
  stroke(pen, colour, look);
}

/** A ring with four ticks: what lies under the place itself stays in sight. */
function target(pen, [x, y], unit) {
  pen.beginPath();
  pen.arc(x, y, 7 * unit, 0, 2 * Math.PI);
  for (const [right, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    pen.moveTo(x + 7 * right * unit, y + 7 * down * unit);
    pen.lineTo(x + 13 * right * unit, y + 13 * down * unit);
  }
}

/** The label of a mark, below it where there is room and never over another label. */
function write(pen, view, { mark, lines, colour, look, placed }) {
  const texts = lines.filter(Boolean);
  if (!texts.length) return;
  const { unit } = look;
  pen.font = `600 ${13 * unit}px ${look.font || "system-ui, sans-serif"}`;
  pen.textBaseline = "top";
  const [left, top, right, bottom] = around(mark);
  const [x0, y0] = view.toScreen([left, top]);
  const [, y1] = view.toScreen([right, bottom]);
  const width = Math.max(...texts.map((text) => pen.measureText(text).width)) + 10 * unit;
  const height = (texts.length * 17 + 6) * unit;
  const aside = mark.kind === "point" ? 12 * unit : 0; // a place has no border of its own to stand clear of
  const x = Math.max(2, Math.min(view.screen.width - width - 2, x0 + aside));
  const free = [y1 + 6 * unit + aside, y0 - height - 6 * unit - aside, y1 - height - 4 * unit].map((y) => Math.max(2, Math.min(view.screen.height - height - 2, y)));
  const clear = (y) => !placed.some((own) => x < own.x + own.width && own.x < x + width && y < own.y + own.height && own.y < y + height);
  const y = free.find(clear) ?? free[0];
  placed.push({ x, y, width, height });
  pen.fillStyle = look.halo;
  pen.fillRect(x, y, width, height);
  pen.fillStyle = colour;
  texts.forEach((text, place) => pen.fillText(text, x + 5 * unit, y + (4 + place * 17) * unit));
}
