"""Calibrators: maps from a network's probability to a risk that agrees with observed frequency.

Every method is fitted to Platt's smoothed targets, (events + 1) / (events + 2) for an event and 1 / (others + 2) for
any other case (Platt 1999, section 2.2: the posterior mean under a uniform prior), instead of 1 and 0. This keeps every
parameter finite when the data are few or perfectly separated, and fades as the data grow. Slopes are held at or above
0.01, so that no calibrator ever turns the ranking of the cases around.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats, as_numbers, as_truth, require_choice, require_same_length

# Networks in single precision return exactly 0 and 1; log odds need a value strictly between.
_CLOSEST_TO_CERTAIN = 1e-6
_LEAST_SLOPE = 0.01
_GREATEST_SLOPE = 100.0


class Calibrator(ABC):
    """A fitted map from probability to calibrated probability; frozen, and stored as plain JSON values.

    Make one with `fit_calibrator`, or from its stored form with `calibrator_from_dict`.
    """

    method: ClassVar[str]

    def __str__(self) -> str:
        """Return the method, its parameters and what it is fitted to.

        >>> print(TemperatureCalibrator(1.25))
        temperature scaling (temperature 1.25), fitted to Platt's smoothed targets
        """
        name = calibration_name(self.method)
        parameters = asdict(self)  # type: ignore[call-overload]
        listed = ", ".join(f"{key} {value:.4g}" for key, value in parameters.items() if isinstance(value, float)) or (
            f"{len(parameters['probability'])} points" if parameters else ""
        )
        method, comma, target = name.partition(",")
        return f"{method} ({listed}){comma}{target}" if listed else name

    def apply(self, probability: npt.ArrayLike) -> Floats:
        """Return calibrated probabilities in the shape of `probability`.

        Raises:
            StatisticsError: a value that is no number from 0 to 1.
        """
        array = np.asarray(probability, dtype=np.float64)
        return self._map(as_probability(array.ravel())).reshape(array.shape) if array.size else array

    def to_dict(self) -> dict[str, Any]:
        """Return the method's name and its parameters as JSON-able values."""
        parameters = asdict(self)  # type: ignore[call-overload]
        return {"method": self.method} | {
            key: list(value) if isinstance(value, tuple) else value for key, value in parameters.items()
        }

    @abstractmethod
    def _map(self, probability: Floats) -> Floats: ...


@dataclass(frozen=True)
class NoCalibration(Calibrator):
    """Leaves probabilities as they are."""

    method: ClassVar[str] = "none"

    def _map(self, probability: Floats) -> Floats:
        return probability.copy()


@dataclass(frozen=True)
class TemperatureCalibrator(Calibrator):
    """Log odds divided by one temperature (Guo et al. 2017, section 4.2)."""

    method: ClassVar[str] = "temperature"
    temperature: float

    def _map(self, probability: Floats) -> Floats:
        return _expit(log_odds(probability) / self.temperature)


@dataclass(frozen=True)
class PlattCalibrator(Calibrator):
    """A straight line on the log odds (Platt 1999; on log odds it is Cox's logistic recalibration)."""

    method: ClassVar[str] = "platt"
    slope: float
    intercept: float

    def _map(self, probability: Floats) -> Floats:
        return _expit(self.slope * log_odds(probability) + self.intercept)


@dataclass(frozen=True)
class BetaCalibrator(Calibrator):
    """Log odds a ln p - b ln(1 - p) + c (Kull, Silva Filho and Flach 2017, equation 6)."""

    method: ClassVar[str] = "beta"
    a: float
    b: float
    c: float

    def _map(self, probability: Floats) -> Floats:
        p = _uncertain(probability)
        return _expit(self.a * np.log(p) - self.b * np.log1p(-p) + self.c)


@dataclass(frozen=True)
class IsotonicCalibrator(Calibrator):
    """The closest non-decreasing step function (pool adjacent violators), joined by straight lines.

    Cases that share a step come out with the same risk, so their ranking among themselves is lost.
    """

    method: ClassVar[str] = "isotonic"
    probability: tuple[float, ...]
    calibrated: tuple[float, ...]

    def _map(self, probability: Floats) -> Floats:
        return np.interp(probability, self.probability, self.calibrated)


_KINDS: dict[str, type[Calibrator]] = {
    kind.method: kind
    for kind in (PlattCalibrator, TemperatureCalibrator, IsotonicCalibrator, BetaCalibrator, NoCalibration)
}
METHODS = tuple(_KINDS)
_WORDS = {
    "platt": "Platt scaling",
    "temperature": "temperature scaling",
    "isotonic": "isotonic regression",
    "beta": "beta calibration",
}


def calibration_name(method: str) -> str:
    """Name a method of `fit_calibrator` with what it is fitted to, which is not what every other program does.

    >>> calibration_name("platt"), calibration_name("none")
    ("Platt scaling, fitted to Platt's smoothed targets", 'not calibrated')
    """
    if method not in _WORDS:
        return "not calibrated" if method == NoCalibration.method else method
    return f"{_WORDS[method]}, fitted to Platt's smoothed targets"


