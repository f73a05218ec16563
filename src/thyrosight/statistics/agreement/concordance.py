"""Lin's concordance correlation: how near paired measurements lie to the line of equality."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.linearised import jackknife_error
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import Floats, as_numbers, require_confidence, require_same_length


@dataclass(frozen=True, slots=True)
class Concordance(Result):
    """Concordance of paired measurements, and what takes it away.

    Attributes:
        coefficient: concordance correlation, the product of `correlation` and `bias_correction`.
        correlation: Pearson correlation (precision).
        bias_correction: 1 if the best line is the line of equality, below 1 if it is not (accuracy, Lin's C_b).
        location_shift: mean difference (first minus second) in units of the geometric mean of the two SDs.
        scale_shift: SD of the first divided by that of the second.
    """

    coefficient: Estimate
    correlation: float
    bias_correction: float
    location_shift: float
    scale_shift: float

    def __str__(self) -> str:
        return (
            f"{self.coefficient}\ncorrelation {self.correlation:.3f}, bias correction {self.bias_correction:.3f},"
            f" location shift {self.location_shift:.3f}, scale shift {self.scale_shift:.3f}"
        )


def concordance_correlation(
    a: npt.ArrayLike, b: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None, confidence: float = 0.95
) -> Concordance:
    """Return Lin's concordance correlation coefficient with its interval by Fisher's z.

    Lin, Biometrics 1989, with the variance as corrected in Biometrics 2000 (56:324). With clusters the variance
    comes from leaving out one cluster after the other, and the interval uses Student's t.

    Args:
        a: n measurements by the first method or reader.
        b: n measurements of the same cases by the second.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than four pairs, unequal lengths, missing values, or a single cluster.

    >>> print(concordance_correlation([10.1, 12.3, 8.8, 15.0, 11.2], [10.4, 12.0, 9.5, 15.1, 11.9]))
    0.971 (95 % interval 0.815 to 0.996; Lin's concordance correlation, Fisher z; n = 5)
    correlation 0.987, bias correction 0.984, location shift -0.150, scale shift 1.105
    """
    require_confidence(confidence)
    first, second = as_numbers(a, name="a"), as_numbers(b, name="b")
    require_same_length(a=first, b=second)
    n = first.size
    if n < 4:
        raise StatisticsError(f"Expected at least four pairs of measurements, got {n}.")
    sd_a, sd_b = float(first.std()), float(second.std())
    name = "Lin's concordance correlation, Fisher z"
    if min(sd_a, sd_b) < 1e-12 * max(1.0, float(np.abs(first).max()), float(np.abs(second).max())):
        undefined = Estimate(math.nan, math.nan, math.nan, math.nan, f"{name}: no spread", n, None, confidence)
        return Concordance(undefined, math.nan, math.nan, math.nan, math.nan)
    shift = float(first.mean() - second.mean()) / math.sqrt(sd_a * sd_b)
    scale = sd_a / sd_b
    bias_correction = 2 / (scale + 1 / scale + shift**2)
    correlation = float(np.clip(np.corrcoef(first, second)[0, 1], -1, 1))
    value = correlation * bias_correction
    if cluster is None:
        se, units = _lins_error(value, correlation, bias_correction, shift, n), None
        quantile = float(stats.norm.isf((1 - confidence) / 2))
    else:
        se, units = _error_of_clusters(first, second, cluster)
        quantile = float(stats.t.isf((1 - confidence) / 2, units - 1))
        name += ", clustered"
    low, high = _fisher_limits(value, se, quantile)
    estimate = Estimate(value, low, high, se, name, n, units, confidence)
    return Concordance(estimate, correlation, bias_correction, shift, scale)


def _lins_error(value: float, correlation: float, bias: float, shift: float, n: int) -> float:
    """Lin 1989, section 3, with the factors 2 and 1/2 of the correction of 2000 and n - 2 in the denominator.

    The terms are multiplied out, value = correlation * bias, so that a correlation of 0 divides nothing.
    """
    variance = bias**2 * (1 - correlation**2) * (1 - value**2) + 2 * value**2 * bias * (1 - value) * shift**2
    variance -= 0.5 * value**2 * bias**2 * shift**4
    return math.sqrt(max(0.0, variance) / (n - 2))


def _error_of_clusters(a: Floats, b: Floats, cluster: npt.ArrayLike) -> tuple[float, int]:
    """Standard error from leaving out one cluster after the other, and the number of clusters."""
    codes, clusters = cluster_codes(cluster, a.size)
    if clusters < 2:
        raise StatisticsError("Expected at least two clusters: one alone shows no variation between clusters.")
    x, y = a - a.mean(), b - b.mean()
    difference = float(a.mean() - b.mean())
    terms = (np.ones(a.size), x, y, x**2 + y**2, x * y)
    sums = np.stack([np.bincount(codes, weights=term, minlength=clusters) for term in terms])
    n, of_x, of_y, squares, products = sums.sum(axis=1, keepdims=True) - sums
    above = 2 * (products / n - of_x * of_y / n**2)
    mean_apart = difference + (of_x - of_y) / n
    below = (squares - (of_x**2 + of_y**2) / n) / n + mean_apart**2
    return jackknife_error(np.divide(above, below, out=np.full(clusters, np.nan), where=below > 0)), clusters


def _fisher_limits(value: float, se: float, quantile: float) -> tuple[float, float]:
    if abs(value) >= 1:
        return value, value
    centre, margin = math.atanh(value), quantile * se / (1 - value**2)
    return math.tanh(centre - margin), math.tanh(centre + margin)
