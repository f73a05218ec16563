"""Results of statistical functions: a value with its interval and the name of its method."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from thyrosight.intervals import limits_in_words
from thyrosight.showing import Shown


class Result(Shown):
    """Base of all result objects: converts them to a plain dictionary."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as nested dictionaries of plain Python values; NaN becomes None, as JSON wants."""
        return _plain(asdict(self))  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True)
class Estimate(Result):
    """One estimated quantity.

    Attributes:
        value: the point estimate; NaN if the data do not define it (for example specificity without a benign case).
        low: lower limit of the interval.
        high: upper limit of the interval.
        se: standard error on the scale of `value`; NaN if the method gives an interval without one.
        method: how value and interval were obtained, in words.
        n: number of observations behind the value.
        clusters: number of clusters (patients), or None where observations were taken as independent.
        confidence: nominal coverage of the interval.

    >>> print(Estimate(value=0.8977, low=0.8600, high=0.9263, se=0.0168, method="Wilson", n=323))
    0.898 (95 % interval 0.860 to 0.926; Wilson; n = 323)
    """

    value: float
    low: float
    high: float
    se: float
    method: str
    n: int
    clusters: int | None = None
    confidence: float = 0.95

    def __str__(self) -> str:
        count = f"n = {self.n}" if self.clusters is None else f"n = {self.n} in {self.clusters} clusters"
        if math.isnan(self.value):
            return f"undefined ({self.method}; {count})"
        interval = limits_in_words(self.low, self.high, confidence=self.confidence)
        return f"{self.value:.3f} ({interval}; {self.method}; {count})"


def _plain(value: Any) -> Any:
    """Turn numpy scalars, arrays and tuples into plain values, and NaN or infinity into None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
