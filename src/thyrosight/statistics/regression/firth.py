"""Logistic regression with Firth's penalty, finite even where the predictors separate the outcomes.

Firth, Biometrika 1993; Heinze & Schemper, Stat Med 2002 (profile intervals and penalised likelihood-ratio tests). The
penalised likelihood of separated data may have several maxima, and one found from 0 need not be the greatest: the
search goes on from places across the others.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.climbing import Peak, Surface, climb, standardised
from thyrosight.statistics.regression.likelihood import fit_logistic
from thyrosight.statistics.validation import Floats, Integers

# With more observations the penalty hardly bends the surface, and its exact curvature costs more than it saves.
_EXACT_CURVATURE_UP_TO = 10_000
_JUMPS = (2.5, 5.0, 10.0)  # in standard deviations of the log odds
_FACTORS = (0.5, 1.5, 2.0)
_SAME = 1e-6  # of the log likelihood


@dataclass(frozen=True, eq=False, slots=True)
class FirthFit:
    """Coefficients that maximise the penalised likelihood, their covariance, and that likelihood's logarithm.

    Attributes:
        coefficients: at the greatest maximum.
        covariance: inverse of the information there.
        log_likelihood: penalised, at that maximum.
        others: coefficients at the other maxima found.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    others: tuple[Floats, ...] = ()


def fit_firth(outcome: Integers, design: Floats) -> FirthFit:
    """Maximise log likelihood + log det(information) / 2.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included; not collinear.

    Raises:
        StatisticsError: no start leads to a maximum.
    """
    scaled, back = standardised(design)
    fit = _search(outcome, scaled, np.zeros(design.shape[1]))
    # log det(information) counts the units of the predictors.
    height = fit.log_likelihood - float(np.linalg.slogdet(back)[1])
    others = tuple(back @ other for other in fit.others)
    return FirthFit(back @ fit.coefficients, back @ fit.covariance @ back.T, height, others)


def fit_profiles(
    outcome: Integers, design: Floats, *, confidence: float
) -> tuple[FirthFit, list[tuple[float, float, float]]]:
    """Return the fit, and low and high profile limit and P value of each coefficient but the first.

    Args:
        outcome: 0 or 1 per observation.
        design: as `standardised` returns it.
        confidence: nominal coverage of the limits.
    """
    start = np.zeros(design.shape[1])
    for _ in range(20):
        fit = _search(outcome, design, start)
        try:
            profiles = [_Profile(outcome, design, fit, k) for k in range(1, design.shape[1])]
            return fit, [(*profile.limits(confidence), profile.p()) for profile in profiles]
        except _BetterFitError as found:
            start = found.place
    raise StatisticsError("The fit with Firth's penalty did not converge; look for nearly collinear predictors.")


class _BetterFitError(Exception):
    """A fit with one coefficient held is better than the one taken for the best."""

    def __init__(self, place: Floats) -> None:
        super().__init__("a better fit was found")
        self.place = place


class _Profile:
    """The penalised likelihood by one coefficient, at its greatest in all others."""

    def __init__(self, outcome: Integers, design: Floats, fit: FirthFit, number: int) -> None:
        self._surface, self._design, self._fit, self._number = _penalised(outcome, design), design, fit, number
        self._last = fit.coefficients
        self._known = {float(fit.coefficients[number]): 0.0}

    def limits(self, confidence: float) -> tuple[float, float]:
        """Return where the likelihood falls by half the chi-square quantile; infinite where it never does."""
        fall = math.sqrt(float(stats.chi2.isf(1 - confidence, 1)))
        centre = float(self._fit.coefficients[self._number])
        se = math.sqrt(self._fit.covariance[self._number, self._number])
        limits = []
        for side in (-1, 1):
            self._last, near, far = self._fit.coefficients, centre, centre + side * fall * se
            while self.root(far) < fall and abs(far - centre) <= 1e4 * se:
                near, far = far, far + side * 2 * abs(far - centre)
            unbounded = abs(far - centre) > 1e4 * se
            # The root of the fall is nearly straight, so that few fits are needed.
            limits.append(
                side * math.inf
                if unbounded
                else float(optimize.brentq(lambda value: self.root(value) - fall, near, far, xtol=1e-7 * se))
            )
        return limits[0], limits[1]

    def p(self) -> float:
        """Return the P value of the likelihood-ratio test that the coefficient is 0."""
        return float(stats.chi2.sf(self.root(0.0) ** 2, 1))

    def root(self, value: float) -> float:
        """Return the square root of twice the fall of the likelihood where the coefficient is held at a value."""
        if value not in self._known:
            self._known[value] = self._root(value)
        return self._known[value]

    def _root(self, value: float) -> float:
        fit = self._fit
        best = self._held_at(value)
        if best is None:
            raise StatisticsError(
                "A profile of Firth's penalty did not converge; look for nearly collinear predictors."
            )
        if best.height > fit.log_likelihood + _SAME:
            raise _BetterFitError(best.place)
        self._last = best.place
        return math.sqrt(max(0.0, 2 * (fit.log_likelihood - best.height)))

    def _held_at(self, value: float, *, halvings: int = 8) -> Peak | None:
        """Return the best fit with the coefficient held at a value."""
        fit, number, away = self._fit, self._number, value - self._last[self._number]
        # Neighbouring values have neighbouring solutions; the other maxima may rise above the greatest as well.
        starts = [self._last + fit.covariance[number] / fit.covariance[number, number] * away]
        starts += [place.copy() for place in (fit.coefficients, *fit.others) if fit.others]
        peaks = []
        for start in starts:
            start[number] = value
            peak = climb(self._surface, self._design, start, held=number)
            if peak is not None:
                peaks.append(peak)
        if not peaks and halvings:
            # Too far for one jump: go half of the way first.
            nearer = self._held_at(value - away / 2, halvings=halvings - 1)
            if nearer is not None:
                self._last = nearer.place
                return self._held_at(value, halvings=halvings - 1)
        return max(peaks, key=lambda peak: peak.height, default=None)


