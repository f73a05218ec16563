"""The point from which on a finder's find counts: chosen on frames that its training never saw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit

from thyrosight.default_models.left_out import Case
from thyrosight.imaging.scan_area import scan_area_of
from thyrosight.inference import Bundle
from thyrosight.inference.views import with_mirrored
from thyrosight.progress import Progress, silent

THRESHOLDS: Final = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
LEAST_SHARES: Final = (0.0, 0.001, 0.002, 0.004, 0.006, 0.01)
LEAST_PROBABILITIES: Final = (0.0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)

_TOUCHING = np.ones((3, 3), dtype=bool)
_LEAST_PIXELS = 16  # fewer are never a lesion (`thyrosight.inference.outlines`)


@dataclass(frozen=True)
class Point:
    """From where on a find counts; see `thyrosight.inference.MaskPoint`."""

    threshold: float
    least_share: float
    least_probability: float


@dataclass(frozen=True, eq=False)
class Finds:
    """Finds in one frame at one threshold; one entry per find.

    Attributes:
        pixels: of the find.
        probability: mean inside.
        shared: its pixels that are outlined.
        outlined: pixels outlined in the whole frame.
        area: of the scan area in pixels.
    """

    pixels: NDArray[np.float64]
    probability: NDArray[np.float64]
    shared: NDArray[np.float64]
    outlined: int
    area: int

    def counted(self, point: Point) -> NDArray[np.bool_]:
        """Tell for each find whether it counts."""
        large = self.pixels >= max(point.least_share * self.area, _LEAST_PIXELS)
        return np.asarray(large & (self.probability >= point.least_probability))

    def dice(self, point: Point, *, one_nodule: bool) -> float:
        """Dice of everything that counts with everything outlined; with `one_nodule`, of the find that fits best.

        A reader measures one nodule of perhaps several.
        """
        counts = self.counted(point)
        if not counts.any():
            return 0.0
        each = 2 * self.shared[counts] / (self.pixels[counts] + self.outlined)
        if one_nodule:
            return float(each.max())
        return float(2 * self.shared[counts].sum() / (self.pixels[counts].sum() + self.outlined))


@dataclass(frozen=True, eq=False)
class Found:
    """A case and what is found in it at each threshold."""

    case: Case
    finds: dict[float, Finds]


def find_in(bundle: Bundle, cases: Sequence[Case], *, progress: Progress = silent) -> list[Found]:
    """Find nodules in each case with the finder of a bundle, by the product's own preparation and views."""
    found = []
    for number, case in enumerate(cases, start=1):
        frame, mask = case.read()
        prepared = bundle.info.preparation.prepare(frame)
        logits = bundle.session.run(with_mirrored(bundle.info.views, prepared.pixels[None])).mask_logits
        assert logits is not None  # a finder draws masks
        mean = (logits[0] + logits[1, :, ::-1]) / np.float32(2) if bundle.info.views.mirrored else logits[0]
        probability = prepared.to_frame(expit(mean), (frame.rows, frame.columns))
        area = scan_area_of(frame).box.area
        found.append(Found(case, {one: finds_at(probability, one, mask, area) for one in THRESHOLDS}))
        progress("Finding nodules in frames left out", number, len(cases))
    return found


def finds_at(probability: NDArray[np.float32], threshold: float, mask: NDArray[np.bool_], area: int) -> Finds:
    """The finds in a map of probabilities at one threshold.

    >>> probability = np.zeros((10, 10), dtype=np.float32); probability[:4, :4] = 0.8
    >>> finds_at(probability, 0.5, probability > 0, 100).dice(Point(0.5, 0.1, 0.6), one_nodule=False)
    1.0
    """
    labels, count = ndimage.label(probability >= threshold, structure=_TOUCHING)
    flat = labels.ravel()
    pixels, shared, sums = (
        np.bincount(flat, weights=weights, minlength=count + 1)[1:].astype(np.float64)
        for weights in (None, mask.ravel().astype(np.float64), probability.ravel().astype(np.float64))
    )
    return Finds(pixels, sums / np.maximum(pixels, 1), shared, int(mask.sum()), area)


def choose_point(found: Sequence[Found], *, most_false: float) -> Point:
    """The point of the highest mean Dice, with at most `most_false` finds per normal frame.

    Among equal points the one with the highest demands is chosen. Where no point meets the limit, it is one of those
    with the fewest finds in normal frames.

    Args:
        found: cases with outlines, and normal ones.
        most_false: finds per normal frame, on average.
    """
    normal = [one for one in found if one.case.normal]
    shown = [one for one in found if not one.case.normal]
    points = [Point(*values) for values in product(THRESHOLDS, LEAST_SHARES, LEAST_PROBABILITIES)]
    extra = {point: false_finds(normal, point) for point in points}
    limit = max(most_false, min(extra.values()))
    allowed = [point for point in points if extra[point] <= limit]
    return max(allowed, key=lambda point: (round(mean_dice(shown, point), 9), *_demands(point)))


def _demands(point: Point) -> Iterator[float]:
    yield from (point.least_probability, point.least_share, point.threshold)


def false_finds(normal: Sequence[Found], point: Point) -> float:
    """Finds per normal frame; 0 where there is none."""
    counts = [int(one.finds[point.threshold].counted(point).sum()) for one in normal]
    return float(np.mean(counts)) if counts else 0.0


def mean_dice(shown: Sequence[Found], point: Point) -> float:
    """Mean Dice of frames with outlines."""
    return float(np.mean([dice_of(one, point) for one in shown]))


def dice_of(one: Found, point: Point) -> float:
    """Dice of one case."""
    return one.finds[point.threshold].dice(point, one_nodule=one.case.item.callipers)
