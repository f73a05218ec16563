"""McNemar's test of two paired proportions, and the score interval of their difference."""

import math

from scipy import optimize, stats

from thyrosight.statistics.validation import as_count, require_choice

MCNEMAR_METHODS = {
    "mcnemar-exact": "McNemar, exact",
    "mcnemar-mid-p": "McNemar, mid-P",
    "mcnemar-chi-square": "McNemar, chi-square",
    "mcnemar-chi-square-corrected": "McNemar, chi-square with continuity correction",
}


def mcnemar(only_a: int, only_b: int, *, method: str = "mcnemar-exact") -> tuple[float, float]:
    """Return McNemar's chi-square (NaN for exact and mid-P) and the two-sided P value from the discordant pairs.

    Sources: McNemar 1947; Edwards 1948 for the continuity correction; Fagerland et al. 2013 for mid-P, which takes the
    observed table at half of its probability: 1 - C(2k, k) / 2 / 4^k for k pairs on either side.

    Args:
        only_a: pairs in which only the first succeeded.
        only_b: pairs in which only the second succeeded.
        method: as in `compare_proportions`.

    >>> [round(mcnemar(16, 6, method=name)[1], 4) for name in ("mcnemar-exact", "mcnemar-mid-p")]
    [0.0525, 0.0347]
    """
    require_choice(method, tuple(MCNEMAR_METHODS), name="method")
    only_a, only_b = as_count(only_a, name="only_a"), as_count(only_b, name="only_b")
    discordant, fewer = only_a + only_b, min(only_a, only_b)
    if method in ("mcnemar-exact", "mcnemar-mid-p"):
        # Equal counts stand in the middle of the distribution, which both tails hold.
        p = min(1.0, 2 * float(stats.binom.cdf(fewer, discordant, 0.5)))
        if method == "mcnemar-mid-p":
            p -= float(stats.binom.pmf(fewer, discordant, 0.5)) / (2 if only_a == only_b else 1)
        return math.nan, p
    correction = 1 if method == "mcnemar-chi-square-corrected" else 0
    excess = max(0, abs(only_a - only_b) - correction)
    chi_square = excess**2 / discordant if discordant else 0.0
    return chi_square, float(stats.chi2.sf(chi_square, 1))


def tango_score(only_a: int, only_b: int, n: int, *, delta: float) -> float:
    """Return the score statistic of a true difference `delta` of two paired proportions (Tango, Stat Med 1998).

    The proportion of pairs in which only the second succeeded is the most likely one under that difference. Without
    variance the statistic is 0.

    >>> round(tango_score(16, 6, 100, delta=0.0) ** 2, 3)  # McNemar's chi-square
    4.545
    """
    variance = n * variance_under(only_a / n, only_b / n, delta=delta)
    return (only_a - only_b - n * delta) / math.sqrt(variance) if variance > 0 else 0.0


def variance_under(share_a: float, share_b: float, *, delta: float) -> float:
    """Return the variance of a pair's difference under a true difference `delta`, from the shares of discordant pairs.

    >>> round(variance_under(0.16, 0.06, delta=0.0), 2)  # without a difference: the share of discordant pairs
    0.22
    """
    linear = -share_a - share_b + (2 - share_a + share_b) * delta
    constant = -share_b * delta * (1 - delta)
    probability_b = (math.sqrt(max(0.0, linear**2 - 8 * constant)) - linear) / 4
    return 2 * probability_b + delta * (1 - delta)


def tango_interval(only_a: int, only_b: int, n: int, *, confidence: float) -> tuple[float, float]:
    """Return the score interval of the difference of two paired proportions (Tango, Stat Med 1998)."""
    z = float(stats.norm.isf((1 - confidence) / 2))
    difference = (only_a - only_b) / n

    def score(delta: float) -> float:
        return tango_score(only_a, only_b, n, delta=delta)

    edge = 1 - 1e-12
    low = optimize.brentq(lambda x: score(x) - z, -edge, difference) if score(-edge) > z else -1.0
    high = optimize.brentq(lambda x: score(x) + z, difference, edge) if score(edge) < -z else 1.0
    return float(low), float(high)
