"""The mean of a quantity per case, with an interval that respects clusters."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import as_numbers, require_confidence


def mean_interval(
    values: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    method: str = "mean",
) -> Estimate:
    """Return the mean of one value per case, with a Student t interval on the number of cases or of clusters.

    With clusters the mean is a ratio of sums (of values and of cases) over clusters, and its variance is that of the
    ratio (Cochran 1977, "Sampling Techniques", section 9A.2). With one case or one cluster the interval is NaN.

    Args:
        values: a number per case.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.
        method: name that the estimate carries.

    Raises:
        StatisticsError: values that are not finite, or lengths that differ.

    >>> print(mean_interval([1.0, 2.0, 3.0, 6.0], cluster=["a", "a", "b", "c"]))
    3.000 (95 % interval -2.589 to 8.589; mean, Student t; n = 4 in 3 clusters)
    """
    require_confidence(confidence)
    numbers = as_numbers(values, name="values")
    codes, clusters = cluster_codes(cluster, len(numbers))
    name = f"{method}, Student t"
    shown = None if cluster is None else clusters
    value = float(numbers.mean())
    if clusters < 2:
        return Estimate(value, math.nan, math.nan, math.nan, name, len(numbers), shown, confidence)
    residuals = np.bincount(codes, weights=numbers - value)
    se = math.sqrt(float((residuals**2).sum()) * clusters / (clusters - 1)) / len(numbers)
    margin = -float(special.stdtrit(clusters - 1, (1 - confidence) / 2)) * se
    return Estimate(value, value - margin, value + margin, se, name, len(numbers), shown, confidence)
