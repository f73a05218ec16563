"""Number of patients for validating a prediction model of a binary outcome on other data (Riley et al. 2021)."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.criteria import ModelStudySize, study_size
from thyrosight.statistics.power.linear_predictor import (
    LinearPredictor,
    given_predictor,
    normal_predictor,
    predictor_from_c_statistic,
    require_c_statistic,
)
from thyrosight.statistics.power.search import first_that, require_between
from thyrosight.statistics.validation import require_confidence


def patients_for_external_validation(
    *,
    prevalence: float,
    c_statistic: float,
    linear_predictor: npt.ArrayLike | tuple[float, float] | None = None,
    ratio_width: float = 0.2,
    slope_width: float = 0.2,
    c_width: float = 0.1,
    threshold: float | None = None,
    sensitivity: float | None = None,
    specificity: float | None = None,
    benefit_width: float = 0.2,
    curve_at: float | None = None,
    curve_width: float = 0.1,
    confidence: float = 0.95,
) -> ModelStudySize:
    """Return the number of patients for which the measures of a validation are as precise as wanted.

    Riley et al., Stat Med 2021;40:4230: observed / expected ratio (section 3.1), calibration slope (3.2), C statistic
    with the variance of Newcombe 2006 (3.3), and, if a threshold is given, standardised net benefit (3.4). Widths are
    full widths of the interval. `curve_at` adds the logistic calibration curve at a risk, from the same information
    matrix. The model is taken to be calibrated.

    Args:
        prevalence: share of patients with the outcome.
        c_statistic: expected C statistic.
        linear_predictor: log odds of risk expected in the patients: (mean, SD) of a normal distribution, or values of
            at least three patients; by default the distribution that C statistic and prevalence imply.
        ratio_width: of the observed / expected ratio, expected 1.
        slope_width: of the calibration slope, expected 1.
        c_width: of the C statistic.
        threshold: risk from which one acts; adds net benefit.
        sensitivity: at the threshold; by default that of the linear predictor.
        specificity: at the threshold; by default that of the linear predictor.
        benefit_width: of the standardised net benefit (net benefit / prevalence).
        curve_at: risk at which the calibration curve has to be precise.
        curve_width: of its interval there.
        confidence: coverage of all intervals.

    Raises:
        StatisticsError: a number outside its range.

    >>> print(patients_for_external_validation(prevalence=0.018, c_statistic=0.8, linear_predictor=(-5, 2.5),
    ...     ratio_width=1))
    4554 patients, 82 with the outcome (C = 0.8, outcome in 1.8 %, normal linear predictor, mean -5, SD 2.5)
      observed / expected within an interval of width 1: 906 patients, 17 events
      calibration slope within an interval of width 0.2: 4554 patients, 82 events
      C statistic within an interval of width 0.1: 4252 patients, 77 events
    """
    require_between(prevalence, name="prevalence")
    require_c_statistic(c_statistic)
    require_confidence(confidence)
    for width, name in ((ratio_width, "ratio_width"), (slope_width, "slope_width"), (c_width, "c_width")):
        _require_width(width, name)
    predictor = _predictor(linear_predictor, c_statistic, prevalence)
    z = float(stats.norm.isf((1 - confidence) / 2))
    information = predictor.information()
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    sizes = {
        f"observed / expected within an interval of width {ratio_width:g}": _size_for_ratio(
            prevalence, math.asinh(ratio_width / 2) / z
        ),
        f"calibration slope within an interval of width {slope_width:g}": float(
            covariance[1, 1] / (slope_width / 2 / z) ** 2
        ),
        f"C statistic within an interval of width {c_width:g}": _size_for_c(c_statistic, prevalence, c_width / 2 / z),
    }
    if threshold is not None:
        require_between(threshold, name="threshold")
        _require_width(benefit_width, "benefit_width")
        usual = predictor.accuracy(threshold)
        rates = usual[0] if sensitivity is None else sensitivity, usual[1] if specificity is None else specificity
        sizes[f"standardised net benefit at {threshold:g} within an interval of width {benefit_width:g}"] = (
            _benefit_variance(*rates, prevalence=prevalence, threshold=threshold) / (benefit_width / 2 / z) ** 2
        )
    if curve_at is not None:
        require_between(curve_at, name="curve_at")
        _require_width(curve_width, "curve_width")
        sizes[f"calibration curve at {curve_at:g} within an interval of width {curve_width:g}"] = _size_for_curve(
            curve_at, curve_width, covariance, z
        )
    words = f"C = {c_statistic:g}, outcome in {100 * prevalence:g} %, {predictor.words}"
    return study_size(sizes, prevalence=prevalence, method=words)


def _predictor(
    given: npt.ArrayLike | tuple[float, float] | None, c_statistic: float, prevalence: float
) -> LinearPredictor:
    if given is None:
        return predictor_from_c_statistic(c_statistic, prevalence=prevalence)
    values = np.asarray(given)
    if values.shape == (2,):
        return normal_predictor(float(values[0]), float(values[1]))
    return given_predictor(given)


def _size_for_ratio(prevalence: float, se_log: float) -> float:
    """Riley et al. 2021, equation 3."""
    return (1 - prevalence) / (prevalence * se_log**2)


def _size_for_c(c: float, prevalence: float, se: float) -> float:
    """Fewest patients for this standard error by Newcombe 2006 (Riley et al. 2021, equation 7)."""

    def precise(n: int) -> bool:
        half = n / 2 - 1
        variance = c * (1 - c) * (1 + half * (1 - c) / (2 - c) + half * c / (1 + c))
        return variance / (n**2 * prevalence * (1 - prevalence)) <= se**2

    return float(first_that(precise))


def _benefit_variance(sensitivity: float, specificity: float, *, prevalence: float, threshold: float) -> float:
    """Variance of one patient's part in the standardised net benefit (Riley et al. 2021, equation 9)."""
    for rate, name in ((sensitivity, "sensitivity"), (specificity, "specificity")):
        if not 0 <= rate <= 1:
            raise StatisticsError(f"Expected `{name}` from 0 to 1, got {rate}.")
    price = (1 - prevalence) / prevalence * threshold / (1 - threshold)
    parts = sensitivity * (1 - sensitivity) / prevalence
    parts += price**2 * specificity * (1 - specificity) / (1 - prevalence)
    return parts + price**2 * (1 - specificity) ** 2 / (prevalence * (1 - prevalence))


def _size_for_curve(risk: float, width: float, covariance: npt.NDArray[np.float64], z: float) -> float:
    """Patients for which the interval of the logistic calibration curve at a risk is as narrow as wanted."""
    at = math.log(risk / (1 - risk))
    place = np.array([1.0, at])

    def excess(se: float) -> float:
        return float(expit(at + z * se) - expit(at - z * se)) - width

    wanted = _root(excess)
    return float(place @ covariance @ place) / wanted**2


def _root(excess: Callable[[float], float]) -> float:
    """Where a rising function crosses 0; infinite where it never does."""
    return float(optimize.brentq(excess, 1e-12, 700.0)) if excess(700.0) > 0 else math.inf


def _require_width(value: float, name: str) -> None:
    if not 0 < value < math.inf:
        raise StatisticsError(f"Expected a `{name}` above 0, got {value}.")
