"""Perfect separation: a linear combination of predictors divides the outcomes, and no finite odds ratio fits.

Complete and quasi-complete separation are found exactly, by linear programming (Konis 2007, "Linear programming
algorithms for detecting separated data in binary logistic regression models"): moving along a separating direction
improves the fit of at least one observation and worsens that of none.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from thyrosight.statistics.validation import Floats, Integers


def separated_columns(outcome: Integers, design: Floats) -> dict[int, float]:
    """Return the columns whose logistic coefficient has no finite maximum-likelihood estimate.

    The value is 1.0 where the coefficient grows to infinity, -1.0 where it falls, and NaN where separating directions
    lead both ways.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included; not collinear.

    >>> separated_columns(np.array([0, 0, 1, 1]), np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]))
    {0: -1.0, 1: 1.0}
    >>> separated_columns(np.array([0, 1, 0, 1]), np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]))
    {}
    """
    sides, _ = _sides(outcome, design)
    if _reach(sides, sides.sum(axis=0)) < 1e-7:
        return {}
    result = {}
    for k, axis in enumerate(np.eye(design.shape[1])):
        up, down = _reach(sides, axis) > 1e-7, _reach(sides, -axis) > 1e-7
        if up or down:
            result[k] = math.nan if up and down else 1.0 if up else -1.0
    return result


def determined_rows(outcome: Integers, design: Floats) -> npt.NDArray[np.bool_]:
    """Return the observations that a separating direction fits perfectly; the others determine finite coefficients.

    >>> determined_rows(np.array([0, 1, 0, 0]), np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])).tolist()
    [False, False, True, True]
    """
    sides, place = _sides(outcome, design)
    rows, columns = sides.shape
    # Separating directions add up, so that one of them, made long enough, lifts by 1 every row that any can lift.
    lifts = sparse.hstack([sparse.csr_array(-sides), sparse.eye_array(rows)])
    answer = optimize.linprog(
        np.r_[np.zeros(columns), -np.ones(rows)],
        A_ub=lifts,
        b_ub=np.zeros(rows),
        bounds=[(None, None)] * columns + [(0.0, 1.0)] * rows,
    )
    return np.asarray(answer.x[columns:] > 0.5)[place]


def _sides(outcome: Integers, design: Floats) -> tuple[Floats, Integers]:
    """Return the distinct rows of the scaled design, signed by outcome, and the index of each row among them."""
    turned = np.where(outcome == 1, 1.0, -1.0)[:, None] * design / np.abs(design).max(axis=0)
    sides, place = np.unique(turned, axis=0, return_inverse=True)
    return sides, place.ravel()


def _reach(sides: Floats, objective: Floats) -> float:
    """Return the maximum of `objective` over directions in a unit box that worsen no row of `sides`."""
    answer = optimize.linprog(-objective, A_ub=-sides, b_ub=np.zeros(len(sides)), bounds=(-1.0, 1.0))
    return float(-answer.fun)
