"""One proportion with its interval, from independent or clustered observations."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, ndtri

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.regression.gee import CORRELATIONS, fit_clustered_logistic
from thyrosight.statistics.validation import (
    as_count,
    as_labels,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

PROPORTION_INTERVALS = {
    "wald": "Wald",
    "wilson": "Wilson",
    "clopper-pearson": "Clopper-Pearson",
    "agresti-coull": "Agresti-Coull",
    "jeffreys": "Jeffreys",
}


def proportion_interval(successes: int, n: int, *, method: str = "wald", confidence: float = 0.95) -> Estimate:
    """Return the proportion `successes / n` with its interval.

    The standard error is the binomial one, sqrt(p (1 - p) / n), for every method. The Wald interval is cut at 0 and 1
    and has zero width when `successes` is 0 or `n`: prefer any of the others there. The Jeffreys interval is that of
    the Beta(1/2, 1/2) prior, with its lower limit 0 at no success and its upper limit 1 at no failure; Agresti-Coull is
    cut at 0 and 1 (both: Brown, Cai & DasGupta, Stat Sci 2001, sections 3.1.2, 3.1.3 and 4.1). With `n` of 0 the
    proportion is undefined and every number is NaN.

    Args:
        successes: number of successes among the `n` observations.
        n: number of independent observations.
        method: "wald" (normal approximation), "wilson" (score interval, Wilson 1927), "clopper-pearson" (exact),
            "agresti-coull" (Agresti & Coull 1998) or "jeffreys".
        confidence: nominal coverage.

    Raises:
        StatisticsError: counts that are not whole, negative, or more successes than observations.

    >>> print(proportion_interval(290, 323, method="wilson"))
    0.898 (95 % interval 0.860 to 0.926; Wilson; n = 323)
    """
    require_choice(method, tuple(PROPORTION_INTERVALS), name="method")
    require_confidence(confidence)
    successes, n = as_count(successes, name="successes"), as_count(n, name="n")
    if successes > n:
        raise StatisticsError(f"Expected at most `n` successes, got {successes} of {n}.")
    nan = math.nan
    if n == 0:
        return Estimate(nan, nan, nan, nan, method=PROPORTION_INTERVALS[method], n=0, confidence=confidence)
    value = successes / n
    se = math.sqrt(value * (1 - value) / n)
    low, high = _limits(successes, n, method=method, confidence=confidence)
    return Estimate(value, float(low), float(high), se, method=PROPORTION_INTERVALS[method], n=n, confidence=confidence)


@lru_cache(maxsize=4096)  # tables of a study ask for the same counts again and again
def _limits(successes: int, n: int, *, method: str, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    z = -float(ndtri(tail))
    if method == "jeffreys":
        of_share = stats.beta(successes + 0.5, n - successes + 0.5)
        low, high = float(of_share.ppf(tail)), float(of_share.isf(tail))
        return (low if successes else 0.0), (high if successes < n else 1.0)
    if method in ("wald", "agresti-coull"):
        # Agresti and Coull add half of z squared to successes and to failures, and then proceed as Wald.
        added = z**2 if method == "agresti-coull" else 0.0
        share = (successes + added / 2) / (n + added)
        margin = z * math.sqrt(share * (1 - share) / (n + added))
        return max(0.0, share - margin), min(1.0, share + margin)
    name = "wilson" if method == "wilson" else "exact"
    low, high = stats.binomtest(successes, n).proportion_ci(confidence_level=confidence, method=name)
    return float(low), float(high)


def gee_proportion(
    outcome: npt.ArrayLike,
    cluster: npt.ArrayLike | None = None,
    *,
    correlation: str = "independence",
    confidence: float = 0.95,
) -> Estimate:
    """Return a proportion of clustered observations, from an intercept-only logistic GEE.

    The interval is computed on the log odds with the robust variance and transformed back; `se` is that of the
    proportion (delta method). If all outcomes are equal, the log odds are infinite: the interval is then the exact one
    with clusters counted instead of observations, valid for any correlation within clusters. With one cluster the
    interval is NaN; without observations, the value too.

    Args:
        outcome: 0 or 1 per observation, for example whether each malignant nodule was called malignant.
        cluster: patient of each observation; None when all are independent.
        correlation: working correlation, "independence" (value = plain proportion) or "exchangeable".
        confidence: nominal coverage.

    Raises:
        StatisticsError: outcomes other than 0 and 1, lengths that differ, or a fit without solution.

    >>> print(gee_proportion([1, 1, 1, 0, 1, 0], cluster=["p1", "p1", "p2", "p2", "p3", "p4"]))
    0.667 (95 % interval 0.298 to 0.904; GEE, independence; n = 6 in 4 clusters)
    """
    require_choice(correlation, CORRELATIONS, name="correlation")
    require_confidence(confidence)
    method = f"GEE, {correlation}"
    if np.size(outcome) == 0:
        nan = math.nan
        return Estimate(nan, nan, nan, nan, method=method, n=0, clusters=0, confidence=confidence)
    values = as_truth(outcome, name="outcome", both_classes=False)
    codes = as_labels(cluster, name="cluster")[0] if cluster is not None else np.arange(values.size)
    require_same_length(outcome=values, cluster=codes)
    clusters = int(codes.max()) + 1
    value = float(values.mean())
    if value in (0.0, 1.0):
        exact = proportion_interval(round(value * clusters), clusters, method="clopper-pearson", confidence=confidence)
        note = "Clopper-Pearson on clusters, as all outcomes are alike"
        return Estimate(value, exact.low, exact.high, 0.0, note, values.size, clusters, confidence)
    if clusters == 1:
        note = f"{method}; no interval from one cluster"
        return Estimate(value, math.nan, math.nan, math.nan, note, values.size, clusters, confidence)
    if correlation == "exchangeable":
        fit = fit_clustered_logistic(values, np.ones((values.size, 1)), codes, correlation=correlation)
        log_odds, se_log_odds = float(fit.coefficients[0]), math.sqrt(fit.covariance[0, 0])
        value = float(expit(log_odds))
    else:
        log_odds = math.log(value / (1 - value))
        residual_sums = np.bincount(codes, weights=values - value)
        se_log_odds = float(np.sqrt(np.sum(residual_sums**2))) / values.size / (value * (1 - value))
    margin = float(stats.norm.isf((1 - confidence) / 2)) * se_log_odds
    low, high = float(expit(log_odds - margin)), float(expit(log_odds + margin))
    return Estimate(value, low, high, value * (1 - value) * se_log_odds, method, values.size, clusters, confidence)
