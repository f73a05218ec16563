"""One proportion with its interval."""

import math

import numpy as np
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import require_choice, require_confidence

_METHOD_NAMES = {"wald": "Wald", "wilson": "Wilson", "clopper-pearson": "Clopper-Pearson"}


def proportion_interval(successes: int, n: int, *, method: str = "wald", confidence: float = 0.95) -> Estimate:
    """Return the proportion `successes / n` with its interval.

    The standard error is the binomial one, sqrt(p (1 - p) / n), for every method. The Wald interval is cut at 0 and 1
    and has no width when `successes` is 0 or `n`: prefer "wilson" or "clopper-pearson" there. With `n` of 0 the
    proportion is undefined and every number is NaN.

    Args:
        successes: how many of `n` had the property.
        n: number of independent observations.
        method: "wald" (normal approximation), "wilson" (score interval, Wilson 1927) or "clopper-pearson" (exact).
        confidence: nominal coverage.

    Raises:
        StatisticsError: counts that are not whole, negative, or more successes than observations.

    >>> print(proportion_interval(290, 323, method="wilson"))
    0.898 (95 % interval 0.860 to 0.926; Wilson; n = 323)
    """
    require_choice(method, tuple(_METHOD_NAMES), name="method")
    require_confidence(confidence)
    successes, n = _as_count(successes, "successes"), _as_count(n, "n")
    if successes > n:
        raise StatisticsError(f"Expected at most `n` successes, got {successes} of {n}.")
    nan = math.nan
    if n == 0:
        return Estimate(nan, nan, nan, nan, method=_METHOD_NAMES[method], n=0, confidence=confidence)
    value = successes / n
    se = math.sqrt(value * (1 - value) / n)
    if method == "wald":
        margin = float(stats.norm.isf((1 - confidence) / 2)) * se
        low, high = max(0.0, value - margin), min(1.0, value + margin)
    else:
        name = "wilson" if method == "wilson" else "exact"
        low, high = stats.binomtest(successes, n).proportion_ci(confidence_level=confidence, method=name)
    return Estimate(value, float(low), float(high), se, method=_METHOD_NAMES[method], n=n, confidence=confidence)


def _as_count(value: float, name: str) -> int:
    if not np.isscalar(value) or not np.isreal(value) or not np.isfinite(value) or value < 0 or value != int(value):
        raise StatisticsError(f"Expected `{name}` to be a whole number of 0 or more, got {value!r}.")
    return int(value)
