"""Perfect separation: a line through the predictors that divides the outcomes, so that no finite odds ratio fits."""

import numpy as np
from scipy import optimize

from thyrosight.statistics.validation import Floats, Integers


def separated_columns(outcome: Integers, design: Floats) -> list[int]:
    """Return the columns of `design` whose logistic coefficient has no finite maximum-likelihood estimate.

    Complete and quasi-complete separation are found exactly, by linear programming (Konis 2007, "Linear programming
    algorithms for detecting separated data in binary logistic regression models"): a direction that never lowers and
    somewhere raises the linear predictor on the right side of every observation. The columns must not be collinear.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included.

    >>> separated_columns(np.array([0, 0, 1, 1]), np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]))
    [0, 1]
    >>> separated_columns(np.array([0, 1, 0, 1]), np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]))
    []
    """
    scale = np.abs(design).max(axis=0)
    sides = np.unique(np.where(outcome == 1, 1.0, -1.0)[:, None] * design / np.where(scale > 0, scale, 1), axis=0)
    if _reach(sides, sides.sum(axis=0)) < 1e-7:
        return []
    # A coefficient is infinite when some separating direction moves it, up or down.
    columns = np.eye(design.shape[1])
    return [k for k, axis in enumerate(columns) if max(_reach(sides, axis), _reach(sides, -axis)) > 1e-7]


def _reach(sides: Floats, objective: Floats) -> float:
    """Return how far `objective` rises among directions in a unit box that no row of `sides` speaks against."""
    answer = optimize.linprog(-objective, A_ub=-sides, b_ub=np.zeros(len(sides)), bounds=(-1.0, 1.0))
    return float(-answer.fun)
