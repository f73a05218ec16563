"""The same logistic model fitted to many bootstrap samples at once."""

import numpy as np
from scipy.special import expit

from thyrosight.statistics.validation import Floats, Integers

_ATTEMPTS = 30
_LARGEST_MOVE = 5.0  # of any observation's log odds in one step


def refit_logistic(outcome: Integers, design: Floats, weights: Floats | Integers, start: Floats) -> Floats:
    """Return the coefficients of a logistic model under each row of weights: shape (replicates, columns).

    Newton's method from the coefficients of all data. A replicate in which it does not settle within 30 steps, as where
    the drawn outcomes are separated, is NaN.

    Args:
        outcome: 0 or 1 per observation, shape (observations,) or one row per replicate.
        design: one row per observation, one column per coefficient, the intercept included, of like size.
        weights: shape (replicates, observations), for example how often each was drawn.
        start: coefficients to start from.

    >>> refit_logistic(np.array([0, 1, 1, 0]), np.ones((4, 1)), np.array([[1.0, 1, 1, 1], [1, 2, 1, 0]]), np.zeros(1))
    array([[0.        ],
           [1.09861229]])
    """
    count = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(-1, count * count)
    place = np.tile(start, (len(weights), 1))
    result = np.full_like(place, np.nan)
    open_rows = np.arange(len(weights))
    for _ in range(_ATTEMPTS):
        fitted = expit(place @ design.T)
        used = weights[open_rows]
        seen = outcome if outcome.ndim == 1 else outcome[open_rows]
        gradient = (used * (seen - fitted)) @ design
        curvature = (used * fitted * (1 - fitted)) @ products
        curvature = curvature.reshape(-1, count, count)
        # A trace of the mean curvature keeps the equations of a drawn sample with few distinct values solvable.
        size = np.trace(curvature, axis1=1, axis2=2)[:, None, None]
        step = np.linalg.solve(curvature + (1e-10 * size + 1e-12) * np.eye(count), gradient[:, :, None])[:, :, 0]
        move = np.abs(step @ design.T).max(axis=1)
        place = place + step * np.minimum(1.0, _LARGEST_MOVE / np.maximum(move, 1e-300))[:, None]
        settled = move < 1e-7
        result[open_rows[settled]] = place[settled]
        place, open_rows = place[~settled], open_rows[~settled]
        if not open_rows.size:
            break
    return result
