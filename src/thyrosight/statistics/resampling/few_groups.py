"""Methods for few patients: how many a bootstrap needs, and exact intervals where it has too few or nothing varies.

A bootstrap draws from the patients that it has. Of few it draws too narrow intervals and too small P values, and of
patients who were all judged alike it draws intervals of no width. The intervals here are those of Clopper and Pearson
with patients counted instead of images (Korn & Graubard, Survey Methodology 1998, section 4): a mean over a patient's
images varies at most as much as a single call does. For the AUC pairs of a positive and a negative patient are counted,
because an area A of n0 and n1 patients has a variance of at most A (1 - A) / min(n0, n1) (Birnbaum & Klose, Ann Math
Stat 1957). They are conservative: they hold at least the coverage that they name.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
from scipy import sparse, stats
from scipy.sparse.csgraph import maximum_bipartite_matching

from thyrosight.statistics.bootstrap import weighted_auc
from thyrosight.statistics.proportions.confusion import cell_of, measures
from thyrosight.statistics.resampling.outcomes import DivisionOutcome
from thyrosight.statistics.validation import Floats

LEAST_GROUPS = 10
"""Groups (patients) of each class that a bootstrap or a P value needs. In 500 simulated test parts (AUC 0.80,
sensitivity 0.73) a 95 % percentile interval covers the AUC in 67 and the sensitivity in 61 % with 3 patients of each
class, in 88 and 86 % with 6, in 92 and 92 % with 10."""
_Any = TypeVar("_Any")
Limits = tuple[float, float]
_NONE: Limits = (math.nan, math.nan)
_SAME = {"recall": "sensitivity", "precision": "ppv"}


def groups_of_classes(divisions: Sequence[DivisionOutcome]) -> tuple[int, int]:
    """Return how many groups with a negative and with a positive case were tested, each once however often.

    >>> part = DivisionOutcome(truth=[0, 0, 1], score=[1, 2, 3], predicted=[0, 0, 1], cluster=["a", "a", "b"])
    >>> groups_of_classes([part, part])
    (1, 1)
    """
    negative, positive = (
        {str(c) for item in divisions for c, t in zip(item.cluster, item.truth, strict=True) if t == truth}
        for truth in (0, 1)
    )
    return len(negative), len(positive)


def too_few(negative: int, positive: int) -> str:
    """Return why so many groups of each class bear no bootstrap and no P value; empty where they do.

    >>> too_few(12, 4)
    '12 negative and 4 positive groups are too few (below 10) for a bootstrap or a P value'
    >>> too_few(12, 10)
    ''
    """
    if min(negative, positive) >= LEAST_GROUPS:
        return ""
    return (
        f"{negative} negative and {positive} positive groups are too few (below {LEAST_GROUPS}) for a bootstrap or a P "
        "value"
    )


def too_few_together(groups: int) -> str:
    """Return why so many groups, whatever their classes, bear no bootstrap and no P value; empty where they do.

    >>> too_few_together(9)
    '9 groups are too few (below 10) for a bootstrap or a P value'
    """
    if groups >= LEAST_GROUPS:
        return ""
    return f"{groups} groups are too few (below {LEAST_GROUPS}) for a bootstrap or a P value"


def without_tests(result: _Any) -> _Any:
    """Return a result, or results in tuples and dictionaries, as so few groups leave it.

    P values are NaN, nothing is shown against a margin, and an interval of a bootstrap is none, unless it is an exact
    one beside; other intervals stay.

    >>> from thyrosight.statistics.estimate import Estimate
    >>> without_tests(Estimate(0.8, 0.7, 0.9, 0.05, "percentile bootstrap, 2000 replicates", 9)).method
    'no interval: too few groups for a bootstrap'
    """
    if isinstance(result, dict):
        return {key: without_tests(value) for key, value in result.items()}  # type: ignore[return-value]
    if isinstance(result, list | tuple):
        return type(result)(without_tests(value) for value in result)
    if not is_dataclass(result) or isinstance(result, type):
        return result
    left = {one.name: without_tests(getattr(result, one.name)) for one in fields(result) if one.init}
    left |= {name: math.nan for name in left if name == "p" or name.endswith("_p")}
    left |= {"shown": False} if "shown" in left else {}
    method = left.get("method", "")
    limits = [name for name in left if name in ("low", "high") or name.endswith(("_low", "_high"))]
    if limits and "bootstrap" in method and "exact" not in method:
        before = re.match(r"(.*[,;] )?[^,;]*bootstrap", method)
        words = f"{before[1] or '' if before else ''}no interval: too few groups for a bootstrap"
        left |= dict.fromkeys([*limits, *(["se"] if "se" in left else [])], math.nan) | {"method": words}
    return replace(result, **left)


@lru_cache(maxsize=4096)  # tables of a study ask for the same shares again and again
def exact_limits(value: float, units: int, *, confidence: float = 0.95) -> Limits:
    """Return the Clopper-Pearson limits of a mean of values from 0 to 1 over independent units (Korn & Graubard 1998).

    NaN where the value is undefined or there is no unit.

    >>> [round(limit, 3) for limit in exact_limits(1.0, 12)]
    [0.735, 1.0]
    """
    if math.isnan(value) or units < 1:
        return _NONE
    tail, right = (1 - confidence) / 2, round(min(max(value, 0.0), 1.0) * units, 9)  # a mean of ones is 1
    low = float(stats.beta.ppf(tail, right, units - right + 1)) if right > 0 else 0.0
    high = float(stats.beta.isf(tail, right + 1, units - right)) if right < units else 1.0
    return low, high


def unseen_share(units: int, *, confidence: float = 0.95) -> float:
    """Return the largest share of units that may differ although none of these did: the limit of 0 of `units`.

    >>> round(unseen_share(12), 3)
    0.265
    """
    return exact_limits(0.0, units, confidence=confidence)[1]


def exact_measures(
    divisions: Sequence[DivisionOutcome], names: Sequence[str], *, confidence: float = 0.95
) -> dict[str, Limits]:
    """Return exact limits of measures averaged over divisions.

    Sensitivity, specificity, accuracy and predictive values count the groups that they are of, F1 those that are or
    were called positive; the AUC counts pairs. The balanced accuracy and likelihood ratios combine the limits of
    sensitivity and specificity (by MOVER; at half the error each). Other measures have none (NaN).
    """
    values, units = _values(divisions), unit_counts(divisions)
    direct = {name: exact_limits(values[name], units[name], confidence=confidence) for name in units if name != "f1"}
    found = dict(direct)
    share = values["f1"] / (2 - values["f1"])
    found["f1"] = _mapped(exact_limits(share, units["f1"], confidence=confidence), lambda x: 2 * x / (1 + x))
    found["balanced_accuracy"] = _mean_of(
        (values["sensitivity"], *direct["sensitivity"]), (values["specificity"], *direct["specificity"])
    )
    half = (1 + confidence) / 2
    rates = [exact_limits(values[name], units[name], confidence=half) for name in ("sensitivity", "specificity")]
    found |= _likelihood_ratios(*rates)
    return {name: found.get(_SAME.get(name, name), _NONE) for name in names}


def unit_counts(divisions: Sequence[DivisionOutcome]) -> dict[str, int]:
    """Return how many independent groups each measure is of; for the AUC pairs of groups."""
    kept: dict[str, set[str]] = {name: set() for name in ("sensitivity", "specificity", "accuracy", "ppv", "npv", "f1")}
    for item in divisions:
        for truth, predicted, cluster in zip(item.truth, item.predicted, item.cluster, strict=True):
            of = ["accuracy", "sensitivity" if truth else "specificity", "ppv" if predicted else "npv"]
            for name in [*of, *(["f1"] if truth or predicted else [])]:
                kept[name].add(str(cluster))
    return {name: len(groups) for name, groups in kept.items()} | {"auc": pairs_tested_together(divisions)}


def pairs_tested_together(divisions: Sequence[DivisionOutcome]) -> int:
    """Return the largest number of pairs of a positive and a negative group that some division tested together, no
    group in two pairs.

    >>> part = DivisionOutcome(truth=[0, 0, 1], score=[1, 2, 3], predicted=[0, 0, 1], cluster=["a", "b", "c"])
    >>> pairs_tested_together([part])
    1
    """
    positive, negative = (
        [
            np.unique([c for c, t in zip(map(str, item.cluster), item.truth, strict=True) if t == truth])
            for item in divisions
        ]
        for truth in (1, 0)
    )
    rows, columns = (np.unique(np.concatenate(parts)) for parts in (positive, negative))
    together = np.zeros((len(rows), len(columns)), dtype=bool)
    for own, other in zip(positive, negative, strict=True):
        together[np.ix_(np.searchsorted(rows, own), np.searchsorted(columns, other))] = True
    together &= rows[:, None] != columns[None, :]
    matched = maximum_bipartite_matching(sparse.csr_matrix(together), perm_type="column")
    return min(int((matched >= 0).sum()), np.union1d(rows, columns).size // 2)


def difference_limits(a: float, of_a: Limits, b: float, of_b: Limits) -> Limits:
    """Return limits of a - b from those of a and b by MOVER (Zou & Donner, Stat Med 2008), taken as independent:
    conservative where both were measured on the same patients.

    >>> [round(limit, 3) for limit in difference_limits(1.0, (0.7, 1.0), 1.0, (0.7, 1.0))]
    [-0.3, 0.3]
    """
    difference = a - b
    below, above = math.hypot(a - of_a[0], of_b[1] - b), math.hypot(of_a[1] - a, b - of_b[0])
    return max(-1.0, difference - below), min(1.0, difference + above)


def exact_difference(
    a: Sequence[DivisionOutcome], b: Sequence[DivisionOutcome], name: str, *, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the difference (a minus b) of a measure averaged over divisions, with limits from the exact ones of both.

    >>> part = [DivisionOutcome(truth=[0, 1], score=[1, 2], predicted=[0, 1], cluster=["a", "b"])]
    >>> exact_difference(part, part, "accuracy")[0]
    0.0
    """
    (of_a, limits_a), (of_b, limits_b) = (
        (_values(item)[_SAME.get(name, name)], exact_measures(item, [name], confidence=confidence)[name])
        for item in (a, b)
    )
    return of_a - of_b, *difference_limits(of_a, limits_a, of_b, limits_b)


