"""Limits of agreement that change with size, by regression."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import p_in_words
from thyrosight.statistics.agreement.linearised import linearised_error, t_margin
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import Floats, as_numbers, require_confidence, require_same_length


@dataclass(frozen=True, slots=True)
class RegressionBlandAltman(Result):
    """Limits of agreement that change with the size of what is measured.

    At mean m of both methods the bias is `bias_intercept + bias_slope m`, and the limits lie 1.96 times
    `sd_intercept + sd_slope m` from it.

    Attributes:
        bias_slope: change of the difference (first minus second) per unit of the mean, with interval.
        bias_slope_p: P value of a slope of 0 (no proportional bias).
        bias_intercept: difference at a mean of 0.
        spread_slope: slope of the absolute residuals on the mean.
        spread_slope_p: its P value; a spread that grows with size makes constant limits wrong.
        sd_intercept: standard deviation of the residuals at a mean of 0.
        sd_slope: its change per unit of the mean.
        multiple: of the standard deviation.
        method: in words.
    """

    bias_slope: Estimate
    bias_slope_p: float
    bias_intercept: float
    spread_slope: float
    spread_slope_p: float
    sd_intercept: float
    sd_slope: float
    multiple: float
    method: str

    def limits(self, mean: float) -> tuple[float, float, float]:
        """Return lower limit, bias and upper limit at a mean of both methods."""
        bias = self.bias_intercept + self.bias_slope.value * mean
        reach = self.multiple * max(0.0, self.sd_intercept + self.sd_slope * mean)
        return bias - reach, bias, bias + reach

    def __str__(self) -> str:
        return f"proportional bias {self.bias_slope}, {p_in_words(self.bias_slope_p)}"


def bland_altman_regression(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    multiple: float = 1.96,
    confidence: float = 0.95,
) -> RegressionBlandAltman:
    """Return limits of agreement by regression of the differences on the means of both methods.

    Bland & Altman, Stat Methods Med Res 1999, section 3.2: the bias is a line, and the absolute residuals have a line
    of their own; times sqrt(pi / 2) it is the standard deviation. A slope arises also where both methods are unbiased
    but one of them varies more than the other; read it together with the scale shift of `concordance_correlation`.

    Args:
        a: n measurements by the first method or reader.
        b: n measurements of the same cases by the second.
        cluster: patient of each case; the errors of the slopes then sum residuals within patients.
        multiple: limits lie this many standard deviations from the bias.
        confidence: coverage of the interval of the slope.

    Raises:
        StatisticsError: fewer than four pairs, means that are all equal, unequal lengths or missing values.

    >>> found = bland_altman_regression([1.1, 2.3, 3.2, 4.6, 5.7], [1.0, 2.0, 3.1, 4.0, 5.1])
    >>> print(f"{found.bias_slope.value:.3f}, P = {found.bias_slope_p:.3f}")
    0.121, P = 0.083
    """
    require_confidence(confidence)
    if not (math.isfinite(multiple) and multiple > 0):
        raise StatisticsError(f"Expected `multiple` above 0 (usually 1.96), got {multiple}.")
    first, second = as_numbers(a, name="a"), as_numbers(b, name="b")
    require_same_length(a=first, b=second)
    mean, difference = (first + second) / 2, first - second
    if mean.size < 4 or np.ptp(mean) == 0:
        raise StatisticsError("Expected four or more pairs of measurements whose means differ.")
    words = "regression of differences on means" + ("" if cluster is None else ", clustered")
    slope, intercept, p = _line(mean, difference, cluster, words, confidence)
    residual = np.abs(difference - intercept - slope.value * mean)
    spread, spread_intercept, spread_p = _line(mean, residual, cluster, words, confidence)
    factor = math.sqrt(math.pi / 2)
    return RegressionBlandAltman(
        slope, p, intercept, spread.value, spread_p, factor * spread_intercept, factor * spread.value, multiple, words
    )


def _line(
    x: Floats, y: Floats, cluster: npt.ArrayLike | None, method: str, confidence: float
) -> tuple[Estimate, float, float]:
    """Return slope, intercept and the P value of no slope, by least squares."""
    from_mean = x - x.mean()
    squares = float((from_mean**2).sum())
    slope = float(from_mean @ y) / squares
    intercept = float(y.mean()) - slope * float(x.mean())
    residual = y - intercept - slope * x
    if cluster is None:
        se, units, clusters = math.sqrt(float((residual**2).sum()) / (x.size - 2) / squares), x.size - 1, None
    else:
        se, units = linearised_error(x.size * from_mean * residual / squares, cluster)
        clusters = units
    margin = t_margin(se, units, confidence)
    p = 2 * float(stats.t.sf(abs(slope) / se, units - 1)) if se > 0 else math.nan
    return Estimate(slope, slope - margin, slope + margin, se, method, x.size, clusters, confidence), intercept, p
