"""The Hosmer-Lemeshow test of observed and expected numbers in groups of risk."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import p_in_words
from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.validation import as_truth, require_same_length

_CAVEAT = (
    "The result depends on the number of groups and of cases: many cases reject every model, few reject none. It does"
    " not say how far off the risks are, and a large P value does not show calibration; read the calibration curve."
)


@dataclass(frozen=True, slots=True)
class RiskGroup(Result):
    """Cases of one group of predicted risk, with observed and expected positives."""

    low: float
    high: float
    n: int
    observed: int
    expected: float


@dataclass(frozen=True, slots=True)
class HosmerLemeshow(Result):
    """The test of Hosmer and Lemeshow (1980).

    Attributes:
        statistic: sum over groups of (observed - expected)^2 / (expected * (1 - expected / n)).
        df: groups for risks from elsewhere, groups - 2 for a model fitted to these cases.
        p: upper tail of the chi-square distribution.
        groups: the groups it rests on.
        notes: what it does not say, and groups too small for it.
    """

    statistic: float
    df: int
    p: float
    groups: tuple[RiskGroup, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return f"Hosmer-Lemeshow chi-square {self.statistic:.2f}, df {self.df}, {p_in_words(self.p)}"


def hosmer_lemeshow(
    truth: npt.ArrayLike, probability: npt.ArrayLike, *, groups: int = 10, fitted: bool = False
) -> HosmerLemeshow:
    """Compare observed and expected positives in groups of predicted risk.

    Groups are bounded by quantiles of risk, each with its upper bound, as `cut(risk, quantile(risk, ...),
    include.lowest = TRUE)` of R makes them; equal risks share a group, so there may be fewer. Cases are taken as
    independent.

    Args:
        truth: n values of 0 and 1.
        probability: n predicted probabilities of truth being 1.
        groups: number of groups, 3 or more.
        fitted: whether the model was fitted to these cases, which costs two degrees of freedom.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, unequal lengths, or fewer than 3 groups.

    >>> probability = np.arange(1, 61) / 61
    >>> print(hosmer_lemeshow(np.arange(60) % 3 == 2, probability, groups=4))
    Hosmer-Lemeshow chi-square 48.61, df 4, P = 7.04e-10
    """
    labels, values = as_truth(truth), as_probability(probability)
    require_same_length(truth=labels, probability=values)
    if groups < 3:
        raise StatisticsError(f"Expected at least 3 `groups`, got {groups}.")
    edges = np.unique(np.quantile(values, np.linspace(0, 1, groups + 1)))
    where = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, max(len(edges) - 2, 0))
    found = tuple(
        RiskGroup(
            float(values[inside].min()),
            float(values[inside].max()),
            int(inside.sum()),
            int(labels[inside].sum()),
            float(values[inside].sum()),
        )
        for inside in (where == index for index in np.unique(where))
    )
    df = len(found) - (2 if fitted else 0)
    spread = [group.expected * (1 - group.expected / group.n) for group in found]
    if min(spread) <= 0 or df < 1:
        return HosmerLemeshow(math.nan, df, math.nan, found, (_CAVEAT, "Undefined: a group of certain risks."))
    parts = [(group.observed - group.expected) ** 2 / size for group, size in zip(found, spread, strict=True)]
    statistic = sum(parts)
    small = sum(min(group.expected, group.n - group.expected) < 5 for group in found)
    few = f"{small} of {len(found)} groups expect fewer than 5 cases of one class, too few for its distribution."
    notes = (_CAVEAT, few) if small else (_CAVEAT,)
    return HosmerLemeshow(statistic, df, float(stats.chi2.sf(statistic, df)), found, notes)
