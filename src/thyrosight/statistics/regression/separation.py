"""Perfect separation: a linear combination of predictors divides the outcomes, and no finite odds ratio fits.

Complete and quasi-complete separation are found exactly: moving along a separating direction improves the fit of at
least one observation and worsens that of none (Albert & Anderson, Biometrika 1984). With one predictor it is enough to
look at the extremes of each outcome; with several, linear programming finds the directions (Konis 2007, "Linear
programming algorithms for detecting separated data in binary logistic regression models").
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import optimize

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats, Integers

_TOLERANCE = 1e-7  # that of the linear programs
_ROWS_AT_ONCE = 50


def is_separated(outcome: Integers, design: Floats) -> bool:
    """Return whether some separating direction exists, so that the likelihood has no maximum.

    >>> is_separated(np.array([0, 0, 1, 1]), np.array([[1.0, 0], [1, 1], [1, 1], [1, 3]]))
    True
    """
    if design.shape[1] == 2 and np.ptp(design[:, 0]) == 0:
        return one_predictor_separates(outcome, design[:, 1])
    cone = _Cone(outcome, design)
    return cone.reach(cone.sides.sum(axis=0))[0] > _TOLERANCE


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
    cone = _Cone(outcome, design)
    if cone.reach(cone.sides.sum(axis=0))[0] <= _TOLERANCE:
        return {}
    result = {}
    for k, axis in enumerate(np.eye(design.shape[1])):
        up, down = (cone.reach(sign * axis)[0] > _TOLERANCE for sign in (1, -1))
        if up or down:
            result[k] = math.nan if up and down else 1.0 if up else -1.0
    return result


def determined_rows(outcome: Integers, design: Floats) -> npt.NDArray[np.bool_]:
    """Return the observations that a separating direction fits perfectly; the others determine finite coefficients.

    >>> determined_rows(np.array([0, 1, 0, 0]), np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])).tolist()
    [False, False, True, True]
    """
    cone = _Cone(outcome, design)
    lifted = np.zeros(outcome.size, dtype=bool)
    # Each direction found lifts a row that none before it has lifted, so there are no more of them than coefficients.
    for _ in range(design.shape[1]):
        height, direction = cone.reach(cone.sides[~lifted].sum(axis=0))
        if height <= _TOLERANCE:
            break
        lifted |= cone.sides @ direction > _TOLERANCE
    return lifted


def one_predictor_separates(outcome: Integers, predictor: Floats) -> bool:
    """Return whether the values of the two outcomes have no more than one value in common.

    One outcome alone is separated by the intercept.

    >>> one_predictor_separates(np.array([0, 0, 1]), np.array([1.0, 2, 2]))
    True
    """
    with_it, without = predictor[outcome == 1], predictor[outcome == 0]
    if not with_it.size or not without.size:
        return True
    return bool(without.max() <= with_it.min() or with_it.max() <= without.min())


class _Cone:
    """The separating directions: those in which no observation's fit becomes worse.

    A linear program over all observations takes a time that grows faster than their number. So it is solved with a few
    of them, and those which the answer worsens most are added until there are none.
    """

    def __init__(self, outcome: Integers, design: Floats) -> None:
        self.sides: Floats = np.where(outcome == 1, 1.0, -1.0)[:, None] * design / np.abs(design).max(axis=0)
        every = max(1, len(self.sides) // _ROWS_AT_ONCE)
        self._held = np.unique(np.r_[: len(self.sides) : every])

    def reach(self, objective: Floats) -> tuple[float, Floats]:
        """Return the maximum of `objective` over directions in a unit box that worsen no row, and where it is had."""
        objective = objective / max(float(np.abs(objective).max()), 1e-300)
        while True:
            rows = self.sides[self._held]
            answer = optimize.linprog(-objective, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0))
            if answer.x is None:
                raise StatisticsError("The search for perfect separation failed; look for predictors of unlike size.")
            if -answer.fun <= _TOLERANCE:
                return 0.0, np.zeros_like(objective)
            fit = self.sides @ answer.x
            fit[self._held] = 0.0
            worst = np.argsort(fit)[:_ROWS_AT_ONCE] if len(fit) <= _ROWS_AT_ONCE else _least(fit)
            worst = worst[fit[worst] < -_TOLERANCE]
            if not worst.size:
                return float(-answer.fun), np.asarray(answer.x)
            self._held = np.union1d(self._held, worst)


def _least(fit: Floats) -> Integers:
    return np.argpartition(fit, _ROWS_AT_ONCE)[:_ROWS_AT_ONCE]
