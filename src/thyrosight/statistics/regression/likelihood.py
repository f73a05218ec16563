"""Logistic regression by maximum likelihood, in time proportional to the number of observations."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.climbing import Surface, climb, standardised
from thyrosight.statistics.regression.separation import is_separated
from thyrosight.statistics.validation import Floats, Integers

# Where a maximum exists it is reached in about 10 steps; only beyond this many is separation looked for.
_USUAL_ATTEMPTS = 25


@dataclass(frozen=True, eq=False, slots=True)
class LogisticFit:
    """Coefficients of the greatest likelihood, their covariance, the fitted probabilities and the log likelihood."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    log_likelihood: float


def fit_logistic(outcome: Integers, design: Floats, *, offset: Floats | float = 0.0) -> LogisticFit | None:
    """Fit a logistic model; None if the predictors separate the outcomes, so that the likelihood has no maximum.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included; not collinear.
        offset: added to the log odds of each observation.

    Raises:
        StatisticsError: the fit does not converge although the data are not separated.
    """
    scaled, back = standardised(design)
    surface = _likelihood(outcome, scaled, offset)
    peak = climb(surface, scaled, np.zeros(design.shape[1]), attempts=_USUAL_ATTEMPTS)
    if peak is None:
        if is_separated(outcome, design):
            return None
        peak = climb(surface, scaled, np.zeros(design.shape[1]))
    if peak is None:
        raise StatisticsError("The logistic regression did not converge; look for predictors of very unlike size.")
    covariance = back @ np.linalg.inv(peak.curvature) @ back.T
    fitted = expit(scaled @ peak.place + offset)
    return LogisticFit(back @ peak.place, covariance, np.asarray(fitted), peak.height)


def clustered_covariance(fit: LogisticFit, outcome: Integers, design: Floats, cluster: Integers) -> Floats:
    """Return the sandwich covariance of the coefficients, robust to correlation within clusters, without correction.

    Args:
        fit: fit of `outcome` on `design`.
        outcome: 0 or 1 per observation.
        design: as in the fit.
        cluster: code 0..k-1 of the cluster of each observation.
    """
    bread, residual = fit.covariance, outcome - fit.fitted
    scores = np.column_stack([np.bincount(cluster, column * residual) for column in design.T])
    return np.asarray(bread @ (scores.T @ scores) @ bread)


def _likelihood(outcome: Integers, design: Floats, offset: Floats | float) -> Surface:
    def surface(beta: Floats) -> tuple[float, Floats, Floats]:
        linear = design @ beta + offset
        fitted = expit(linear)
        height = float(outcome @ linear - np.logaddexp(0, linear).sum())
        information = (design * (fitted * (1 - fitted))[:, None]).T @ design
        return height, design.T @ (outcome - fitted), information

    return surface
