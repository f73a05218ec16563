"""Numbers as documents carry them: an estimate with its interval, a count with its share, a distribution."""

import re
from collections import Counter
from collections.abc import Collection
from typing import Any, Final, Protocol, Self

from pydantic import BaseModel, ConfigDict

_REASON: Final = re.compile(": |：")
"""Between a method and the reason for it."""


class Frozen(BaseModel):
    """A piece of a document: it never changes, unknown fields are refused, and JSON holds all of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimated(Protocol):
    """A result of `thyrosight.statistics` that gives its fields as plain values."""

    def to_dict(self) -> dict[str, Any]: ...


class Measure(Frozen):
    """An estimate with its interval. None stands for a quantity that the data do not define.

    Attributes:
        value, low, high: the estimate and the limits of its interval.
        method: how the interval was obtained.
        n: observations that the value rests on.
        se: standard error, where the method gives one.
        clusters: patients or groups behind the observations, where the interval respects them.
        spread: standard deviation over divisions, where the value is a mean over divisions.
        divisions: number of divisions in that mean.
        confidence: nominal coverage of the interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    n: int | None = None
    se: float | None = None
    clusters: int | None = None
    spread: float | None = None
    divisions: int | None = None
    confidence: float = 0.95

    @classmethod
    def of(cls, estimate: Estimated) -> Self:
        """Take over an estimate, a mean over divisions or a difference of `thyrosight.statistics`."""
        found = estimate.to_dict()
        value = found["value"] if "value" in found else found["difference"]
        fields = {name: found[name] for name in cls.model_fields if name != "value" and name in found}
        return cls(value=value, **fields)


class Share(Frozen):
    """A count among all of its kind."""

    n: int
    of: int

    @property
    def share(self) -> float | None:
        """The count over all; None where there are none."""
        return self.n / self.of if self.of else None


class Distribution(Frozen):
    """How a quantity is distributed over its `n` known values; what is None is not stated."""

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    quartile_1: float | None = None
    median: float | None = None
    quartile_3: float | None = None
    high: float | None = None


def with_heads(methods: Collection[str]) -> dict[str, str]:
    """Printed name of each method: without its reason, such as a number of groups, where methods differ in that alone.

    >>> found = with_heads(["exact: 8 groups are too few", "exact: 9 groups are too few", "logit: few"])
    >>> list(dict.fromkeys(found.values()))
    ['exact', 'logit: few']
    """
    heads = {method: _REASON.split(method, maxsplit=1)[0] for method in methods}
    several = Counter(heads.values())
    return {method: head if several[head] > 1 else method for method, head in heads.items()}
