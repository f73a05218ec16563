"""Agreement of readers on categories: kappa of Cohen and of Fleiss, and the coefficients of Gwet."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.linearised import ALIKE, coefficient, linearised_error
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    require_choice,
    require_confidence,
    require_same_length,
)

WEIGHTS = ("none", "linear", "quadratic")


def cohen_kappa(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    weights: str = "none",
    categories: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return Cohen's kappa of two readers, with the large-sample standard error of Fleiss, Cohen and Everitt (1969).

    Kappa is NaN if both readers gave every case the same single category: chance agreement is then 1. With clusters
    (several nodules of a patient) the standard error is that of Yang and Zhou (Stat Med 2014; weighted: Comput Stat
    Data Anal 2015): the same linearisation, summed within clusters. The interval then uses Student's t.

    Args:
        a: category that the first reader gave to each of n cases.
        b: category that the second reader gave.
        weights: "none", or "linear" or "quadratic" in the distance between ranks of ordered categories.
        categories: the categories in their order; by default those that occur, sorted.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval (normal approximation, cut at -1 and 1).

    Raises:
        StatisticsError: unequal lengths, missing values, an unknown weighting, a category that is not listed, or a
            single cluster.

    >>> print(cohen_kappa([3, 3, 4, 5, 5, 3, 4, 4], [3, 3, 4, 5, 4, 3, 4, 5], weights="quadratic"))
    0.795 (95 % interval 0.536 to 1.000; Cohen's kappa, quadratic weights; n = 8)
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    require_choice(weights, WEIGHTS, name="weights")
    require_confidence(confidence)
    first, second = np.asarray(a), np.asarray(b)
    as_labels(first, name="a"), as_labels(second, name="b")
    require_same_length(a=first, b=second)
    codes, listed = category_codes(np.column_stack([first.astype(object), second.astype(object)]), categories)
    name = "Cohen's kappa" if weights == "none" else f"Cohen's kappa, {weights} weights"
    size = len(listed)
    table = np.bincount(codes[:, 0] * size + codes[:, 1], minlength=size * size).reshape(size, size)
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        return Estimate(math.nan, math.nan, math.nan, math.nan, name, len(codes), None, confidence)
    with np.errstate(invalid="ignore"):
        found = cohens_kappa(table, wt=None if weights == "none" else weights)
    value = float(found.kappa)
    if cluster is not None:
        influence = _cohens_influence(codes, _agreement_weights(size, weights), value)
        se, units = linearised_error(influence, cluster)
        return coefficient(
            value, se, units=units, name=f"{name}, clustered", n=len(codes), clusters=units, confidence=confidence
        )
    se = float(found.std_kappa)
    if se < 1e-12:
        return Estimate(value, math.nan, math.nan, se, name + ALIKE, len(codes), None, confidence)
    margin = float(stats.norm.isf((1 - confidence) / 2)) * se
    low, high = max(-1.0, value - margin), min(1.0, value + margin)
    return Estimate(value, low, high, se, name, len(codes), None, confidence)


def fleiss_kappa(ratings: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None, confidence: float = 0.95) -> Estimate:
    """Return Fleiss' kappa (1971) of several readers on unordered categories.

    The standard error is that of Gwet (2021, "Large-sample variance of Fleiss generalized kappa"). It is valid at any
    level of agreement; the one of Fleiss is valid only if readers agree no more than by chance. The interval uses
    Student's t with n - 1 degrees of freedom and is cut at -1 and 1. With clusters the terms of the standard error are
    summed within clusters, and one less than their number are the degrees of freedom.

    Args:
        ratings: categories (cases, readers). None or NaN for a missing rating; cases rated once count towards
            chance agreement only.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than two readers, fewer than two cases that two readers rated, or a single cluster.

    >>> print(fleiss_kappa([["a", "a", "a"], ["a", "b", "b"], ["b", "b", "b"], ["c", "c", "a"]]))
    0.467 (95 % interval -0.402 to 1.000; Fleiss' kappa; n = 4)
    """
    counts, units = _counts_per_case(ratings, None, cluster)
    return _beyond_chance(counts, "none", units, chance="fleiss", name="Fleiss' kappa", confidence=confidence)


def weighted_fleiss_kappa(ratings: npt.ArrayLike, weights: npt.ArrayLike) -> Floats:
    """Return Fleiss' kappa under each row of weights, for example of how often a bootstrap drew each case.

    Args:
        ratings: as for `fleiss_kappa`.
        weights: shape (replicates, cases), whole numbers of 0 or more.

    Returns:
        Shape (replicates,); NaN where the weights leave one category, or fewer than two cases that two readers rated.

    Raises:
        StatisticsError: as `fleiss_kappa`, or lengths that differ.

    >>> ratings = [["a", "a", "a"], ["a", "b", "b"], ["b", "b", "b"], ["c", "c", "a"]]
    >>> weighted_fleiss_kappa(ratings, [[1, 1, 1, 1], [2, 0, 2, 0], [4, 0, 0, 0]])
    array([0.4666..., 1.        ,        nan])
    """
    every = np.asarray(weights)
    require_same_length(ratings=as_categories(ratings), weights=every.T)
    counts, rated = _counts_per_case(ratings, None, np.arange(every.shape[1]))
    times, agreement, several = (
        every[:, rated].astype(np.float64),
        *_agreement_per_case(counts, np.eye(counts.shape[1])),
    )
    pairs = times[:, several].sum(axis=1)
    share = times @ (counts / counts.sum(axis=1, keepdims=True)) / np.maximum(times.sum(axis=1), 1)[:, None]
    by_chance = (share**2).sum(axis=1)
    defined = (pairs >= 2) & (by_chance != 1)
    kappa = np.full(len(every), np.nan)
    observed = (times[defined] @ agreement) / pairs[defined]
    kappa[defined] = (observed - by_chance[defined]) / (1 - by_chance[defined])
    return kappa


def gwet_coefficient(
    ratings: npt.ArrayLike,
    *,
    weights: str = "none",
    categories: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return Gwet's AC1 (unordered categories) or AC2 (with weights), which stay stable when one category prevails.

    Coefficient and standard error after Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29,
    with missing ratings as in his Handbook of Inter-Rater Reliability (4th edition, 2014). Interval as for
    `fleiss_kappa`.

    Args:
        ratings: categories (cases, readers); None or NaN for a missing rating.
        weights: "none" (AC1), "linear" or "quadratic" (AC2) in the distance between ranks of ordered categories.
        categories: all categories in their order; by default those that occur, sorted.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: as `fleiss_kappa`, an unknown weighting, or a category that is not listed.

    >>> print(gwet_coefficient([["a", "a", "a"], ["a", "b", "b"], ["b", "b", "b"], ["c", "c", "a"]]))
    0.515 (95 % interval -0.433 to 1.000; Gwet's AC1; n = 4)
    """
    require_choice(weights, WEIGHTS, name="weights")
    name = "Gwet's AC1" if weights == "none" else f"Gwet's AC2, {weights} weights"
    counts, units = _counts_per_case(ratings, categories, cluster)
    return _beyond_chance(counts, weights, units, chance="gwet", name=name, confidence=confidence)


def _cohens_influence(codes: Integers, weight: Floats, value: float) -> Floats:
    """Influence of each case on Cohen's kappa, from the categories (cases, 2) that the two readers gave."""
    size = len(weight)
    first, second = (np.bincount(codes[:, reader], minlength=size) / len(codes) for reader in (0, 1))
    by_chance = float(first @ weight @ second)
    agreement = weight[codes[:, 0], codes[:, 1]]
    case_chance = (weight @ second)[codes[:, 0]] + (weight.T @ first)[codes[:, 1]]
    moved = agreement - agreement.mean() - (1 - value) * (case_chance - 2 * by_chance)
    influence: Floats = moved / (1 - by_chance)
    return influence


def _beyond_chance(
    counts: Floats, weights: str, cluster: Integers | None, *, chance: str, name: str, confidence: float
) -> Estimate:
    """Chance-corrected agreement from counts (cases, categories); variance by linearisation (Gwet 2014, chapter 5)."""
    require_confidence(confidence)
    n, size = counts.shape
    if size == 1:
        return Estimate(math.nan, math.nan, math.nan, math.nan, name, n, None, confidence)
    weight = _agreement_weights(size, weights)
    readers = counts.sum(axis=1)
    agreement, several = _agreement_per_case(counts, weight)
    observed = float(agreement[several].mean())
    share = (counts / readers[:, None]).mean(axis=0)
    if chance == "fleiss":
        by_chance = float(share @ weight @ share)
        case_chance = counts @ weight @ share / readers
    else:
        scale = weight.sum() / (size * (size - 1))
        by_chance = float(scale * (share * (1 - share)).sum())
        case_chance = scale * (counts @ (1 - share)) / readers
    if by_chance == 1:
        return Estimate(math.nan, math.nan, math.nan, math.nan, name, n, None, confidence)
    value = (observed - by_chance) / (1 - by_chance)
    influence = n / several.sum() * (agreement - by_chance * several) / (1 - by_chance)
    influence = influence - 2 * (1 - value) * (case_chance - by_chance) / (1 - by_chance)
    se, units = linearised_error(influence - value, cluster)
    clusters = None if cluster is None else units
    name = name if cluster is None else f"{name}, clustered"
    return coefficient(value, se, units=units, name=name, n=n, clusters=clusters, confidence=confidence)


def _agreement_per_case(counts: Floats, weight: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Agreement between the pairs of ratings of each case, 0 where there are none; and whether there are some."""
    readers = counts.sum(axis=1)
    several = readers >= 2
    pairs = (counts * (counts @ weight - 1)).sum(axis=1)
    return np.divide(pairs, readers * (readers - 1), out=np.zeros(len(counts)), where=several), several


def _agreement_weights(size: int, weights: str) -> Floats:
    if weights == "none":
        return np.eye(size)
    ranks = np.arange(size)
    distance: Floats = np.abs(ranks[:, None] - ranks[None, :]) / (size - 1)
    weight: Floats = 1 - (distance if weights == "linear" else distance**2)
    return weight


def _counts_per_case(
    ratings: npt.ArrayLike, categories: npt.ArrayLike | None, cluster: npt.ArrayLike | None
) -> tuple[Floats, Integers | None]:
    """How many readers gave each category (columns) to each case (rows), and the cluster of each case.

    Cases without any rating are left out.
    """
    table = as_categories(ratings)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(f"Expected `ratings` with a row per case and two or more readers, got {table.shape}.")
    codes, listed = category_codes(table, categories)
    given = [(codes == index).sum(axis=1) for index in range(len(listed))]
    counts: Floats = np.stack(given, axis=1).astype(np.float64)
    rated = counts.sum(axis=1) > 0
    units = None if cluster is None else cluster_codes(cluster, len(counts))[0][rated]
    counts = counts[rated]
    if (counts.sum(axis=1) >= 2).sum() < 2:
        raise StatisticsError("Expected at least two cases that two or more readers rated.")
    return counts, units


def as_categories(ratings: npt.ArrayLike) -> npt.NDArray[Any]:
    """Ratings as an array: numbers as they are, which are quick to rank, and everything else as objects."""
    numbers = isinstance(ratings, np.ndarray) and ratings.dtype.kind in "iuf"
    return np.asarray(ratings) if numbers else np.asarray(ratings, dtype=object)


def category_codes(table: npt.NDArray[Any], categories: npt.ArrayLike | None) -> tuple[Integers, list[Any]]:
    """Rank of every entry among the categories, -1 where it is missing; and the categories in order."""
    if categories is None and table.dtype.kind in "iuf":
        given = table == table  # noqa: PLR0124 - NaN is unequal to itself
        present, ranks = np.unique(table[given], return_inverse=True)
        numbered = np.full(table.shape, -1, dtype=np.int64)
        numbered[given] = ranks
        return numbered, present.tolist()
    found = {item for item in table.ravel().tolist() if not _missing(item)}
    if categories is None:
        try:
            listed = sorted(found)
        except TypeError:
            raise StatisticsError("Expected categories of one kind, got text and numbers mixed.") from None
    else:
        listed = np.asarray(categories).tolist()
        unknown = sorted(map(repr, found - set(listed)))
        if unknown:
            raise StatisticsError(f"Expected only the categories {listed}, got {unknown[0]} as well.")
        if len(set(listed)) < len(listed):
            raise StatisticsError(f"Expected every category to be listed once, got {listed}.")
    rank = {item: index for index, item in enumerate(listed)}
    codes = [[-1 if _missing(item) else rank[item] for item in row] for row in table.tolist()]
    return np.array(codes, dtype=np.int64), listed


def _missing(item: Any) -> bool:
    return item is None or item != item  # noqa: PLR0124 - NaN is unequal to itself