def fit_calibrator(truth: npt.ArrayLike, probability: npt.ArrayLike, *, method: str = "platt") -> Calibrator:
    """Fit a calibrator on cases that the network was not trained on.

    Args:
        truth: n values of 0 and 1.
        probability: n probabilities of truth being 1.
        method: "platt" (two parameters, a good default), "temperature" (one), "beta" (three), "isotonic" (a step
            function; needs some hundred cases) or "none".

    Raises:
        StatisticsError: one class only, values outside 0 to 1, unequal lengths or an unknown method.

    >>> calibrator = fit_calibrator([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9], method="platt")
    >>> calibrator.apply([0.1, 0.5, 0.9]).round(3)
    array([0.251, 0.524, 0.784])
    """
    require_choice(method, METHODS, name="method")
    labels, values = as_truth(truth), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    target = _smoothed(labels)
    if method == "platt":
        slope, intercept = _fit_line(np.column_stack([log_odds(values)]), target, intercept=True)
        return PlattCalibrator(slope, intercept)
    if method == "temperature":
        (slope,) = _fit_line(np.column_stack([log_odds(values)]), target, intercept=False)
        return TemperatureCalibrator(1 / slope)
    if method == "beta":
        p = _uncertain(values)
        return BetaCalibrator(*_fit_line(np.column_stack([np.log(p), -np.log1p(-p)]), target, intercept=True))
    if method == "isotonic":
        return _fit_steps(values, target)
    return NoCalibration()


def calibrator_from_dict(stored: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `Calibrator.to_dict` described.

    Raises:
        StatisticsError: an unknown method, a parameter that is missing, unknown, not finite or impossible.

    >>> calibrator_from_dict({"method": "temperature", "temperature": 2.0}).apply(0.9).round(3).item()
    0.75
    """
    method = stored.get("method")
    if method not in _KINDS:
        raise StatisticsError(f"Expected a calibrator's `method` to be one of {', '.join(METHODS)}, got {method!r}.")
    kind = _KINDS[method]
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    given = {key: value for key, value in stored.items() if key != "method"}
    if set(given) != names:
        raise StatisticsError(
            f"Expected the parameters {sorted(names)} for a {method} calibrator, got {sorted(map(str, given))}."
        )
    if method == "isotonic":
        return _steps_from(given["probability"], given["calibrated"])
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise StatisticsError(f"Expected `{key}` of a {method} calibrator to be a finite number, got {value!r}.")
        if key in ("temperature", "slope") and value <= 0:
            raise StatisticsError(f"Expected `{key}` of a {method} calibrator to be above 0, got {value!r}.")
        if key in ("a", "b") and value < 0:
            raise StatisticsError(f"Expected `{key}` of a {method} calibrator to be 0 or more, got {value!r}.")
    return kind(**{key: float(value) for key, value in given.items()})


def as_probability(values: npt.ArrayLike, *, name: str = "probability") -> Floats:
    """Return `values` as a vector of floats from 0 to 1.

    >>> as_probability([0.5, 1.2])
    Traceback (most recent call last):
    ...
    thyrosight.errors.StatisticsError: Expected `probability` to lie from 0 to 1, got 1.2 at position 1.
    """
    array = as_numbers(values, name=name)
    wrong = np.flatnonzero((array < 0) | (array > 1))
    if wrong.size:
        raise StatisticsError(f"Expected `{name}` to lie from 0 to 1, got {array[wrong[0]]} at position {wrong[0]}.")
    return array


def _expit(values: Floats) -> Floats:
    from scipy.special import expit  # here and below scipy is imported where it is used: predicting starts without it

    return np.asarray(expit(values))


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), with p kept one in a million away from 0 and 1."""
    from scipy.special import logit

    return np.asarray(logit(_uncertain(probability)))


def _uncertain(probability: Floats) -> Floats:
    return np.clip(probability, _CLOSEST_TO_CERTAIN, 1 - _CLOSEST_TO_CERTAIN)


def _smoothed(truth: npt.NDArray[np.int64]) -> Floats:
    events, others = int(truth.sum()), int((1 - truth).sum())
    return np.where(truth == 1, (events + 1) / (events + 2), 1 / (others + 2))


def _fit_line(columns: Floats, target: Floats, *, intercept: bool) -> list[float]:
    """Least cross-entropy of `target` with slopes bounded from below and above; an intercept comes last."""
    slopes = columns.shape[1]
    design = np.column_stack([columns, np.ones(len(target))]) if intercept else columns

    def loss(weights: Floats) -> tuple[float, Floats]:
        eta = design @ weights
        entropy = np.logaddexp(0, eta).mean() - (target * eta).mean()
        return float(entropy), design.T @ (_expit(eta) - target) / len(target)

    start = np.concatenate([np.ones(slopes), np.zeros(int(intercept))])
    bounds = [(_LEAST_SLOPE, _GREATEST_SLOPE)] * slopes + [(None, None)] * int(intercept)
    options = {"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-10}
    from scipy.optimize import minimize

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return [float(weight) for weight in found.x]


def _fit_steps(probability: Floats, target: Floats) -> IsotonicCalibrator:
    distinct, where, count = np.unique(probability, return_inverse=True, return_counts=True)
    mean = np.bincount(where, weights=target) / count
    from scipy.optimize import isotonic_regression

    level = isotonic_regression(mean, weights=count).x
    # Only the ends of each step are needed to draw it.
    inner = np.zeros(len(level), dtype=bool)
    inner[1:-1] = (level[1:-1] == level[:-2]) & (level[1:-1] == level[2:])
    return IsotonicCalibrator(tuple(distinct[~inner].tolist()), tuple(level[~inner].tolist()))


def _steps_from(probability: Any, calibrated: Any) -> IsotonicCalibrator:
    x = as_probability(probability, name="probability")
    y = as_probability(calibrated, name="calibrated")
    require_same_length(probability=x, calibrated=y)
    if (np.diff(x) <= 0).any() or (np.diff(y) < 0).any():
        raise StatisticsError("Expected the steps of an isotonic calibrator to rise; the stored calibrator is damaged.")
    return IsotonicCalibrator(tuple(x.tolist()), tuple(y.tolist()))
