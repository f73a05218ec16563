"""Calibration slope and intercept: whether predictions are too extreme, and whether they are too high."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.calibration.calibrators import as_probability, log_odds
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.regression.separation import separated_columns
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

    Probabilities of exactly 0 or 1 are moved to one in a million. Where the classes are perfectly separated, or all
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
    design = np.column_stack([np.ones(len(labels)), predicted])
    large = _fit(labels, design[:, :1], predicted, codes if shown else None)
    name = "logistic regression" if shown is None else "logistic regression, clustered robust variance"
    quantile = float(stats.norm.isf((1 - confidence) / 2))

    def estimate(value: float, se: float, method: str) -> Estimate:
        margin = quantile * se
        return Estimate(value, value - margin, value + margin, se, method, len(labels), shown, confidence)

    reason = _why_undefined(labels, design)
    if reason:
        slope = intercept = estimate(math.nan, math.nan, f"{name}: {reason}")
    else:
        line = _fit(labels, design, np.zeros(len(labels)), codes if shown else None)
        intercept, slope = (estimate(value, se, name) for value, se in line)
    return CalibrationSlope(slope, intercept, estimate(*large[0], f"{name}, slope 1"))


def _why_undefined(labels: Integers, design: Floats) -> str:
    if np.ptp(design[:, 1]) < 1e-12:
        return "all probabilities are equal"
    # Centred, so that the search for separation is not blinded by a common offset.
    centred = design - [0, design[:, 1].mean()]
    return "the classes are perfectly separated" if separated_columns(labels, centred) else ""


def _fit(labels: Integers, design: Floats, offset: Floats, codes: Integers | None) -> list[tuple[float, float]]:
    """Coefficients with standard errors."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    model = GLM(labels, design, family=Binomial(), offset=offset)
    if codes is None:
        fit = model.fit(tol=1e-12)
    elif codes.max() == 0:
        return [(float(value), math.nan) for value in model.fit(tol=1e-12).params]
    else:
        fit = model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": codes, "use_correction": True})
    return [(float(value), float(se)) for value, se in zip(fit.params, fit.bse, strict=True)]
