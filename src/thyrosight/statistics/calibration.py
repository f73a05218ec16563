"""How far predicted probabilities agree with observed frequencies."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.calibrators import as_probability
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions import proportion_interval
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

BINNINGS = ("equal-mass", "equal-width")


@dataclass(frozen=True, slots=True)
class ReliabilityBin(Result):
    """Cases of similar predicted probability.

    Attributes:
        low: least probability the bin takes (bins are closed below; the last is closed on both sides).
        high: upper edge.
        mean_probability: mean predicted probability of the cases in it.
        observed: their observed frequency of truth being 1, with Wilson interval.
    """

    low: float
    high: float
    mean_probability: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class ReliabilityCurve(Result):
    """Predicted against observed frequency, bin by bin; bins without a case are left out."""

    bins: tuple[ReliabilityBin, ...]
    binning: str
    n: int

    @property
    def expected_calibration_error(self) -> float:
        """Mean distance of predicted and observed frequency, weighted by the number of cases."""
        gaps = (bin_.observed.n * abs(bin_.mean_probability - bin_.observed.value) for bin_ in self.bins)
        return sum(gaps) / self.n


def reliability_curve(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    bins: int = 10,
    binning: str = "equal-mass",
    confidence: float = 0.95,
) -> ReliabilityCurve:
    """Compare predicted probability with observed frequency in bins, each with a Wilson interval.

    Args:
        truth: n values of 0 and 1; one class alone is allowed.
        probability: n probabilities of truth being 1.
        bins: how many bins to form. Equal probabilities are never divided, so fewer may come out.
        binning: "equal-mass" (quantiles: about as many cases in each) or "equal-width".
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: values outside 0 to 1, unequal lengths, an unknown binning or fewer than one bin.

    >>> curve = reliability_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], bins=2, binning="equal-width")
    >>> [(round(b.mean_probability, 2), b.observed.value) for b in curve.bins]
    [(0.15, 0.0), (0.85, 1.0)]
    """
    labels, values = _checked(truth, probability)
    require_confidence(confidence)
    edges, where = _binned(values, bins, binning)
    rows = []
    for index in np.unique(where):
        inside = where == index
        observed = proportion_interval(
            int(labels[inside].sum()), int(inside.sum()), method="wilson", confidence=confidence
        )
        rows.append(ReliabilityBin(edges[index], edges[index + 1], float(values[inside].mean()), observed))
    return ReliabilityCurve(tuple(rows), binning, len(labels))


def _checked(truth: npt.ArrayLike, probability: npt.ArrayLike) -> tuple[Integers, Floats]:
    labels, values = as_truth(truth, both_classes=False), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    return labels, values


def _binned(probability: Floats, bins: int, binning: str) -> tuple[list[float], Integers]:
    """Edges of the bins and the bin of every case."""
    require_choice(binning, BINNINGS, name="binning")
    if bins < 1:
        raise StatisticsError(f"Expected `bins` to be at least 1, got {bins}.")
    if binning == "equal-width":
        edges = np.linspace(0, 1, bins + 1)
    else:
        inner = np.quantile(probability, np.arange(1, bins) / bins, method="inverted_cdf")
        # An edge belongs to the bin above it; the smallest value as an edge would leave the first bin empty.
        edges = np.concatenate([[0.0], np.unique(inner[inner > probability.min()]), [1.0]])
    where = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    return edges.tolist(), where
