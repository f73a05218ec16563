"""Observed against expected numbers: whether the predicted risks are right on average."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.resampling.means import mean_interval
from thyrosight.statistics.validation import as_truth, require_confidence, require_same_length


def observed_expected_ratio(
    truth: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return the ratio of observed to expected positives (O/E; 1 is ideal, below 1 risks are too high on average).

    The interval is computed on the logarithm with the variance of a ratio of two means over patients, whose residuals
    are truth - ratio * probability, and Student's t. Without a positive case the ratio is 0 and has no interval.

    Args:
        truth: n values of 0 and 1; one class alone is allowed.
        probability: n predicted probabilities of truth being 1, not all 0.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: values outside 0 to 1, unequal lengths, or probabilities that are all 0.

    >>> print(observed_expected_ratio([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.3, 0.7, 0.9]))
    1.200 (95 % interval 0.565 to 2.547; observed / expected, Student t on the logarithm; n = 6)
    """
    labels, values = as_truth(truth, both_classes=False), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    require_confidence(confidence)
    expected = float(values.sum())
    if expected == 0:
        raise StatisticsError("Expected probabilities above 0, got only 0: no positive case is expected.")
    ratio = float(labels.sum()) / expected
    residual = mean_interval(labels - ratio * values, cluster=cluster, confidence=confidence)
    name = "observed / expected, Student t on the logarithm"
    if ratio == 0:
        return Estimate(0.0, math.nan, math.nan, math.nan, name, len(labels), residual.clusters, confidence)
    relative = residual.se / float(labels.mean())
    df = (residual.clusters or len(labels)) - 1
    reach = float(stats.t.isf((1 - confidence) / 2, df)) * relative if df else math.nan
    low, high = ratio * math.exp(-reach), ratio * math.exp(reach)
    return Estimate(ratio, low, high, ratio * relative, name, len(labels), residual.clusters, confidence)


def spiegelhalter_test(
    truth: npt.ArrayLike, probability: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None
) -> tuple[float, float]:
    """Return Spiegelhalter's z and its two-sided P value: whether the Brier score is that of true risks.

    Spiegelhalter, Stat Med 1986;5:421. Positive z: the Brier score is worse than it would be if the risks were true.
    Errors of opposite sign can cancel, so a large P value does not show calibration. With clusters the variance is that
    of sums over patients. Where every risk is 0, 0.5 or 1 the test is undefined: both numbers are NaN.

    Args:
        truth: n values of 0 and 1; one class alone is allowed.
        probability: n predicted probabilities of truth being 1.
        cluster: patient of each case; None when all are independent.

    Raises:
        StatisticsError: values outside 0 to 1, or unequal lengths.

    >>> z, p = spiegelhalter_test([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.3, 0.7, 0.9])
    >>> round(z, 3), round(p, 3)
    (-0.459, 0.646)
    """
    labels, values = as_truth(truth, both_classes=False), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    parts = (labels - values) * (1 - 2 * values)
    if cluster is None:
        variance = float(((1 - 2 * values) ** 2 * values * (1 - values)).sum())
    else:
        codes, _ = cluster_codes(cluster, len(labels))
        variance = float((np.bincount(codes, weights=parts) ** 2).sum())
    if variance <= 0:
        return math.nan, math.nan
    z = float(parts.sum()) / math.sqrt(variance)
    return z, 2 * float(stats.norm.sf(abs(z)))
