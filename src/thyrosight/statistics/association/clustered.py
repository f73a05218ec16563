"""Test whether the share of an outcome differs between categories when patients contribute several observations."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.association.hypothesis_tests import AssociationTest
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_numbers,
    as_truth,
    require_same_length,
)


def clustered_association_test(
    category: npt.ArrayLike, outcome: npt.ArrayLike, *, cluster: npt.ArrayLike
) -> AssociationTest:
    """Test whether a binary outcome is equally frequent in all categories, with correlation within clusters.

    The generalised score test of a logistic model with one coefficient per category (Rotnitzky & Jewell, Biometrika
    1990; Boos, Am Stat 1992): Pearson's chi-square, with a variance estimated between clusters instead of the binomial
    one. It needs no finite odds ratio, so a category without the outcome is allowed. A cluster may hold several
    categories. With few clusters it is conservative.

    Args:
        category: label of each observation.
        outcome: 0 or 1.
        cluster: patient of each observation.

    Raises:
        StatisticsError: one category, one outcome or one cluster only, or lengths that differ.

    >>> shape = ["wider"] * 114 + ["taller"] * 95
    >>> missed = [1] * 12 + [0] * 102 + [1] * 2 + [0] * 93
    >>> print(clustered_association_test(shape, missed, cluster=range(209)))  # Guan 2019; chi-square gives 0.015
    score test, variance between clusters, statistic 6.577, df 1: P = 0.0103 (n = 209)
    """
    return _score_test(category, as_truth(outcome, name="outcome"), cluster)


def clustered_mean_test(category: npt.ArrayLike, values: npt.ArrayLike, *, cluster: npt.ArrayLike) -> AssociationTest:
    """Test whether the mean of a quantity, such as Dice, is the same in all categories: the same score test.

    Raises:
        StatisticsError: one category or one cluster only, values that do not vary, or lengths that differ.

    >>> print(clustered_mean_test(["F", "F", "F", "M", "M", "M"], [0.9, 0.8, 0.7, 0.6, 0.5, 0.7], cluster=range(6)))
    score test, variance between clusters, statistic 3.600, df 1: P = 0.0578 (n = 6)
    """
    return _score_test(category, as_numbers(values, name="values"), cluster)


def _score_test(category: npt.ArrayLike, outcome: Floats | Integers, cluster: npt.ArrayLike) -> AssociationTest:
    codes, names = as_labels(category, name="category")
    clusters, patients = as_labels(cluster, name="cluster")
    require_same_length(category=codes, outcome=outcome, cluster=clusters)
    if names.size < 2:
        raise StatisticsError(f"Expected at least two categories, got {names.size}.")
    if patients.size < 2:
        raise StatisticsError("Expected at least two clusters: the variance between them cannot be had from one.")
    is_level = (codes[:, None] == np.arange(1, names.size)).astype(np.float64)
    contributions = (is_level - is_level.mean(axis=0)) * (outcome - outcome.mean())[:, None]
    of_cluster = np.zeros((patients.size, names.size - 1))
    np.add.at(of_cluster, clusters, contributions)
    score, variance = of_cluster.sum(axis=0), of_cluster.T @ of_cluster
    df = int(np.linalg.matrix_rank(variance))
    if df == 0:
        raise StatisticsError("The outcome does not vary between clusters, so that no test exists.")
    statistic = float(score @ np.linalg.pinv(variance, hermitian=True) @ score)
    lost = names.size - 1 - df
    note = f"{lost} of {names.size - 1} contrasts cannot be told apart" if lost else ""
    p = float(stats.chi2.sf(statistic, df))
    return AssociationTest("score test, variance between clusters", statistic, float(df), p, outcome.size, note)
