"""A line of the table of benchmarks, and how its two numbers are measured."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

Work = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One measurement, ours and an alternative's.

    Attributes:
        what: was done, on which data.
        ours: the number of this package.
        unit: of both numbers; "images/s" and other rates are the better the greater, all others the better the less.
        alternative: what stands beside, by name and version; or why there is no number of it.
        theirs: the number of the alternative.
        least_ratio: the aim, where it is one of the ratio.
        limit: the aim, where it is one of our number.
    """

    what: str
    ours: float
    unit: str
    alternative: str
    theirs: float | None = None
    least_ratio: float | None = None
    limit: float | None = None

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self.unit.endswith("/s")

    @property
    def ratio(self) -> float | None:
        """How many times better ours is than the alternative: above 1 it is.

        >>> Row("a", 2.0, "s", "b", theirs=3.0).ratio, Row("a", 2.0, "images/s", "b", theirs=4.0).ratio
        (1.5, 0.5)
        """
        if self.theirs is None:
            return None
        return self.ours / self.theirs if self.is_rate else self.theirs / self.ours

    @property
    def aim(self) -> str:
        """The aim, and whether it was reached.

        >>> Row("a", 2.0, "s", "b", limit=1.5).aim, Row("a", 2.0, "s", "b", theirs=3.0, least_ratio=1.5).aim
        ('at most 1.5 s: missed', 'ratio 1.5: reached')
        """
        if self.limit is not None:
            word, reached = (
                ("at least", self.ours >= self.limit) if self.is_rate else ("at most", self.ours <= self.limit)
            )
            text = f"{word} {self.limit:g} {self.unit}"
        elif self.least_ratio is not None and self.ratio is not None:
            text, reached = f"ratio {self.least_ratio:g}", self.ratio >= self.least_ratio
        else:
            return ""
        return f"{text}: {'reached' if reached else 'missed'}"


def in_turn(runs: Mapping[str, Work], *, rounds: int, clock: Clock = time.process_time) -> dict[str, float]:
    """The least seconds of each run over some rounds in which all take turns, so that a busy machine disturbs all
    alike; a round before them warms up. By the processor's time of all threads, or by another clock."""
    best = dict.fromkeys(runs, float("inf"))
    for number in range(rounds + 1):
        for name, run in runs.items():
            start = clock()
            run()
            if number:
                best[name] = min(best[name], clock() - start)
    return best


def beside(
    what: str, ours: float, unit: str, others: Iterable[tuple[str, float]], *, aims: Mapping[str, float] | None = None
) -> list[Row]:
    """One of our numbers beside those of several alternatives; `aims` are ratios by the name of the alternative."""
    return [
        Row(what, ours, unit, name, theirs, least_ratio=None if aims is None else aims.get(name))
        for name, theirs in others
    ]


def installed(package: str) -> bool:
    """Whether a package is there to be measured."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def named(name: str, package: str) -> str:
    """A package by the name its users know and its version.

    >>> import numpy
    >>> named("NumPy", "numpy") == f"NumPy {numpy.__version__}"
    True
    """
    return f"{name} {version(package)}"
