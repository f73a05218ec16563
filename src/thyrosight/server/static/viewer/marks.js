// Marks on a picture as plain data, and what a hand or a key does to them. Nothing here draws.
//
//   {id, frame, kind: "box", box: [left, top, right, bottom]}        whole pixels, half-open
//   {id, frame, kind: "outline", points: [[x, y], ...]}              closed, at least three points
//   {id, frame, kind: "calliper", ends: [[x, y], [x, y]]}
//   {id, frame, kind: "point", at: [x, y]}
//
// Further fields: `origin` ("user" or "finder"), `name` for its label, `locked` where it may no longer change, `inert`
// where it is only shown.

export const LEAST_SIDE = 3;

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** The box between two corners, in whole pixels inside the picture, at least `LEAST_SIDE` wide and high. */
export function boxBetween([x0, y0], [x1, y1], { width, height }) {
  const side = (a, b, most) => {
    let low = clamp(Math.round(Math.min(a, b)), 0, most);
    let high = clamp(Math.round(Math.max(a, b)), 0, most);
    if (high - low < LEAST_SIDE) high = Math.min(most, low + LEAST_SIDE);
    if (high - low < LEAST_SIDE) low = Math.max(0, high - LEAST_SIDE);
    return [low, high];
  };
  const [left, right] = side(x0, x1, width);
  const [top, bottom] = side(y0, y1, height);
  return [left, top, right, bottom];
}

/** The handles of a mark: a name and a place for each part that a hand can take. */
export function handles(mark) {
  if (mark.kind === "box") {
    const [left, top, right, bottom] = mark.box;
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    return [
      ["left top", [left, top]], ["right top", [right, top]], ["left bottom", [left, bottom]],
      ["right bottom", [right, bottom]], ["top", [x, top]], ["bottom", [x, bottom]], ["left", [left, y]],
      ["right", [right, y]],
    ];
  }
  if (mark.kind === "point") return [];
  return pointsOf(mark).map((point, place) => [String(place), point]);
}

/** The points of which a mark is made; none of a box. */
export function pointsOf(mark) {
  if (mark.kind === "point") return [mark.at];
  return (mark.kind === "calliper" ? mark.ends : mark.points) ?? [];
}

/** The smallest box around a mark. */
export function around(mark) {
  if (mark.kind === "box") return mark.box;
  const points = pointsOf(mark);
  const [x, y] = [points.map((point) => point[0]), points.map((point) => point[1])];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

/** What of a mark lies under a point: a handle, its line or inside ("whole"), or null. */
export function partAt(mark, point, { reach, selected }) {
  if (mark.kind === "point") return Math.hypot(mark.at[0] - point[0], mark.at[1] - point[1]) <= reach ? "whole" : null;
  if (selected || mark.kind === "calliper") {
    const near = handles(mark)
      .map(([name, place]) => [name, Math.hypot(place[0] - point[0], place[1] - point[1])])
      .filter(([, distance]) => distance <= reach)
      .sort((one, other) => one[1] - other[1]);
    if (near.length) return near[0][0];
  }
  if (mark.kind === "calliper") return toLine(point, mark.ends[0], mark.ends[1]) <= reach ? "whole" : null;
  if (mark.kind === "outline") return inside(point, mark.points) ? "whole" : null;
  const [left, top, right, bottom] = mark.box;
  const within = point[0] >= left - reach && point[0] <= right + reach && point[1] >= top - reach && point[1] <= bottom + reach;
  return within ? "whole" : null;
}

function toLine([x, y], [x0, y0], [x1, y1]) {
  const square = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = square ? clamp(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / square, 0, 1) : 0;
  return Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
}

function inside([x, y], points) {
  let within = false;
  for (let here = 0, before = points.length - 1; here < points.length; before = here++) {
    const [[x0, y0], [x1, y1]] = [points[here], points[before]];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) within = !within;
  }
  return within;
}

/** The mark with one part, or "whole" of it, moved; it stays in the picture and a whole mark keeps its size. */
export function moved(mark, part, [right, down], size) {
  if (mark.locked) return mark;
  if (part === "whole") {
    const [x0, y0, x1, y1] = around(mark);
    const x = clamp(right, -x0, size.width - x1);
    const y = clamp(down, -y0, size.height - y1);
    if (mark.kind === "box") {
      const [dx, dy] = [clamp(Math.round(right), -x0, size.width - x1), clamp(Math.round(down), -y0, size.height - y1)];
      return { ...mark, box: [x0 + dx, y0 + dy, x1 + dx, y1 + dy] };
    }
    return withPoints(mark, pointsOf(mark).map((point) => [point[0] + x, point[1] + y]));
  }
  if (mark.kind !== "box") {
    const place = Number(part);
    return withPoints(mark, pointsOf(mark).map((point, own) =>
      own === place ? [clamp(point[0] + right, 0, size.width), clamp(point[1] + down, 0, size.height)] : point));
  }
  const sides = new Set(part.split(" "));
  let [left, top, far, bottom] = mark.box;
  if (sides.has("left")) left = clamp(Math.round(left + right), 0, far - LEAST_SIDE);
  if (sides.has("right")) far = clamp(Math.round(far + right), left + LEAST_SIDE, size.width);
  if (sides.has("top")) top = clamp(Math.round(top + down), 0, bottom - LEAST_SIDE);
  if (sides.has("bottom")) bottom = clamp(Math.round(bottom + down), top + LEAST_SIDE, size.height);
  return { ...mark, box: [left, top, far, bottom] };
}

function withPoints(mark, points) {
  if (mark.kind === "point") return { ...mark, at: points[0] };
  return mark.kind === "calliper" ? { ...mark, ends: points } : { ...mark, points };
}

/** An outline with one more point after `place`, halfway to the next. */
export function withPointAfter(mark, place) {
  if (mark.kind !== "outline" || mark.locked) return mark;
  const points = [...mark.points];
  const [one, next] = [points[place], points[(place + 1) % points.length]];
  points.splice(place + 1, 0, [(one[0] + next[0]) / 2, (one[1] + next[1]) / 2]);
  return { ...mark, points };
}

/** An outline without one of its points; three are the least. */
export function withoutPoint(mark, place) {
  if (mark.kind !== "outline" || mark.locked || mark.points.length <= 3) return mark;
  return { ...mark, points: mark.points.filter((_, own) => own !== place) };
}

/** A hand's line as an outline of few points: those farther than `tolerance` from the line between their neighbours
 *  stay (Ramer 1972, Douglas and Peucker 1973). */
export function simplified(points, tolerance) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points[points.length - 1]];
  let [farthest, most] = [0, 0];
  for (let place = 1; place < points.length - 1; place++) {
    const distance = toLine(points[place], first, last);
    if (distance > most) [farthest, most] = [place, distance];
  }
  if (most <= tolerance) return [first, last];
  const before = simplified(points.slice(0, farthest + 1), tolerance);
  return [...before.slice(0, -1), ...simplified(points.slice(farthest), tolerance)];
}
