"""Expected distribution of a model's linear predictor (log odds of risk), before any data are seen."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.search import require_between
from thyrosight.statistics.validation import Floats, as_numbers

_NODES = np.linspace(-8.5, 8.5, 3401)


@dataclass(frozen=True, eq=False, slots=True)
class LinearPredictor:
    """Values of the linear predictor with their weights (sum 1), and the distribution in words."""

    values: Floats
    weights: Floats
    words: str

    def mean(self, of_values: Floats) -> float:
        """Return the expectation of something computed at the values."""
        return float(of_values @ self.weights)

    def information(self) -> Floats:
        """Return the information matrix of calibration intercept and slope per patient, at intercept 0 and slope 1."""
        risk = expit(self.values)
        spread = risk * (1 - risk)
        corner = self.mean(spread * self.values)
        return np.array([[self.mean(spread), corner], [corner, self.mean(spread * self.values**2)]])

    def accuracy(self, threshold: float) -> tuple[float, float]:
        """Return sensitivity and specificity of a risk of at least the threshold, if the risks are true."""
        risk = expit(self.values)
        above = risk >= threshold
        return self.mean(risk * above) / self.mean(risk), self.mean((1 - risk) * ~above) / self.mean(1 - risk)


def normal_predictor(mean: float, sd: float) -> LinearPredictor:
    """Return a normal distribution.

    Raises:
        StatisticsError: a mean that is not finite or a standard deviation that is not above 0.
    """
    if not (math.isfinite(mean) and math.isfinite(sd) and sd > 0):
        raise StatisticsError(f"Expected a finite mean and a standard deviation above 0, got {mean} and {sd}.")
    weights = stats.norm.pdf(_NODES)
    return LinearPredictor(
        mean + sd * _NODES, weights / weights.sum(), f"normal linear predictor, mean {mean:g}, SD {sd:g}"
    )


def predictor_from_c_statistic(c_statistic: float, *, prevalence: float) -> LinearPredictor:
    """Return the mixture of two normal distributions of equal variance that has this C statistic and is calibrated.

    Riley et al., Stat Med 2021;40:4230, section 4.6.3: variance 2 z(C)^2 in both classes, means that far apart.
    """
    require_c_statistic(c_statistic)
    require_between(prevalence, name="prevalence")
    distance = math.sqrt(2) * float(stats.norm.ppf(c_statistic))
    odds = math.log(prevalence / (1 - prevalence))
    weights = stats.norm.pdf(_NODES)
    weights = weights / weights.sum()
    values = np.concatenate([
        odds - distance**2 / 2 + distance * _NODES,
        odds + distance**2 / 2 + distance * _NODES,
    ])  # fmt: skip
    both = np.concatenate([(1 - prevalence) * weights, prevalence * weights])
    return LinearPredictor(values, both, f"linear predictor normal in each class, from C = {c_statistic:g}")


def given_predictor(values: npt.ArrayLike) -> LinearPredictor:
    """Return the distribution of values at hand, such as the linear predictors of the development data."""
    found = as_numbers(values, name="linear_predictor")
    if np.ptp(found) == 0:
        raise StatisticsError("Expected different values of `linear_predictor`, got one.")
    return LinearPredictor(found, np.full(found.size, 1 / found.size), f"linear predictor of {found.size} patients")


def require_c_statistic(value: float) -> None:
    """Refuse a C statistic that is not above 0.5 and below 1."""
    if not 0.5 < value < 1:
        raise StatisticsError(f"Expected `c_statistic` above 0.5 and below 1, got {value}.")