def _search(outcome: Integers, design: Floats, start: Floats) -> FirthFit:
    """Return the greatest maximum that is found from `start` and, in separated data, from places across the others."""
    surface = _penalised(outcome, design)
    peaks = [peak for peak in [climb(surface, design, start)] if peak is not None]
    if not peaks or fit_logistic(outcome, design) is None:
        _search_across(surface, design, peaks)
    if not peaks:
        raise StatisticsError("The fit with Firth's penalty did not converge; look for nearly collinear predictors.")
    best = max(peaks, key=lambda peak: peak.height)
    covariance = np.asarray(np.linalg.inv(_information(design, expit(design @ best.place))), dtype=np.float64)
    others = tuple(peak.place for peak in peaks if peak is not best)
    return FirthFit(best.place, covariance, best.height, others)


def _search_across(surface: Surface, design: Floats, peaks: list[Peak]) -> None:
    """Add the maxima that are reached from places across each known one."""
    pending = [peak.place for peak in peaks] or [np.zeros(design.shape[1])]
    while pending:
        for start in _places_across(pending.pop(), design.std(axis=0)):
            peak = climb(surface, design, start)
            if peak is not None and not any(_same(peak, known) for known in peaks):
                peaks.append(peak)
                pending.append(peak.place)


def _places_across(place: Floats, spread: Floats) -> Iterator[Floats]:
    """Yield places with one coefficient at 0, at its opposite or a jump away, and with all flatter or steeper."""
    for k in np.flatnonzero(spread > 0):
        jumps = [sign * jump / spread[k] for jump in _JUMPS for sign in (-1, 1)]
        for change in (-place[k], -2 * place[k], *jumps):
            start = place.copy()
            start[k] += change
            yield start
    yield from (factor * place for factor in _FACTORS)


def _same(one: Peak, other: Peak) -> bool:
    return abs(one.height - other.height) < _SAME and float(np.abs(one.place - other.place).max()) < 1e-2


def _penalised(outcome: Integers, design: Floats) -> Surface:
    def surface(beta: Floats) -> tuple[float, Floats, Floats]:
        linear = design @ beta
        fitted = expit(linear)
        weight = fitted * (1 - fitted)
        information = _information(design, fitted)
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0 or not np.isfinite(log_determinant):
            return -math.inf, np.zeros_like(beta), information
        inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
        distance = np.einsum("ij,ij->i", design @ inverse, design)
        score = design.T @ (outcome - fitted + distance * weight * (0.5 - fitted))
        height = float(outcome @ linear - np.logaddexp(0, linear).sum()) + float(log_determinant) / 2
        if len(design) > _EXACT_CURVATURE_UP_TO:
            return height, score, information
        return height, score, _curvature(design, information, inverse, distance=distance, fitted=fitted)

    return surface


def _information(design: Floats, fitted: Floats) -> Floats:
    return np.asarray((design * (fitted * (1 - fitted))[:, None]).T @ design)


def _curvature(design: Floats, information: Floats, inverse: Floats, *, distance: Floats, fitted: Floats) -> Floats:
    """Return the negative second derivative of the penalised likelihood."""
    weight = fitted * (1 - fitted)
    first, second = weight * (1 - 2 * fitted), weight * (1 - 6 * weight)
    turns = [inverse @ ((design * (first * column)[:, None]).T @ design) for column in design.T]
    products = np.array([[np.sum(one * other.T) for other in turns] for one in turns])
    return np.asarray(information - ((design * (distance * second)[:, None]).T @ design - products) / 2)
