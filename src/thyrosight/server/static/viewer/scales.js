// Millimetres on the picture, by the same rule as the programme's own sizes (imaging/regions: `spacing_at`): the
// smallest calibrated region that holds nine tenths of what is measured; regions that contradict each other give none,
// nor is there one where more than a tenth reaches into a region of another spacing.
//
// A scale is {box: [left, top, right, bottom], mm: [down, across]}; `box` is null where one spacing holds everywhere.

const LEAST_SHARE = 0.9;
const ZOOMED_SHARE = 0.8;

const area = ([left, top, right, bottom]) => Math.max(0, right - left) * Math.max(0, bottom - top);

function share(box, region) {
  const common = [
    Math.max(box[0], region[0]), Math.max(box[1], region[1]), Math.min(box[2], region[2]), Math.min(box[3], region[3]),
  ];
  return common[2] <= common[0] || common[3] <= common[1] ? 0 : area(common) / area(box);
}

const same = (one, other) => one.every((side, place) => Math.abs(side - other[place]) <= 1e-3 * Math.max(side, other[place]));

function contradict(small, other) {
  if (same(small.mm, other.mm)) return false;
  return !(area(small.box) <= ZOOMED_SHARE * area(other.box) && share(small.box, other.box) >= LEAST_SHARE);
}

/** Millimetres per pixel as [down, across] inside a box, or null. */
export function spacingAt(scales, box) {
  const everywhere = scales.find((scale) => scale.box === null);
  if (everywhere) return everywhere.mm;
  const holding = scales.filter((scale) => share(box, scale.box) >= LEAST_SHARE);
  if (!holding.length) return null;
  const region = holding.reduce((least, one) => (area(one.box) < area(least.box) ? one : least));
  const reachesInto = (other) => {
    const part = share(box, other.box);
    return part > 1 - LEAST_SHARE && part < LEAST_SHARE && !same(other.mm, region.mm);
  };
  return holding.some((other) => contradict(region, other)) || scales.some(reachesInto) ? null : region.mm;
}

/** Height and width of a box in mm, or null where the picture has no scale there. */
export function sizeOf(scales, box) {
  const mm = spacingAt(scales, box);
  return mm && [(box[3] - box[1]) * mm[0], (box[2] - box[0]) * mm[1]];
}

/** Length between two points in mm, or null; pixels need not be square. */
export function lengthOf(scales, [start, end]) {
  const box = [
    Math.floor(Math.min(start[0], end[0])), Math.floor(Math.min(start[1], end[1])),
    Math.max(Math.ceil(Math.max(start[0], end[0])), Math.floor(Math.min(start[0], end[0])) + 1),
    Math.max(Math.ceil(Math.max(start[1], end[1])), Math.floor(Math.min(start[1], end[1])) + 1),
  ];
  const mm = spacingAt(scales, box);
  return mm && Math.hypot((end[0] - start[0]) * mm[1], (end[1] - start[1]) * mm[0]);
}

export const inPixels = ([start, end]) => Math.hypot(end[0] - start[0], end[1] - start[1]);
