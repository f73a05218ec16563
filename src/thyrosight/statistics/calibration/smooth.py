"""Smooth calibration curve and its mean, median and greatest distance from the ideal (ICI, E50, E90, Emax)."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.calibration.smoothers import Smoother, loess_smoother, spline_smoother
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_count,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

SMOOTHERS = ("spline", "loess")
_POINTS = 101  # of the curve
_DISTANCES = ("mean distance", "median distance", "90th percentile of distance", "greatest distance")
_PERFECT = 500  # samples of a perfectly calibrated model, at most
_CELLS = 200_000  # of such samples that are looked at together
_BIAS = (
    "ICI, E50, E90 and Emax are distances, so chance alone makes them positive: near perfect calibration they and their"
    " intervals lie above the true value. Compare them with the range of a perfectly calibrated model."
)
_GREATEST = "Emax is found where cases are fewest; E90 is steadier."


@dataclass(frozen=True, slots=True)
class CalibrationPoint(Result):
    """A point of the curve: predicted risk, and the observed risk at it with a pointwise interval."""

    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SmoothCalibration(Result):
    """Observed risk as a smooth function of predicted risk (Austin and Steyerberg 2019).

    Attributes:
        points: the curve, from the least to the greatest predicted risk; empty where it is undefined.
        ici: integrated calibration index, the mean over cases of the distance of curve and prediction (0 ideal).
        e50: median of this distance.
        e90: its 90th percentile.
        emax: its greatest value.
        ici_if_perfect: mean ICI of samples of this size from a perfectly calibrated model with the same predictions;
            its interval is the range of 95 % (or `confidence`) of the samples. Cases are drawn independently.
        method: smoother in words.
        notes: what to keep in mind.
    """

    points: tuple[CalibrationPoint, ...]
    ici: Estimate
    e50: Estimate
    e90: Estimate
    emax: Estimate
    ici_if_perfect: Estimate
    method: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = {"ICI": self.ici, "E50": self.e50, "E90": self.e90, "Emax": self.emax}
        return "\n".join(f"{name} {value}" for name, value in (lines | {"ICI if perfect": self.ici_if_perfect}).items())


def smooth_calibration(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    smoother: str = "spline",
    knots: int | None = None,
    span: float = 0.75,
    degree: int = 2,
    cluster: npt.ArrayLike | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> SmoothCalibration:
    """Return the smooth calibration curve with a bootstrap band, and ICI, E50, E90 and Emax with intervals.

    "spline", the default, is a logistic regression of truth on a restricted cubic spline of the predicted log odds: it
    stays between 0 and 1, is straight in its tails, and takes fewer knots where one outcome is rare. "loess" is the
    local regression of Austin and Steyerberg (Stat Med 2019;38:4051), for comparison with indices published with it; it
    is cut at 0 and 1. Each bootstrap sample draws patients and fits its own curve; intervals are percentile intervals.

    Args:
        truth: n values of 0 and 1.
        probability: n predicted probabilities of truth being 1.
        smoother: "spline" or "loess".
        knots: of the spline, 3 to 5; by default by the number of the rarer outcome (`usual_knots`).
        span: share of cases in each local fit of loess.
        degree: of the local polynomial of loess, 1 or 2.
        cluster: patient of each case, resampled whole; None when all are independent.
        replicates: number of bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the intervals and (pointwise) of the band.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, unequal lengths, or an option outside its range.

    >>> probability = np.arange(1, 100) / 100
    >>> truth = (np.arange(99) * 37 % 99 < 99 * probability).astype(int)
    >>> print(smooth_calibration(truth, probability, replicates=200).e50)
    0.0... (95 % interval 0.0... to 0.1...; median distance, percentile bootstrap, 200 replicates; n = 99)
    """
    labels, values = as_truth(truth), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    require_choice(smoother, SMOOTHERS, name="smoother")
    require_confidence(confidence)
    replicates = as_count(replicates, name="replicates")
    codes, clusters = cluster_codes(cluster, len(labels))
    shown = None if cluster is None else clusters
    grid = np.linspace(values.min(), values.max(), _POINTS)
    found: Smoother | str
    if smoother == "spline":
        found = spline_smoother(labels, values, grid, knots=knots)
    else:
        found = loess_smoother(labels, values, grid, span=span, degree=degree)
    if isinstance(found, str):
        return _undefined(found, len(labels), shown, confidence)
    at_cases, on_grid = found.curves(labels, np.ones((1, len(labels)), dtype=np.int64))
    drawn, curves = _resampled(found, labels, values, codes, clusters, replicates=replicates, seed=seed)
    distances = _summaries(np.abs(at_cases - values))[0]

    def estimate(value: float, samples: Floats, name: str) -> Estimate:
        made = bootstrap_estimate(value, samples, n=len(labels), clusters=shown, confidence=confidence)
        return replace(made, method=f"{name}, {made.method}")

    ici, e50, e90, emax = (estimate(float(distances[i]), drawn[:, i], name) for i, name in enumerate(_DISTANCES))
    perfect = _if_perfect(found, values, samples=min(replicates, _PERFECT), seed=seed, confidence=confidence)
    points = _points(grid, on_grid[0], curves, confidence)
    return SmoothCalibration(points, ici, e50, e90, emax, perfect, found.method, (_BIAS, _GREATEST))


def _undefined(reason: str, n: int, clusters: int | None, confidence: float) -> SmoothCalibration:
    nan = math.nan
    ici, e50, e90, emax = (
        Estimate(nan, nan, nan, nan, f"{name}: {reason}", n, clusters, confidence) for name in _DISTANCES
    )
    return SmoothCalibration((), ici, e50, e90, emax, ici, f"no curve: {reason}", ())


def _resampled(
    smoother: Smoother, labels: Integers, values: Floats, codes: Integers, clusters: int, *, replicates: int, seed: int
) -> tuple[Floats, Floats]:
    """Distances of each sample, shape (replicates, 4), and its curve."""
    drawn, curves = [np.empty((0, 4))], [np.empty((0, _POINTS))]
    for block in drawn_blocks(clusters, len(values), replicates, seed):
        counts = block[:, codes].astype(np.int64)
        at_cases, on_grid = smoother.curves(labels, counts)
        far, sizes, found = np.abs(at_cases - values), counts.sum(axis=1), np.empty((len(counts), 4))
        for size in np.unique(sizes):  # samples of as many cases together
            own = sizes == size
            found[own] = _summaries(np.repeat(far[own].ravel(), counts[own].ravel()).reshape(-1, size))
        drawn.append(found)
        curves.append(on_grid)
    return np.concatenate(drawn), np.concatenate(curves)


def _if_perfect(smoother: Smoother, values: Floats, *, samples: int, seed: int, confidence: float) -> Estimate:
    """Mean ICI of samples whose truth follows the predictions, and the range of most of them."""
    generator, n = np.random.default_rng([seed, 1]), len(values)
    found = [np.empty(0)]
    at_once = max(1, _CELLS // n)
    for done in range(0, samples, at_once):
        truth = (generator.random((min(at_once, samples - done), n)) < values).astype(np.int64)
        truth = truth[(truth.sum(axis=1) > 0) & (truth.sum(axis=1) < n)]
        if len(truth):
            at_cases, _ = smoother.curves(truth, np.ones_like(truth))
            found.append(np.abs(at_cases - values).mean(axis=1))
    known = np.concatenate(found)
    known = known[~np.isnan(known)]
    words = f"mean and range of {known.size} samples of a perfectly calibrated model"
    if known.size < 2:
        return Estimate(math.nan, math.nan, math.nan, math.nan, words, len(values), None, confidence)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(
        float(known.mean()), float(low), float(high), float(known.std(ddof=1)), words, len(values), None, confidence
    )


def _summaries(distance: Floats) -> Floats:
    """Mean, median, 90th percentile and maximum of each row; NaN where a row has a NaN."""
    middle, upper = np.quantile(distance, [0.5, 0.9], axis=1)
    found = np.column_stack([distance.mean(axis=1), middle, upper, distance.max(axis=1)])
    found[np.isnan(distance).any(axis=1)] = math.nan
    return found


def _points(grid: Floats, curve: Floats, curves: Floats, confidence: float) -> tuple[CalibrationPoint, ...]:
    known = curves[~np.isnan(curves).any(axis=1)]
    if len(known) < 2:
        known = np.full((2, grid.size), math.nan)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return tuple(CalibrationPoint(*map(float, row)) for row in zip(grid, curve, low, high, strict=True))
