"""Partial area under the ROC curve, over a range of specificity or of sensitivity."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, codes_to_draw
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.ranking import rank
from thyrosight.statistics.roc.curve import drawn_curves
from thyrosight.statistics.validation import Floats, as_numbers, as_truth, require_confidence, require_same_length


@dataclass(frozen=True, slots=True)
class PartialAuc(Result):
    """Partial area under the ROC curve.

    Attributes:
        raw: the partial area; at most the width of the range.
        standardised: the area rescaled so that chance is 0.5 and perfection 1 (McClish 1989).
        axis: "specificity" or "sensitivity".
        range: lower and upper end of the range.
    """

    raw: Estimate
    standardised: Estimate
    axis: str
    range: tuple[float, float]

    def __str__(self) -> str:
        ends = f"{self.axis} {self.range[0]:g} to {self.range[1]:g}"
        return f"partial AUC over {ends}: {self.raw}; standardised {self.standardised}"


def partial_auc(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    specificity: tuple[float, float] | None = None,
    sensitivity: tuple[float, float] | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> PartialAuc:
    """Return the partial area under the ROC curve, over a range of specificity or of sensitivity.

    The curve is linear between points, as in pROC. Over a range of specificity the sensitivity is integrated, over a
    range of sensitivity the specificity. Intervals are percentiles of a bootstrap that resamples clusters.

    Args:
        truth: 0 or 1 per observation.
        score: the higher, the more likely 1; infinite scores are ranked like any other.
        specificity: range such as (0.9, 1).
        sensitivity: range such as (0.8, 1); give either this or `specificity`.
        cluster: patient of each observation; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples; 0 for no interval.
        seed: seed of the draws.

    Raises:
        StatisticsError: no range or two, an empty range, one class only, lengths that differ, or missing values.

    >>> area = partial_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], specificity=(0, 1), replicates=0)
    >>> area.raw.value, area.standardised.value
    (0.75, 0.75)
    """
    truth, score = as_truth(truth), as_numbers(score, name="score", finite=False)
    require_same_length(truth=truth, score=score)
    require_confidence(confidence)
    axis, ends = range_along(specificity, sensitivity)
    ranking = rank(truth, score)
    codes, clusters = codes_to_draw(ranking, cluster)

    whole = ranking.weighted_rates(np.ones((1, truth.size)))
    value = area_in_range((whole[0][0], whole[1][0]), axis, ends)
    curves = drawn_curves(ranking, codes, replicates=replicates, seed=seed)
    drawn = np.array([area_in_range(curve, axis, ends) for curve in curves])
    raw, standardised = (
        bootstrap_estimate(
            float(scale(np.array(value), ends)),
            scale(drawn, ends),
            n=truth.size,
            clusters=None if cluster is None else clusters,
            confidence=confidence,
        )
        for scale in (unscaled_area, standardised_area)
    )
    return PartialAuc(raw, standardised, axis, ends)


def range_along(
    specificity: tuple[float, float] | None, sensitivity: tuple[float, float] | None
) -> tuple[str, tuple[float, float]]:
    """Return the axis of the range that is given, and its ends in order.

    Raises:
        StatisticsError: no range or two, or an empty one.
    """
    if (specificity is None) == (sensitivity is None):
        raise StatisticsError("Expected a range of either specificity or sensitivity.")
    axis, ends = ("specificity", specificity) if sensitivity is None else ("sensitivity", sensitivity)
    if ends is None or len(ends) != 2 or not 0 <= min(ends) < max(ends) <= 1 or not math.isfinite(sum(ends)):
        raise StatisticsError(f"Expected a range of {axis} within 0 to 1 such as (0.9, 1), got {ends}.")
    return axis, (float(min(ends)), float(max(ends)))


def area_in_range(curve: tuple[Floats, Floats], axis: str, ends: tuple[float, float]) -> float:
    """Return the area under a curve between two ends of an axis; the curve comes by ascending threshold."""
    # Ascending along the axis of integration: the thresholds ascend, and so does specificity.
    x, y = (curve[1], curve[0]) if axis == "specificity" else (curve[0][::-1], curve[1][::-1])
    return math.nan if math.isnan(x[0]) or math.isnan(y[0]) else _area_between(x, y, ends)


def _area_between(x: Floats, y: Floats, ends: tuple[float, float]) -> float:
    """Trapezoidal area under a curve between two x; x must not decrease."""
    inside = (x >= ends[0]) & (x <= ends[1])
    at_ends = np.interp(ends, x, y)
    x, y = np.concatenate([ends[:1], x[inside], ends[1:]]), np.concatenate([at_ends[:1], y[inside], at_ends[1:]])
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def unscaled_area(area: Floats, ends: tuple[float, float]) -> Floats:
    """Return the partial area as it is."""
    return area


def standardised_area(area: Floats, ends: tuple[float, float]) -> Floats:
    """Rescale the area as McClish (1989): chance, the area under the diagonal, becomes 0.5, and perfection 1."""
    width = ends[1] - ends[0]
    chance = width * (1 - (ends[0] + ends[1]) / 2)
    result: Floats = 0.5 * (1 + (area - chance) / (width - chance))
    return result
