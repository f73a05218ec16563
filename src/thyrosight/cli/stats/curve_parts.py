"""Parts of a ROC curve that `roc` and `compare` are asked for: partial areas, and one rate where the other is fixed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from thyrosight.statistics import CurveComparison, Estimate

Partial = Annotated[
    list[str] | None,
    typer.Option(
        metavar="AXIS=FROM-TO", help="Also the area over this range, such as specificity=0.9-1; repeat for several."
    ),
]
AtSpecificity = Annotated[
    list[float] | None, typer.Option(metavar="RATE", help="Also the sensitivity at this specificity; may be repeated.")
]
AtSensitivity = Annotated[
    list[float] | None, typer.Option(metavar="RATE", help="Also the specificity at this sensitivity; may be repeated.")
]
_RANGES = ("specificity", "sensitivity")


@dataclass(frozen=True)
class CurveParts:
    """Parts of a ROC curve that were asked for beside its area.

    Attributes:
        ranges: axis and range of each partial area.
        specificities: at which the sensitivity is wanted.
        sensitivities: at which the specificity is wanted.
    """

    ranges: tuple[tuple[str, tuple[float, float]], ...]
    specificities: tuple[float, ...]
    sensitivities: tuple[float, ...]

    @classmethod
    def read(
        cls, partial: list[str] | None, at_specificity: list[float] | None, at_sensitivity: list[float] | None
    ) -> "CurveParts":
        """Read the three options as they were given.

        Raises:
            StatisticsError: a range that is not written as AXIS=FROM-TO.
        """
        ranges = tuple(_range(text) for text in partial or ())
        return cls(ranges, tuple(at_specificity or ()), tuple(at_sensitivity or ()))

    def __bool__(self) -> bool:
        return bool(self.ranges or self.specificities or self.sensitivities)

    def estimates(self, truth: list[int], score: list[float], **options: Any) -> "Iterator[tuple[str, Estimate]]":
        """Yield each part of one curve under its name; `options` go to the functions of statistics."""
        from thyrosight.statistics import partial_auc, sensitivity_at_specificity, specificity_at_sensitivity

        for axis, ends in self.ranges:
            over = f"over {axis} {ends[0]:g} to {ends[1]:g}"
            ranged: dict[str, Any] = {axis: ends}
            area = partial_auc(truth, score, **ranged, **options)
            yield f"partial AUC {over}", area.raw
            yield f"standardised partial AUC {over}", area.standardised
        for rate in self.specificities:
            found = sensitivity_at_specificity(truth, score, specificity=rate, **options)
            yield f"sensitivity at specificity {rate:g}", found
        for rate in self.sensitivities:
            found = specificity_at_sensitivity(truth, score, sensitivity=rate, **options)
            yield f"specificity at sensitivity {rate:g}", found

    def comparisons(
        self, truth: list[int], a: list[float], b: list[float], **options: Any
    ) -> "Iterator[CurveComparison]":
        """Yield the comparison of two curves at each part."""
        from thyrosight.statistics import (
            compare_partial_auc,
            compare_sensitivity_at_specificity,
            compare_specificity_at_sensitivity,
        )

        for axis, ends in self.ranges:
            ranged: dict[str, Any] = {axis: ends}
            areas = compare_partial_auc(truth, a, b, **ranged, **options)
            yield areas.raw
            yield areas.standardised
        for rate in self.specificities:
            yield compare_sensitivity_at_specificity(truth, a, b, specificity=rate, **options)
        for rate in self.sensitivities:
            yield compare_specificity_at_sensitivity(truth, a, b, sensitivity=rate, **options)


def _range(text: str) -> tuple[str, tuple[float, float]]:
    from thyrosight.errors import StatisticsError

    axis, _, ends = text.partition("=")
    try:
        low, high = (float(end) for end in ends.split("-"))
    except ValueError:
        low = high = float("nan")
    if axis.strip() not in _RANGES or not 0 <= low < high <= 1:
        raise StatisticsError(
            f"Write a range as specificity=0.9-1 or sensitivity=0.8-1 (--partial), within 0 to 1, not as {text!r}."
        )
    return axis.strip(), (low, high)
