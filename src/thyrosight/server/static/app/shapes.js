// Boxes and outlines as the interface and the viewer write them.

/** A view of the interface as a shape of the viewer. */
export const shapeOf = (view) => (view.outline?.length ? { kind: "outline", points: view.outline } : { kind: "box", box: view.box });

/** The box around a mark, in whole pixels. */
export const boxOf = (mark) => {
  if (mark.box) return mark.box;
  const [x, y] = [mark.points.map((point) => point[0]), mark.points.map((point) => point[1])];
  return [Math.floor(Math.min(...x)), Math.floor(Math.min(...y)), Math.ceil(Math.max(...x)), Math.ceil(Math.max(...y))];
};

/** A mark of the viewer as the interface takes it. */
export const viewOf = (mark) => ({ box: boxOf(mark), outline: mark.kind === "outline" ? mark.points : [] });

/** The share of two boxes that both cover: 0 apart, 1 alike. */
export function overlap(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(one) + area(other) - width * height);
}
