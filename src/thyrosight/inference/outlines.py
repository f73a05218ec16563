"""From a mask to outlines: one polygon for each lesion, with its area, axes and orientation."""

from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from thyrosight.imaging import Box, Frame
from thyrosight.imaging.boxes import lesions_of, touching_parts

Polygon = tuple[tuple[float, float], ...]
"""Points (column, row), counted as boxes are from the corner of the upper left pixel, which ends at (1, 1)."""

_LEAST_PIXELS = 16  # fewer are no lesion, even if nothing else is marked


class Outline(BaseModel):
    """One lesion of a frame. Lengths are in `unit`, the area in its square.

    Attributes:
        polygon: the outer outline; the first point is not repeated. It passes between pixels, so that the pixels whose
            centre it holds are those of the lesion.
        box: in frame coordinates.
        area: of the lesion's pixels, holes filled.
        long_axis: the greatest diameter of the outline.
        short_axis: its extent at right angles to the long axis.
        height, width: its extent down and across the frame.
        orientation_degrees: of the long axis, 0 to 180 counter-clockwise from the horizontal; 90 is vertical.
        taller_than_wide: whether it is higher than wide, which is the sonographic sign in a transverse view.
        unit: `mm` where the pixel spacing is known.
        size_reason: where the spacing came from, or why there are no millimetres.
        probability: mean probability of the lesion's pixels, holes included: how sure the model is of the find; None
            where only the mask is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    polygon: Polygon
    box: Box
    area: float
    long_axis: float
    short_axis: float
    height: float
    width: float
    orientation_degrees: float
    taller_than_wide: bool
    unit: Literal["mm", "pixels"]
    size_reason: str
    probability: float | None = None


def outline_lesions(
    mask: NDArray[np.bool_], frame: Frame, *, probability: NDArray[np.float32] | None = None
) -> tuple[Outline, ...]:
    """Outline every lesion of a frame's mask, the largest first; an empty mask has none.

    Pixels that touch, also at a corner, belong to one lesion. Parts of fewer than 16 pixels, or of less than 2 % of the
    largest part, are specks and are left out.

    Args:
        mask: `(rows, columns)` of the frame.
        frame: for the pixel spacing where the lesion lies.
        probability: of each pixel, `(rows, columns)`.

    >>> mask = np.zeros((40, 60), dtype=bool); mask[10:20, 5:25] = True; mask[25:35, 40:45] = True
    >>> frame = Frame(np.zeros((40, 60), dtype=np.uint8), "a.png", (0.5, 0.1), "the user gave it")
    >>> [(one.box.to_text(), one.area, one.height, one.taller_than_wide) for one in outline_lesions(mask, frame)]
    [('5,10,25,20', 10.0, 5.0, True), ('40,25,45,35', 2.5, 5.0, True)]
    """
    return outline_and_clean(mask, frame, probability=probability)[0]


def outline_and_clean(
    mask: NDArray[np.bool_], frame: Frame, *, probability: NDArray[np.float32] | None = None
) -> tuple[tuple[Outline, ...], NDArray[np.bool_]]:
    """The outlines of `outline_lesions`, and the mask of the same lesions, as `clean_mask`."""
    parts = _parts(mask)
    largest_first = sorted(parts, key=lambda item: (-int(item[1].sum()), item[0]))
    return tuple(_outline(part, box, frame, probability) for box, part in largest_first), _drawn(parts, mask.shape)


def clean_mask(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask of the lesions that `outline_lesions` finds: without specks, holes filled."""
    return _drawn(_parts(mask), mask.shape)


def sure_lesions(
    probability: NDArray[np.float32], *, threshold: float, least_pixels: float, least_probability: float
) -> NDArray[np.bool_]:
    """The mask of a map of probabilities, without lesions that are too small or of too small a mean probability.

    >>> probability = np.zeros((20, 20), dtype=np.float32); probability[2:8, 2:8] = 0.6; probability[10:18, 10:18] = 0.9
    >>> mask = sure_lesions(probability, threshold=0.5, least_pixels=16, least_probability=0.7)
    >>> int(mask.sum()), int(mask[2:8, 2:8].sum())
    (64, 0)
    """
    marked: NDArray[np.bool_] = probability >= threshold
    if least_pixels <= 0 and least_probability <= threshold:
        return marked
    labels, place = touching_parts(marked)
    within = (slice(place.top, place.bottom), slice(place.left, place.right))
    sizes = np.bincount(labels.ravel())
    sums = np.bincount(labels.ravel(), weights=probability[within].ravel())
    kept = (sizes >= least_pixels) & (sums / np.maximum(sizes, 1) >= least_probability)
    kept[0] = False
    sure = np.zeros_like(marked)
    sure[within] = kept[labels]
    return sure


