"""The two-coefficient logistic regression on a category number, fitted to many tables of counts at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, xlogy

from thyrosight.statistics.validation import Floats


@dataclass(frozen=True, slots=True)
class Trend:
    """Intercept and coefficient per unit of score, the coefficient's variance, and -2 log likelihood, one per table."""

    intercept: Floats
    coefficient: Floats
    variance: Floats
    deviance: Floats


def fit_trend(positive: Floats, total: Floats, scores: Floats) -> Trend:
    """Fit logit(rate) = intercept + coefficient * score to many tables of counts at once, by Newton's method.

    `positive` and `total` have one row per table. In separated tables the coefficient grows without limit; iteration
    ends when the deviance has reached its limit.
    """
    unit = float(np.ptp(scores))
    # Scores between about -1 and 1 keep the two unknowns alike in size.
    columns = np.stack([np.ones_like(scores), (scores - scores.mean()) / unit])
    rate = np.clip(positive.sum(axis=1) / total.sum(axis=1), 1e-9, 1 - 1e-9)
    unknowns = np.stack([np.log(rate / (1 - rate)), np.zeros_like(rate)], axis=1)
    deviance = _deviances(unknowns @ columns, positive, total)
    for _ in range(100):
        step, variance = _newton_step(unknowns @ columns, columns, positive, total)
        proposed = _deviances((unknowns + step) @ columns, positive, total)
        # Nearly separated tables overshoot: halve their step until it no longer makes things worse.
        for _ in range(40):
            worse = proposed > deviance + 1e-12
            if not worse.any():
                break
            step[worse] /= 2
            proposed[worse] = _deviances((unknowns[worse] + step[worse]) @ columns, positive[worse], total[worse])
        unknowns, gain, deviance = unknowns + step, deviance - proposed, proposed
        if gain.max() < 1e-12:
            break
    slope = unknowns[:, 1] / unit
    return Trend(unknowns[:, 0] - slope * scores.mean(), slope, variance / unit**2, deviance)


def _newton_step(linear: Floats, columns: Floats, positive: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return the Newton step of every table, no longer than 5, and the variance of its second unknown."""
    fitted = expit(linear)
    weight, residual = total * fitted * (1 - fitted), positive - total * fitted
    w0, w1, w2 = (weight @ (columns[1] ** power) for power in range(3))
    g0, g1 = (residual @ column for column in columns)
    determinant = np.maximum(w0 * w2 - w1**2, 1e-300)
    step = np.stack([w2 * g0 - w1 * g1, w0 * g1 - w1 * g0], axis=1) / determinant[:, None]
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1, 5 / np.maximum(longest, 5)), w0 / determinant


def _deviances(linear: Floats, positive: Floats, total: Floats) -> Floats:
    """Return -2 log likelihood of every table; log(1 + e^x) stays finite however far the slope has run."""
    return np.asarray(2 * (total * np.logaddexp(0, linear) - positive * linear).sum(axis=1))


def deviance_of(rate: npt.ArrayLike, positive: npt.ArrayLike, total: npt.ArrayLike) -> Floats:
    """Return -2 log likelihood of `positive` among `total` under `rate`."""
    rate, positive, total = (np.asarray(values, dtype=np.float64) for values in (rate, positive, total))
    return np.asarray(-2 * (xlogy(positive, rate) + xlogy(total - positive, 1 - rate)))
