"""Calibration slope and intercept: whether predictions are too extreme, and whether they are too high."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.calibration.calibrators import as_probability, log_odds
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.regression.likelihood import clustered_covariance, fit_logistic
from thyrosight.statistics.regression.separation import one_predictor_separates
from thyrosight.statistics.validation import Floats, Integers, as_truth, require_confidence, require_same_length


@dataclass(frozen=True, slots=True)
class CalibrationSlope(Result):
    """Logistic regression of truth on the predicted log odds (Cox 1958; Van Calster et al. 2016).

    Attributes:
        slope: 1 is ideal; below 1 predictions are too extreme (overfitting), above 1 too modest.
        intercept: of the same model; to be read together with the slope.
        intercept_in_the_large: intercept with the slope fixed at 1; 0 is ideal, below 0 risks are too high on average.
    """

    slope: Estimate
    intercept: Estimate
    intercept_in_the_large: Estimate

    def __str__(self) -> str:
        return f"slope {self.slope}\nintercept in the large {self.intercept_in_the_large}"


def calibration_slope(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> CalibrationSlope:
    """Return calibration slope and intercepts, each with a Wald interval (robust to clusters where they are given).

    Probabilities of exactly 0 or 1 are moved to one in a million, and the method says how many were: their log odds are
    a choice of ours, on which intercepts and their intervals depend. Where the classes are perfectly separated, or all
    probabilities are equal, slope and intercept have no finite value: they are NaN and their method says why.

    Args:
        truth: n values of 0 and 1.
        probability: n probabilities of truth being 1.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, or unequal lengths.

    >>> result = calibration_slope([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    >>> round(result.slope.value, 3), round(result.intercept_in_the_large.value, 3)
    (1.123, 0.199)
    """
    labels, values = as_truth(truth), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    require_confidence(confidence)
    codes, clusters = cluster_codes(cluster, len(labels))
    shown = None if cluster is None else clusters
    predicted = log_odds(values)
    groups = codes if shown else None
    large = _fit(labels, np.ones((len(labels), 1)), predicted, groups)
    name = "logistic regression" if shown is None else "logistic regression, clustered robust variance"
    certain = int(((values == 0) | (values == 1)).sum())
    moved = f"; {certain} probabilities of 0 or 1 moved by one in a million" if certain else ""
    quantile = float(stats.norm.isf((1 - confidence) / 2))

    def estimate(value: float, se: float, method: str) -> Estimate:
        margin = quantile * se
        return Estimate(value, value - margin, value + margin, se, method + moved, len(labels), shown, confidence)

    reason = _why_undefined(labels, predicted)
    if reason:
        slope = intercept = estimate(math.nan, math.nan, f"{name}: {reason}")
    else:
        line = _fit(labels, np.column_stack([np.ones(len(labels)), predicted]), 0.0, groups)
        intercept, slope = (estimate(value, se, name) for value, se in line)
    return CalibrationSlope(slope, intercept, estimate(*large[0], f"{name}, slope 1"))


def _why_undefined(labels: Integers, predicted: Floats) -> str:
    if np.ptp(predicted) < 1e-12:
        return "all probabilities are equal"
    return "the classes are perfectly separated" if one_predictor_separates(labels, predicted) else ""


def _fit(
    labels: Integers, design: Floats, offset: Floats | float, groups: Integers | None
) -> list[tuple[float, float]]:
    """Coefficients with standard errors; those of few clusters are corrected as in Stata (Cameron & Miller 2015)."""
    fit = fit_logistic(labels, design, offset=offset)
    if fit is None:
        raise StatisticsError("The calibration slope did not converge; look for probabilities that are nearly equal.")
    covariance = fit.covariance
    if groups is not None:
        clusters, (n, count) = int(groups.max()) + 1, design.shape
        if clusters == 1:
            return [(float(value), math.nan) for value in fit.coefficients]
        correction = clusters / (clusters - 1) * (n - 1) / (n - count)
        covariance = correction * clustered_covariance(fit, labels, design, groups)
    least = 1e-12 * np.diag(fit.covariance)  # nothing but rounding is left where the sums of few clusters cancel
    return [
        (float(value), math.sqrt(variance) if variance > smallest else math.nan)
        for value, variance, smallest in zip(fit.coefficients, np.diag(covariance), least, strict=True)
    ]