def _parts(mask: NDArray[np.bool_]) -> list[tuple[Box, NDArray[np.bool_]]]:
    """The lesions of a mask, each within its box, holes filled."""
    filled = [(box, np.asarray(scipy.ndimage.binary_fill_holes(part))) for box, part in lesions_of(mask)]
    return [(box, part) for box, part in filled if part.sum() >= _LEAST_PIXELS]


def _drawn(parts: list[tuple[Box, NDArray[np.bool_]]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask of some lesions."""
    mask = np.zeros(shape, dtype=bool)
    for box, part in parts:
        mask[box.top : box.bottom, box.left : box.right] |= part
    return mask


def _outline(part: NDArray[np.bool_], box: Box, frame: Frame, probability: NDArray[np.float32] | None) -> Outline:
    """Outline one lesion from its pixels within its box."""
    inside = None if probability is None else probability[box.top : box.bottom, box.left : box.right][part]
    spacing, reason = frame.spacing_at(box)
    row, column = spacing or (1.0, 1.0)
    within = polygon_of(part)
    # Measured within the box, where the lesion's place in the frame cannot round a tie to another axis.
    long_axis, short_axis, degrees = axes_of(within * (column, row))
    height, width = box.height * row, box.width * column
    if spacing is None:
        reason = f"in pixels, taken as square: {reason}"
    return Outline(
        polygon=tuple((float(across), float(down)) for across, down in within + np.array([box.left, box.top])),
        box=box,
        area=float(part.sum() * row * column),
        long_axis=long_axis,
        short_axis=short_axis,
        height=height,
        width=width,
        orientation_degrees=degrees,
        taller_than_wide=height > width,
        unit="pixels" if spacing is None else "mm",
        size_reason=reason,
        probability=None if inside is None else round(float(inside.mean()), 4),
    )


def polygon_of(part: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The outer outline of one connected part, `(points, 2)` as (column, row); points on one line are left out."""
    from skimage import measure  # here and below imported where it is used: classifiers start without it

    find_contours: Any = measure.find_contours  # scikit-image names its types in a way that mypy does not read
    # Pixels that touch at a corner are one part: "high" joins them.
    lines = find_contours(np.pad(part, 1).astype(np.float64), 0.5, fully_connected="high")
    outer = max(lines, key=lambda line: np.ptp(line[:, 0]) * np.ptp(line[:, 1]))
    # It passes half way between pixels, so that steps are halves, and products of them exact.
    steps = np.diff(outer, axis=0)
    turns = steps[:-1, 0] * steps[1:, 1] != steps[:-1, 1] * steps[1:, 0]
    corners = outer[:-1][np.concatenate([[True], turns])]
    # find_contours counts from pixel centres of the padded mask: + 0.5 for the centre, - 1 for the padding.
    return np.asarray(corners[:, ::-1] - 0.5)


def axes_of(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """Greatest diameter of points (x, y), extent at right angles to it, and its angle in degrees (y points down).

    >>> axes_of(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]))[0]
    5.0
    """
    from scipy.spatial import ConvexHull

    hull = points[ConvexHull(points).vertices]
    between = hull[:, None, :] - hull[None, :, :]
    lengths = np.hypot(between[..., 0], between[..., 1])
    first, second = np.unravel_index(int(lengths.argmax()), lengths.shape)
    along = between[first, second] / lengths[first, second]
    across = hull @ np.array([-along[1], along[0]])
    degrees = float(np.degrees(np.arctan2(-along[1], along[0])) % 180)
    return float(lengths[first, second]), float(np.ptp(across)), 0.0 if degrees > 179.999999 else degrees
