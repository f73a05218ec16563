"""Two ways to draw observed risk as a smooth function of predicted risk: a restricted cubic spline, and loess."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from thyrosight.statistics.calibration.calibrators import log_odds
from thyrosight.statistics.calibration.loess import local_regression
from thyrosight.statistics.calibration.refits import refit_logistic
from thyrosight.statistics.calibration.splines import knots_at_quantiles, spline_basis, usual_knots
from thyrosight.statistics.regression.climbing import standardised
from thyrosight.statistics.regression.likelihood import fit_logistic
from thyrosight.statistics.validation import Floats, Integers

_PLACES = 256  # at which loess is computed; between them it is interpolated


class Smoother(Protocol):
    """Fits a curve to samples that share their predictions."""

    @property
    def method(self) -> str:
        """The smoother in words."""
        ...

    def curves(self, truth: Integers, counts: Integers) -> tuple[Floats, Floats]:
        """Return the fitted risk at the cases and at the grid, a row per sample; NaN where a sample allows none.

        Args:
            truth: shape (n,), or (samples, n).
            counts: how often each case is in each sample, shape (samples, n).
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Spline:
    """Logistic regression on the columns of a spline of the predicted log odds."""

    design: Floats
    on_grid: Floats
    start: Floats
    method: str

    def curves(self, truth: Integers, counts: Integers) -> tuple[Floats, Floats]:
        """As `Smoother`."""
        beta = refit_logistic(truth, self.design, counts, self.start)
        return np.asarray(expit(beta @ self.design.T)), np.asarray(expit(beta @ self.on_grid.T))


@dataclass(frozen=True, eq=False, slots=True)
class Loess:
    """Local regression on the predicted risk, cut at 0 and 1."""

    values: Floats
    grid: Floats
    places: Floats
    span: float
    degree: int

    @property
    def method(self) -> str:
        """As `Smoother`."""
        return f"loess of degree {self.degree}, span {self.span:g}"

    def curves(self, truth: Integers, counts: Integers) -> tuple[Floats, Floats]:
        """As `Smoother`."""
        truths = np.broadcast_to(truth, counts.shape)
        rows = [self._at_places(labels, row) for labels, row in zip(truths, counts, strict=True)]
        at_cases, on_grid = (
            np.stack([np.interp(where, self.places, row) for row in rows]) for where in (self.values, self.grid)
        )
        return at_cases, on_grid

    def _at_places(self, labels: Integers, counts: Integers) -> Floats:
        x, y = np.repeat(self.values, counts), np.repeat(labels.astype(np.float64), counts)
        return np.clip(local_regression(x, y, self.places, span=self.span, degree=self.degree), 0.0, 1.0)


def spline_smoother(labels: Integers, values: Floats, grid: Floats, *, knots: int | None) -> Spline | str:
    """Return the spline for these predictions, or why there is none; `knots` None chooses by the rarer outcome."""
    predicted = log_odds(values)
    rarer = int(min(labels.sum(), (1 - labels).sum()))
    places = usual_knots(predicted, rarer=rarer) if knots is None else knots_at_quantiles(predicted, knots)
    if np.ptp(predicted) < 1e-9:
        return "all probabilities are equal"

    def columns(where: Floats) -> Floats:
        return np.column_stack([np.ones(len(where)), spline_basis(where, places)])

    basis = columns(predicted)
    count = basis.shape[1]
    while np.linalg.matrix_rank(standardised(basis[:, :count])[0]) < count:
        count -= 1  # ties leave fewer bends than knots
    design, back = standardised(basis[:, :count])
    whole = fit_logistic(labels, design)
    if whole is None:
        return "the curve separates the classes perfectly"
    shape = f"restricted cubic spline of {count} knots" if count > 2 else "straight line"
    method = f"logistic regression on a {shape} of the predicted log odds"
    return Spline(design, columns(log_odds(grid))[:, :count] @ back, whole.coefficients, method)


def loess_smoother(labels: Integers, values: Floats, grid: Floats, *, span: float, degree: int) -> Loess | str:
    """Return loess for these predictions, or why there is none.

    Raises:
        StatisticsError: a span or degree outside the range, or a span that holds too few cases.
    """
    distinct = np.unique(values)
    if distinct.size < 2:
        return "all probabilities are equal"
    if distinct.size > _PLACES:
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, _PLACES)))
    found = Loess(values, grid, distinct, span, degree)
    found.curves(labels, np.ones((1, len(labels)), dtype=np.int64))
    return found
