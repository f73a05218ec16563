"""Precision to expect before any data are seen, where patients contribute several cases or are tested repeatedly."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.power.auc_studies import auc_standard_error
from thyrosight.statistics.power.search import SampleSize, first_that, negatives_beside, require_between
from thyrosight.statistics.validation import as_numbers, require_confidence, require_same_length

_VARIANCE = "binormal"
"""That of the empirical area of normal scores; see `auc_standard_error`."""


def effective_cases(sizes: npt.ArrayLike, *, correlation: float, times: npt.ArrayLike | None = None) -> float:
    """Return the number of independent cases that clusters of cases are worth.

    The variance of a mean over clusters of the sizes m, each counted w times, is that of this many independent cases:
    (sum w m)^2 / (r sum (w m)^2 + (1 - r) sum w^2 m). Counted alike, this is the number of cases divided by the design
    effect 1 + (m - 1) r (Kish 1965, "Survey Sampling", chapter 5), with m weighted by size. At a correlation of 1 and
    one size it is the number of clusters.

    Args:
        sizes: cases of each cluster, for example images of each patient.
        correlation: r, of the results of two cases of one cluster, 0 to 1.
        times: how often each cluster is counted, for example the divisions that test it; once where not given.

    Raises:
        StatisticsError: a correlation outside 0 to 1, negative numbers, or nothing that counts.

    >>> effective_cases([2, 2, 2], correlation=1), effective_cases([2, 2, 2], correlation=0)
    (3.0, 6.0)
    >>> effective_cases([1, 1, 1, 1], correlation=0, times=[3, 1, 0, 0])
    1.6
    """
    own = as_numbers(sizes, name="sizes")
    weight = np.ones_like(own) if times is None else as_numbers(times, name="times")
    require_same_length(sizes=own, times=weight)
    if not 0 <= correlation <= 1:
        raise StatisticsError(f"Expected `correlation` from 0 to 1, got {correlation}.")
    counted = own * weight
    if (own < 0).any() or (weight < 0).any() or counted.sum() == 0:
        raise StatisticsError("Expected sizes and times of 0 or more, and at least one case that counts.")
    spread = correlation * (counted**2).sum() + (1 - correlation) * (weight * counted).sum()
    return float(counted.sum() ** 2 / spread)


def expected_auc_interval(auc: float, *, positives: float, negatives: float, confidence: float = 0.95) -> Estimate:
    """Return the interval that an AUC will have if it comes out as `auc`.

    Symmetric on the scale of log odds, with the variance of the empirical area of normal scores.

    Args:
        auc: the area, above 0 and below 1.
        positives, negatives: independent cases of each kind, as `effective_cases` gives them; 1 or more.
        confidence: coverage.

    Raises:
        StatisticsError: an area outside 0 to 1, or fewer than one case of a kind.

    >>> print(expected_auc_interval(0.85, positives=40, negatives=80))
    0.850 (95 % interval 0.764 to 0.909; expected, logit; n = 120)
    """
    require_confidence(confidence)
    se = auc_standard_error(auc, positives=positives, negatives=negatives, method=_VARIANCE)
    centre, reach = math.log(auc / (1 - auc)), float(stats.norm.isf((1 - confidence) / 2)) * se / (auc * (1 - auc))
    low, high = (float(expit(centre + side * reach)) for side in (-1, 1))
    return Estimate(auc, low, high, se, "expected, logit", round(positives + negatives), None, confidence)


def expected_share_interval(share: float, *, cases: float, confidence: float = 0.95) -> Estimate:
    """Return the Wilson interval that a sensitivity or specificity will have if it comes out as `share`.

    Args:
        share: strictly between 0 and 1.
        cases: independent cases, as `effective_cases` gives them, in fractions too; 1 or more.
        confidence: coverage.

    Raises:
        StatisticsError: a share outside 0 to 1, or less than one case.

    >>> print(expected_share_interval(0.9, cases=40))
    0.900 (95 % interval 0.769 to 0.960; expected, Wilson; n = 40)
    """
    require_between(share, name="share")
    require_confidence(confidence)
    if cases < 1:
        raise StatisticsError(f"Expected at least one case, got {cases:g}.")
    square = float(stats.norm.isf((1 - confidence) / 2)) ** 2
    centre = (share + square / (2 * cases)) / (1 + square / cases)
    reach = math.sqrt(square * (share * (1 - share) / cases + square / (4 * cases**2))) / (1 + square / cases)
    se = math.sqrt(share * (1 - share) / cases)
    return Estimate(share, centre - reach, centre + reach, se, "expected, Wilson", round(cases), None, confidence)


def patients_for_auc_width(
    auc: float, *, width: float, prevalence: float = 0.5, confidence: float = 0.95
) -> SampleSize:
    """Return the number of patients for which the interval of an AUC is no wider than `width`.

    Args:
        auc: expected area.
        width: full width of the interval, upper less lower limit.
        prevalence: share of patients with the disease.
        confidence: coverage.

    Raises:
        StatisticsError: numbers outside 0 to 1, or no number below ten million suffices.

    >>> print(patients_for_auc_width(0.85, width=0.1, prevalence=0.3))
    79 with and 185 without the disease (logit interval of AUC 0.85 no wider than 0.1)
    """
    for value, name in ((width, "width"), (prevalence, "prevalence")):
        require_between(value, name=name)

    def narrow(positives: int) -> bool:
        beside = negatives_beside(positives, prevalence)
        found = expected_auc_interval(auc, positives=positives, negatives=beside, confidence=confidence)
        return found.high - found.low <= width

    positives = first_that(narrow)
    words = f"logit interval of AUC {auc:g} no wider than {width:g}"
    return SampleSize(positives, negatives_beside(positives, prevalence), math.nan, words)
