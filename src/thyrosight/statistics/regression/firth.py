"""Logistic regression with Firth's penalty, finite even where the predictors separate the outcomes.

Firth, Biometrika 1993; Heinze & Schemper, Stat Med 2002 (profile intervals and penalised likelihood-ratio tests).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats, Integers


@dataclass(frozen=True, eq=False, slots=True)
class FirthFit:
    """Coefficients that maximise the penalised likelihood, their covariance, and that likelihood's logarithm."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float


def fit_firth(
    outcome: Integers, design: Floats, *, fixed: tuple[int, float] | None = None, start: Floats | None = None
) -> FirthFit:
    """Maximise log likelihood + log det(information) / 2.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included; not collinear.
        fixed: number of a coefficient and the value it is held at.
        start: coefficients to start from.
    """
    beta = np.zeros(design.shape[1]) if start is None else start.copy()
    free = np.arange(design.shape[1])
    if fixed is not None:
        beta[fixed[0]] = fixed[1]
        free = np.delete(free, fixed[0])
    value, score, information = _penalised(outcome, design, beta)
    for _ in range(500):
        step = np.zeros_like(beta)
        if free.size:
            step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        # No observation's log odds may move by more than 5 at once, nor may the likelihood fall.
        step *= min(1.0, 5 / max(float(np.abs(design @ step).max()), 5))
        proposed = _penalised(outcome, design, beta + step)
        while proposed[0] < value and np.abs(design @ step).max() > 1e-9:
            step /= 2
            proposed = _penalised(outcome, design, beta + step)
        if proposed[0] - value < 1e-11:
            return FirthFit(beta, np.asarray(np.linalg.inv(information), dtype=np.float64), value)
        beta, (value, score, information) = beta + step, proposed
    raise StatisticsError("The fit with Firth's penalty did not converge; look for nearly collinear predictors.")


def profile_interval(
    outcome: Integers, design: Floats, fit: FirthFit, number: int, *, confidence: float
) -> tuple[float, float]:
    """Return where the profile penalised likelihood of a coefficient falls by half the chi-square quantile."""
    fall = float(stats.chi2.isf(1 - confidence, 1)) / 2
    centre, se = float(fit.coefficients[number]), math.sqrt(fit.covariance[number, number])
    held = fit

    def excess(value: float) -> float:
        nonlocal held
        # Neighbouring values of the held coefficient have neighbouring solutions.
        held = fit_firth(outcome, design, fixed=(number, value), start=held.coefficients)
        return held.log_likelihood - fit.log_likelihood + fall

    limits = []
    for side in (-1, 1):
        held, near, far = fit, centre, centre + side * se
        while excess(far) > 0:
            near, far = far, far + side * 2 * abs(far - centre)
            if abs(far - centre) > 1e4 * se:
                break
        unbounded = abs(far - centre) > 1e4 * se
        limits.append(side * math.inf if unbounded else float(optimize.brentq(excess, near, far, xtol=1e-7 * se)))
    return limits[0], limits[1]


def profile_p(outcome: Integers, design: Floats, fit: FirthFit, number: int) -> float:
    """Return the P value of the penalised likelihood-ratio test that a coefficient is 0."""
    held = fit_firth(outcome, design, fixed=(number, 0.0), start=fit.coefficients)
    return float(stats.chi2.sf(max(0.0, 2 * (fit.log_likelihood - held.log_likelihood)), 1))


def _penalised(outcome: Integers, design: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
    """Return penalised log likelihood, its score, and the information, at `beta`."""
    linear = design @ beta
    fitted = expit(linear)
    weighted = design * np.sqrt(fitted * (1 - fitted))[:, None]
    information = weighted.T @ weighted
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0:
        return -math.inf, np.zeros_like(beta), np.eye(beta.size)
    leverage = np.einsum("ij,ij->i", weighted, np.linalg.solve(information, weighted.T).T)
    score = design.T @ (outcome - fitted + leverage * (0.5 - fitted))
    likelihood = float(outcome @ linear - np.logaddexp(0, linear).sum())
    return likelihood + float(log_determinant) / 2, score, information
