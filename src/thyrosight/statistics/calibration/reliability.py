"""Agreement of predicted probabilities with observed frequencies: reliability, Brier score, calibration error."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import clustered_bootstrap
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.intervals import proportion_interval
from thyrosight.statistics.resampling.means import mean_interval
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
        low: lower edge, included in the bin.
        high: upper edge, included in the last bin only.
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
        bins: number of bins. Equal probabilities share a bin, so there may be fewer.
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


@dataclass(frozen=True, slots=True)
class Brier(Result):
    """Mean squared error of probabilities, in parts.

    score = reliability - resolution + uncertainty + within_bin_variance - within_bin_covariance, exactly (Stephenson,
    Coelho and Jolliffe 2008, equation 9). Without bins every distinct probability is a bin of its own: the last two are
    0 and the three-part identity of Murphy (1973) is exact.

    Attributes:
        score: mean of (probability - truth) squared, 0 best, with the interval of a mean.
        reliability: mean squared distance of predicted and observed frequency over bins (0 best).
        resolution: mean squared distance of observed frequency in bins and overall (the more, the better).
        uncertainty: prevalence * (1 - prevalence).
        within_bin_variance: variance of probabilities within bins.
        within_bin_covariance: twice the covariance of probability and truth within bins.
        skill: 1 - score / uncertainty; NaN with one class.
        bins: number of bins with cases.
    """

    score: Estimate
    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float
    skill: float
    bins: int


def brier(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    bins: int | None = None,
    binning: str = "equal-mass",
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Brier:
    """Return the Brier score and its decomposition.

    Args:
        truth: n values of 0 and 1; one class alone is allowed.
        probability: n probabilities of truth being 1.
        bins: number of bins of the decomposition; None for one bin per distinct probability.
        binning: "equal-mass" or "equal-width".
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval of the score.

    Raises:
        StatisticsError: values outside 0 to 1, unequal lengths, an unknown binning or fewer than one bin.

    >>> result = brier([0, 0, 1, 0, 1, 1], [0.2, 0.2, 0.2, 0.8, 0.8, 0.8])
    >>> [round(x, 4) for x in (result.score.value, result.reliability, result.resolution, result.uncertainty)]
    [0.24, 0.0178, 0.0278, 0.25]
    """
    labels, values = _checked(truth, probability)
    where = np.unique(values, return_inverse=True)[1] if bins is None else _binned(values, bins, binning)[1]
    where = np.unique(where, return_inverse=True)[1]
    count = np.bincount(where)
    forecast = (np.bincount(where, weights=values) / count)[where]
    observed = (np.bincount(where, weights=labels) / count)[where]
    prevalence = float(labels.mean())
    uncertainty = prevalence * (1 - prevalence)
    score = mean_interval((values - labels) ** 2, cluster=cluster, confidence=confidence, method="Brier score")
    return Brier(
        score=score,
        reliability=float(((forecast - observed) ** 2).mean()),
        resolution=float(((observed - prevalence) ** 2).mean()),
        uncertainty=uncertainty,
        within_bin_variance=float(((values - forecast) ** 2).mean()),
        within_bin_covariance=float(2 * ((values - forecast) * (labels - observed)).mean()),
        skill=1 - score.value / uncertainty if uncertainty else math.nan,
        bins=len(count),
    )


def calibration_error(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    bins: int = 10,
    binning: str = "equal-mass",
    cluster: npt.ArrayLike | None = None,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Estimate:
    """Return the expected calibration error (ECE; Naeini, Cooper and Hauskrecht 2015) with a bootstrap interval.

    The ECE averages absolute distances, so chance alone makes it positive. With few cases per bin it exceeds the true
    error of the model, and so does its interval. Compare it only at equal n and bins, or use `calibration_slope`.

    Args:
        truth: n values of 0 and 1; one class alone is allowed.
        probability: n probabilities of truth being 1.
        bins: number of bins; the same in all replicates.
        binning: "equal-mass" or "equal-width".
        cluster: patient of each case, resampled whole; None when all are independent.
        replicates: number of bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the percentile interval.

    Raises:
        StatisticsError: as `reliability_curve`.

    >>> print(calibration_error([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], bins=2, replicates=200))
    0.150 (95 % interval 0.100 to 0.200; expected calibration error, 2 bins: percentile bootstrap, ...; n = 4)
    """
    labels, values = _checked(truth, probability)
    where = _binned(values, bins, binning)[1]

    def error(labels: Floats, values: Floats, where: Integers) -> float:
        return float(np.abs(np.bincount(where, weights=values - labels)).sum()) / len(labels)

    found = clustered_bootstrap(
        error, labels, values, where, cluster=cluster, replicates=replicates, seed=seed, confidence=confidence
    )
    used = len(np.unique(where))
    return replace(found, method=f"expected calibration error, {used} bins: {found.method}")


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
        # A quotient is the number nearest to 0.3, as a probability of 0.3 is; linspace gives the next one above.
        edges = np.arange(bins + 1) / bins
    else:
        # Where equal probabilities straddle a quantile, the nearer end of their run becomes the edge.
        distinct, starts = np.unique(np.sort(probability), return_index=True)
        wanted = len(probability) * np.arange(1, bins) / bins
        nearest = np.abs(starts[None, :] - wanted[:, None]).argmin(axis=1) if bins > 1 else np.empty(0, np.int64)
        edges = np.concatenate([[0.0], distinct[np.unique(nearest[nearest > 0])], [1.0]])
    where = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    return edges.tolist(), where
