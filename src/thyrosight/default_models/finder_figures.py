"""Figures of a finder on frames that its training never saw, by the product's own pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.left_out import Case
from thyrosight.default_models.mask_point import Finds, Point, finds_at
from thyrosight.default_models.origin import plain_figure
from thyrosight.documents.measure import Estimated
from thyrosight.inference import Bundle, Refusal, Segmenter
from thyrosight.progress import Progress, silent
from thyrosight.statistics import gee_proportion, mean_interval

FOUND_FROM: Final = 0.3
"""A nodule counts as found from this intersection over union with a find."""

_ALL: Final = Point(0.5, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Judged:
    """A case and what the finder outlines in it."""

    case: Case
    finds: Finds

    @property
    def dice(self) -> float:
        """See `Finds.dice`."""
        return self.finds.dice(_ALL, one_nodule=self.case.item.callipers)

    @property
    def found(self) -> bool:
        """Whether a find overlaps the outline enough."""
        finds = self.finds
        union = finds.pixels + finds.outlined - finds.shared
        return bool((finds.shared >= FOUND_FROM * union).any())

    @property
    def count(self) -> int:
        """Finds in the frame."""
        return len(self.finds.pixels)


def measure_finder(
    bundle: Bundle, outlined: Sequence[Case], normal: Sequence[Case], *, progress: Progress = silent
) -> dict[str, Any]:
    """Mean Dice, share found and finds in normal frames, with intervals by group, for a bundle.

    Dice is that of everything found with everything outlined; in TN5000, where a reader measures one nodule of perhaps
    several, that of the find which fits best.

    Args:
        bundle: of the finder, with its final point.
        outlined: frames with outlines.
        normal: frames without a lesion; there may be none.
        progress: called as the work goes on.
    """
    shown = judge(bundle, outlined, progress=progress)
    figures = {"dice": _dice(shown), "found at IoU 0.3": _found(shown)}
    for name in sorted({one.case.collection for one in shown}):
        own = [one for one in shown if one.case.collection == name]
        figures |= {f"dice, {name}": _dice(own), f"found at IoU 0.3, {name}": _found(own)}
    if normal:
        empty = judge(bundle, normal, progress=progress)
        groups = [one.case.group for one in empty]
        figures["finds per normal frame"] = mean_interval([one.count for one in empty], cluster=groups)
        figures["normal frames with a find"] = gee_proportion([int(one.count > 0) for one in empty], groups)
    return {name: plain_figure(figure) for name, figure in figures.items()}


def judge(bundle: Bundle, cases: Sequence[Case], *, progress: Progress = silent) -> list[Judged]:
    """Outline nodules in each case with the finder, beside the reader's outlines; a refused frame has no find."""
    results = Segmenter(bundle).segment_many([case.item.image for case in cases], progress=progress)
    judged = []
    for case, result in zip(cases, results, strict=True):
        frame, mask = case.read()
        drawn = np.zeros_like(mask) if isinstance(result, Refusal) else np.asarray(result.mask)
        judged.append(Judged(case, finds_at(_certain(drawn), 0.5, mask, frame.rows * frame.columns)))
    return judged


def _certain(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return mask.astype(np.float32)


def _dice(judged: Sequence[Judged]) -> Estimated:
    groups = [f"{one.case.collection} {one.case.group}" for one in judged]
    return mean_interval([one.dice for one in judged], cluster=groups, method="mean Dice")


def _found(judged: Sequence[Judged]) -> Estimated:
    groups = [f"{one.case.collection} {one.case.group}" for one in judged]
    return gee_proportion([int(one.found) for one in judged], groups)
