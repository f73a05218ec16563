"""Krippendorff's alpha: agreement of any number of readers, on any scale, with missing readings."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.kappa import as_categories, category_codes
from thyrosight.statistics.agreement.linearised import coefficient, jackknife_error
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import Floats, Integers, require_choice, require_confidence

LEVELS = ("nominal", "ordinal", "interval", "ratio")
INTERVALS = ("jackknife", "bootstrap")


@dataclass(frozen=True, eq=False, slots=True)
class _Pairs:
    """Pairs of readings of one case, both ways round.

    Attributes:
        case: of each pair.
        first: category of the first reading.
        second: category of the second.
        weight: 1 / (readings of the case - 1), so that a case counts by its readings.
        given: how often each category (columns) was given to each case (rows).
    """

    case: Integers
    first: Integers
    second: Integers
    weight: Floats
    given: Floats


def krippendorff_alpha(
    ratings: npt.ArrayLike,
    *,
    level: str = "nominal",
    categories: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Estimate:
    """Return Krippendorff's alpha: one minus the observed over the expected disagreement.

    Krippendorff, "Content Analysis", 4th edition, chapter 12. The interval leaves out one case (with `cluster`: one
    patient) after the other and uses Student's t; or it is a percentile bootstrap over cases (patients). In both,
    observed and expected disagreement vary. Alpha is NaN if every reading is the same: nothing could then disagree.

    Args:
        ratings: readings (cases, readers); None or NaN for a missing one. Cases read once count for nothing.
        level: scale of the readings: "nominal", "ordinal" (ranks), "interval" or "ratio" (numbers).
        categories: the categories in their order; by default those that occur, sorted.
        cluster: patient of each case; None when all are independent.
        interval: "jackknife" or "bootstrap", which falls somewhat short in small samples.
        replicates: number of bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than two readers, fewer than two cases (patients) read twice, text where numbers are
            needed, numbers below 0 on a ratio scale, or a category that is not listed.

    >>> readings = [[1, 1, 2], [2, 2, 2], [3, 3, 3], [4, 3, None], [1, 1, 1], [2, 1, 2]]
    >>> print(krippendorff_alpha(readings, level="ordinal"))
    0.800 (95 % interval 0.324 to 1.000; Krippendorff's alpha, ordinal, jackknife; n = 6)
    """
    for chosen, allowed, name in ((level, LEVELS, "level"), (interval, INTERVALS, "interval")):
        require_choice(chosen, allowed, name=name)
    require_confidence(confidence)
    table = as_categories(ratings)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(f"Expected `ratings` with a row per case and two or more readers, got {table.shape}.")
    codes, listed = category_codes(table, categories)
    values = _values(listed, level)
    unit, _ = cluster_codes(cluster, len(codes))
    used = (codes >= 0).sum(axis=1) >= 2
    unit, units = cluster_codes(unit[used], int(used.sum())) if used.any() else (unit, 0)
    if units < 2:
        what = "cases" if cluster is None else "patients with a case"
        raise StatisticsError(f"Expected at least two {what} that two or more readers rated.")
    alpha = _alpha_of_weights(_pairs(codes[used], len(listed)), values, level)
    n, clusters, name = int(used.sum()), None if cluster is None else units, f"Krippendorff's alpha, {level}"
    value = alpha(np.ones(n))
    if interval == "bootstrap":
        samples = drawn_blocks(units, n, replicates, seed)
        drawn = [alpha(row[unit].astype(np.float64)) for block in samples for row in block]
        found = bootstrap_estimate(value, np.array(drawn), n=n, clusters=clusters, confidence=confidence)
        return replace(found, method=f"{name}; {found.method}")
    left_out = np.array([alpha((unit != left).astype(np.float64)) for left in range(units)])
    se = jackknife_error(left_out)
    return coefficient(value, se, units=units, name=f"{name}, jackknife", n=n, clusters=clusters, confidence=confidence)


def _alpha_of_weights(pairs: _Pairs, values: Floats, level: str) -> Callable[[Floats], float]:
    """Return the function that gives alpha when each case counts so many times."""
    distance = _distance(pairs.given.sum(axis=0), values, level)
    if level != "ordinal":
        return lambda weights: _alpha(pairs, weights, distance)
    return lambda weights: _alpha(pairs, weights, _distance(weights @ pairs.given, values, level))


def _values(listed: list[Any], level: str) -> Floats:
    """Return the categories as numbers where the scale needs them, else their ranks."""
    if level in ("nominal", "ordinal"):
        return np.arange(len(listed), dtype=np.float64)
    try:
        values = np.array(listed, dtype=np.float64)
    except (TypeError, ValueError):
        raise StatisticsError(f"Expected numbers for level={level!r}, got {listed[0]!r}.") from None
    if level == "ratio" and values.min() < 0:
        raise StatisticsError(f"Expected numbers of 0 or more on a ratio scale, got {values.min():g}.")
    return values


def _pairs(codes: Integers, size: int) -> _Pairs:
    read = codes >= 0
    case, first, second = [], [], []
    for a in range(codes.shape[1]):
        for b in range(codes.shape[1]):
            both = np.flatnonzero(read[:, a] & read[:, b]) if a != b else np.empty(0, dtype=np.int64)
            case.append(both)
            first.append(codes[both, a])
            second.append(codes[both, b])
    given = np.stack([(codes == index).sum(axis=1) for index in range(size)], axis=1)
    cases = np.concatenate(case)
    weight = 1 / (read.sum(axis=1)[cases] - 1)
    return _Pairs(cases, np.concatenate(first), np.concatenate(second), weight, given.astype(np.float64))


def _alpha(pairs: _Pairs, weights: Floats, distance: Floats) -> float:
    """Alpha when each case counts `weights` times; NaN if all readings are alike."""
    totals = weights @ pairs.given
    n = float(totals.sum())
    expected = float(totals @ distance @ totals)
    if n < 2 or expected <= 0:
        return math.nan
    observed = float((weights[pairs.case] * pairs.weight) @ distance[pairs.first, pairs.second])
    return 1 - (n - 1) * observed / expected


def _distance(totals: Floats, values: Floats, level: str) -> Floats:
    """Squared difference between any two categories; on an ordinal scale it depends on how often each was given."""
    if level == "nominal":
        return 1 - np.eye(values.size)
    if level == "ordinal":
        middle = np.cumsum(totals) - totals / 2
        return np.asarray(np.subtract.outer(middle, middle) ** 2)
    difference = np.subtract.outer(values, values)
    if level == "interval":
        return np.asarray(difference**2)
    total = np.add.outer(values, values)
    return np.asarray(np.divide(difference, total, out=np.zeros_like(total), where=total > 0) ** 2)