def _values(divisions: Sequence[DivisionOutcome]) -> dict[str, float]:
    """Every measure averaged over the divisions that define it."""
    found: dict[str, list[float]] = {}
    for item in divisions:
        truth, predicted = np.asarray(item.truth, dtype=np.int64), np.asarray(item.predicted, dtype=np.int64)
        cells = np.bincount(cell_of(truth, predicted), minlength=4)
        area = weighted_auc(truth, item.score, np.ones((1, truth.size)))[0]
        for name, value in {**measures(cells), "auc": area}.items():
            found.setdefault(name, []).append(float(value))
    return {name: _mean(np.array(values)) for name, values in found.items()}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _mapped(limits: Limits, change: Callable[[float], float]) -> Limits:
    return change(limits[0]), change(limits[1])


def _mean_of(first: tuple[float, float, float], second: tuple[float, float, float]) -> Limits:
    """Limits of the mean of two independent rates, each given with its limits."""
    middle = (first[0] + second[0]) / 2
    below = math.hypot(first[0] - first[1], second[0] - second[1]) / 2
    above = math.hypot(first[2] - first[0], second[2] - second[0]) / 2
    return middle - below, middle + above


def _likelihood_ratios(sensitivity: Limits, specificity: Limits) -> Mapping[str, Limits]:
    def ratio(above: float, below: float) -> float:
        return above / below if below > 0 else math.inf if above > 0 else math.nan

    positive = ratio(sensitivity[0], 1 - specificity[0]), ratio(sensitivity[1], 1 - specificity[1])
    negative = ratio(1 - sensitivity[1], specificity[1]), ratio(1 - sensitivity[0], specificity[0])
    return {"positive_likelihood_ratio": positive, "negative_likelihood_ratio": negative}
