"""Difference of two areas under the ROC curve."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.ranking import placements
from thyrosight.statistics.roc.area import area_with_interval, auc, standard_error
from thyrosight.statistics.roc.covariance import auc_covariance_of
from thyrosight.statistics.validation import as_numbers, as_truth, require_confidence, require_same_length


@dataclass(frozen=True, slots=True)
class AucComparison(Result):
    """Two areas and their difference, `a` minus `b`.

    Attributes:
        a: area of the first score.
        b: area of the second score.
        difference: a minus b.
        low: lower limit of the difference.
        high: upper limit.
        se: standard error of the difference.
        statistic: difference divided by its standard error; NaN if that is undefined.
        df: degrees of freedom of the reference t distribution; infinite for the normal one.
        p: two-sided P value; NaN if the test is undefined.
        method: how it was obtained.
        n: number of observations (of both samples, if unpaired).
        clusters: number of clusters, or None.
        confidence: nominal coverage.
    """

    a: Estimate
    b: Estimate
    difference: float
    low: float
    high: float
    se: float
    statistic: float
    df: float
    p: float
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95

    def __str__(self) -> str:
        interval = limits_in_words(self.low, self.high, confidence=self.confidence)
        areas = f"AUC {self.a.value:.3f} against {self.b.value:.3f}"
        return f"{areas}: difference {self.difference:.3f} ({interval}), {p_in_words(self.p)} ({self.method})"


def compare_auc(
    truth: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    truth_b: npt.ArrayLike | None = None,
    cluster_b: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> AucComparison:
    """Compare the areas of two scores on the same observations or, with `truth_b`, on two independent samples.

    Paired: DeLong et al. 1988, or Obuchowski 1997 with clusters, against the normal distribution. Unpaired: the
    variances add up, and the reference is the t distribution with Welch-Satterthwaite degrees of freedom, as in pROC.
    Two scores that rank the observations in the same order differ by 0 with P = 1. If no variance can be estimated
    (unpaired areas of 0 or 1, one positive), the results of the test are NaN.

    Args:
        truth: 0 or 1 per observation.
        score_a: first score, the higher the more likely 1.
        score_b: second score.
        cluster: patient of each observation; None when all are independent.
        truth_b: truth of the second sample, if score_b was measured on other observations.
        cluster_b: its clusters, needed if and only if `cluster` and `truth_b` are given.
        confidence: nominal coverage.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or unpaired samples that share a cluster.

    >>> result = compare_auc([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6], [2, 1, 6, 3, 5, 4])
    >>> print(result)
    AUC 0.889 against 0.667: difference 0.222 (95 % interval -0.265 to 0.709), P = 0.371 (paired DeLong)
    """
    require_confidence(confidence)
    if truth_b is None:
        if cluster_b is not None:
            raise StatisticsError("Got `cluster_b` without `truth_b`: paired scores have the same clusters.")
        return _paired(truth, score_a, score_b, cluster, confidence)
    if (cluster is None) != (cluster_b is None):
        raise StatisticsError("Expected clusters for both samples or for neither.")
    return _unpaired((truth, score_a, cluster), (truth_b, score_b, cluster_b), confidence)


def _paired(
    truth: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    cluster: npt.ArrayLike | None,
    confidence: float,
) -> AucComparison:
    known = as_truth(truth)
    scores = [as_numbers(s, name=name, finite=False) for s, name in ((score_a, "score_a"), (score_b, "score_b"))]
    require_same_length(truth=known, score_a=scores[0], score_b=scores[1])
    codes = None if cluster is None else cluster_codes(cluster, known.size)[0]
    placed = placements(known, scores)
    covariance = auc_covariance_of(placed, known, codes)
    variance = max(0.0, float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    if np.array_equal(placed[0], placed[1]):
        variance = 0.0  # not the rounding error of a difference of variances
    a, b = (
        area_with_interval(
            row, float(covariance[i, i]), truth=known, codes=codes, interval="logit", confidence=confidence
        )
        for i, row in enumerate(placed)
    )
    return _result(
        a,
        b,
        variance=variance,
        df=math.inf,
        method=f"paired {'DeLong' if codes is None else 'Obuchowski'}",
        n=known.size,
        clusters=a.clusters,
    )


_Sample = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None]


def _unpaired(first: _Sample, second: _Sample, confidence: float) -> AucComparison:
    if first[2] is not None and second[2] is not None:
        shared = set(np.asarray(first[2]).tolist()) & set(np.asarray(second[2]).tolist())
        if shared:
            raise StatisticsError(f"Expected samples without a common cluster, but {shared.pop()} is in both.")
    a, b = (auc(truth, score, cluster=cluster, confidence=confidence) for truth, score, cluster in (first, second))
    variances = [a.se**2, b.se**2]
    units = [estimate.clusters or estimate.n for estimate in (a, b)]
    below = sum(v**2 / (u - 1) for v, u in zip(variances, units, strict=True))
    return _result(
        a,
        b,
        variance=sum(variances),
        df=sum(variances) ** 2 / below if below > 0 else math.inf,
        method=f"unpaired {'DeLong' if first[2] is None else 'Obuchowski'}",
        n=a.n + b.n,
        clusters=None if a.clusters is None or b.clusters is None else a.clusters + b.clusters,
    )


def _result(
    a: Estimate, b: Estimate, *, variance: float, df: float, method: str, n: int, clusters: int | None
) -> AucComparison:
    difference, se = a.value - b.value, standard_error(variance)
    statistic = p = low = high = math.nan
    if se > 0:
        statistic = difference / se
        margin = float(stats.t.isf((1 - a.confidence) / 2, df)) * se
        low, high = max(-1.0, difference - margin), min(1.0, difference + margin)
        p = 2 * float(stats.t.sf(abs(statistic), df))
    elif not math.isnan(se) and abs(difference) < 1e-12:
        statistic, p, low, high = 0.0, 1.0, 0.0, 0.0
        method += "; both scores order the observations alike"
    else:
        method += "; undefined: no variance can be estimated"
    return AucComparison(a, b, difference, low, high, se, statistic, df, p, method, n, clusters, a.confidence)
