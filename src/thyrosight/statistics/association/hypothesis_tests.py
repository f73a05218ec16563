"""Tests of one feature between groups: contingency tables, means, ranks; correction for multiple testing."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import p_in_words
from thyrosight.statistics.association.fisher import fisher_exact, fisher_monte_carlo
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_count,
    as_labels,
    as_numbers,
    require_choice,
    require_confidence,
    require_same_length,
)

_CORRECTIONS = ("holm", "bonferroni", "benjamini-hochberg")


@dataclass(frozen=True, slots=True)
class AssociationTest(Result):
    """A test of association.

    Attributes:
        method: the test in words.
        statistic: chi-square, t or Mann-Whitney U; NaN where the test has none (Fisher).
        df: degrees of freedom; NaN where there are none.
        p: two-sided P value.
        n: observations.
        note: a caution about the P value, or "".
    """

    method: str
    statistic: float
    df: float
    p: float
    n: int
    note: str = ""

    def __str__(self) -> str:
        statistic = "" if math.isnan(self.statistic) else f", statistic {self.statistic:.3f}"
        df = "" if math.isnan(self.df) else f", df {self.df:g}"
        return (
            f"{self.method}{statistic}{df}: {p_in_words(self.p)} (n = {self.n}){'; ' if self.note else ''}{self.note}"
        )


@dataclass(frozen=True, slots=True)
class MeanComparison(Result):
    """Two means, their difference `a - b`, and the t test of no difference."""

    difference: Estimate
    test: AssociationTest

    def __str__(self) -> str:
        return f"difference of means {self.difference}; {self.test}"


class Summary(NamedTuple):
    """Mean, standard deviation and size of a group, as papers print them."""

    mean: float
    sd: float
    n: int


def contingency_table(row: npt.ArrayLike, column: npt.ArrayLike) -> Integers:
    """Count pairs of labels: one row per distinct value of `row`, one column per distinct value of `column`, sorted.

    >>> contingency_table(["wider", "taller", "wider"], [1, 1, 0]).tolist()
    [[0, 1], [1, 1]]
    """
    (row_codes, rows), (column_codes, columns) = as_labels(row, name="row"), as_labels(column, name="column")
    require_same_length(row=row_codes, column=column_codes)
    counts = np.zeros((rows.size, columns.size), dtype=np.int64)
    np.add.at(counts, (row_codes, column_codes), 1)
    return counts


def chi_square_test(table: npt.ArrayLike, *, yates: bool = False) -> AssociationTest:
    """Return Pearson's chi-square test of a table of counts.

    Rows and columns without observations are left out, as in SPSS and R's `table`. `note` gives the number of cells
    with an expected count below 5: if there are many, prefer Fisher's test.

    Args:
        table: counts, one row per category and one column per group (or the other way round).
        yates: continuity correction, for tables of two rows and two columns only.

    >>> print(chi_square_test([[102, 12], [93, 2]]))  # taller than wide and the network's misses (Guan 2019)
    Pearson chi-square, statistic 5.880, df 1: P = 0.0153 (n = 209)
    """
    counts = _as_table(table)
    if yates and counts.shape != (2, 2):
        raise StatisticsError(
            f"Yates' correction is for tables of 2 rows and 2 columns, got {' x '.join(map(str, counts.shape))}."
        )
    result = stats.chi2_contingency(counts, correction=yates)
    few = int((result.expected_freq < 5).sum())
    note = f"fewer than 5 expected in {few} of {counts.size} cells" if few else ""
    name = "Pearson chi-square" + (" with Yates' correction" if yates else "")
    return AssociationTest(
        name, float(result.statistic), float(result.dof), float(result.pvalue), int(counts.sum()), note
    )


def fisher_exact_test(table: npt.ArrayLike, *, replicates: int = 99_999, seed: int = 0) -> AssociationTest:
    """Return Fisher's exact test of a table of any size (Freeman-Halton extension, two-sided).

    All tables with the observed margins are enumerated. If they are too many (roughly, beyond 4 x 4 with 200
    observations), a random sample of tables is used; `method` then gives its size and the seed.

    >>> print(fisher_exact_test([[13, 4], [24, 0], [6, 0], [104, 5], [3, 1], [45, 4]]))
    Fisher's exact test: P = 0.0343 (n = 209)
    """
    counts = _as_table(table)
    p = fisher_exact(counts)
    method = "Fisher's exact test"
    if p is None:
        p = fisher_monte_carlo(counts, replicates=replicates, seed=seed)
        method = f"Fisher's test by {replicates} random tables (seed {seed})"
    return AssociationTest(method, math.nan, math.nan, p, int(counts.sum()))


def compare_means(
    a: npt.ArrayLike, b: npt.ArrayLike, *, method: str = "welch", confidence: float = 0.95
) -> MeanComparison:
    """Compare the means of two independent groups by Welch's or Student's t test.

    Args:
        a: values of the first group.
        b: values of the second group.
        method: "welch" (variances may differ) or "student" (equal variances).
        confidence: nominal coverage of the interval of the difference.

    >>> result = compare_means([5.1, 4.8, 6.0, 5.5], [6.3, 7.1, 5.9], method="student")
    >>> round(result.difference.value, 3), round(result.test.p, 4)
    (-1.083, 0.0518)
    """
    groups = [as_numbers(values, name=name) for values, name in ((a, "a"), (b, "b"))]
    if min(group.size for group in groups) < 2:
        raise StatisticsError(f"Expected at least 2 values in each group, got {groups[0].size} and {groups[1].size}.")
    first, second = (Summary(float(group.mean()), float(group.std(ddof=1)), group.size) for group in groups)
    return compare_means_from_summary(first, second, method=method, confidence=confidence)


def compare_means_from_summary(
    a: tuple[float, float, int], b: tuple[float, float, int], *, method: str = "welch", confidence: float = 0.95
) -> MeanComparison:
    """Compare two means from printed summaries: (mean, standard deviation, n) of each group.

    >>> result = compare_means_from_summary((46.0, 12.0, 317), (45.9, 13.0, 47), method="student")
    >>> round(result.test.p, 2)
    0.96
    """
    require_choice(method, ("welch", "student"), name="method")
    require_confidence(confidence)
    (mean_a, sd_a, n_a), (mean_b, sd_b, n_b) = a, b
    n_a, n_b = as_count(n_a, name="n of a"), as_count(n_b, name="n of b")
    if min(n_a, n_b) < 2 or not min(sd_a, sd_b) >= 0 or not all(map(math.isfinite, (mean_a, mean_b, sd_a, sd_b))):
        raise StatisticsError(
            f"Expected a mean, a standard deviation of 0 or more and n of 2 or more, got {a} and {b}."
        )
    if method == "student":
        df = float(n_a + n_b - 2)
        se = math.sqrt(((n_a - 1) * sd_a**2 + (n_b - 1) * sd_b**2) / df * (1 / n_a + 1 / n_b))
    else:
        parts = sd_a**2 / n_a, sd_b**2 / n_b
        se = math.sqrt(sum(parts))
        df = sum(parts) ** 2 / (parts[0] ** 2 / (n_a - 1) + parts[1] ** 2 / (n_b - 1)) if se else math.nan
    if se == 0:
        raise StatisticsError("Both groups are constant, so that no t test exists.")
    difference = mean_a - mean_b
    margin = float(stats.t.isf((1 - confidence) / 2, df)) * se
    name = {"student": "Student's t test", "welch": "Welch's t test"}[method]
    n = n_a + n_b
    return MeanComparison(
        Estimate(difference, difference - margin, difference + margin, se, name, n, confidence=confidence),
        AssociationTest(name, difference / se, df, 2 * float(stats.t.sf(abs(difference / se), df)), n),
    )


def mann_whitney_test(a: npt.ArrayLike, b: npt.ArrayLike) -> AssociationTest:
    """Return the Mann-Whitney (Wilcoxon rank sum) test of two independent groups.

    Exact where both groups have at most 20 values and nothing is tied; otherwise the normal approximation with tie and
    continuity correction. U counts the pairs in which `a` is larger, ties as a half.

    >>> print(mann_whitney_test([1, 2, 3], [4, 5, 6]))
    Mann-Whitney, exact, statistic 0.000: P = 0.1 (n = 6)
    """
    first, second = as_numbers(a, name="a", finite=False), as_numbers(b, name="b", finite=False)
    values = np.concatenate([first, second])
    n = values.size
    if np.unique(values).size == 1:
        return AssociationTest("Mann-Whitney", first.size * second.size / 2, math.nan, 1.0, n, "all values are equal")
    exact = max(first.size, second.size) <= 20 and np.unique(values).size == n
    result = stats.mannwhitneyu(first, second, method="exact" if exact else "asymptotic")
    name = "Mann-Whitney, exact" if exact else "Mann-Whitney, normal approximation"
    return AssociationTest(name, float(result.statistic), math.nan, float(result.pvalue), n)


def adjust_p_values(p_values: npt.ArrayLike, *, method: str = "holm") -> Floats:
    """Return P values corrected for the number of tests, in the given order.

    Args:
        p_values: between 0 and 1.
        method: "holm" and "bonferroni" bound the chance of any false finding, "benjamini-hochberg" the share of false
            findings among the findings.

    >>> adjust_p_values([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    require_choice(method, _CORRECTIONS, name="method")
    values = as_numbers(p_values, name="p_values")
    if values.min() < 0 or values.max() > 1:
        raise StatisticsError(f"Expected `p_values` between 0 and 1, got {values.min()} to {values.max()}.")
    if method == "benjamini-hochberg":
        return np.asarray(stats.false_discovery_control(values))
    if method == "bonferroni":
        return np.minimum(values * values.size, 1)
    # Written out: the function of statsmodels collects the garbage of the whole process, which takes a second.
    order = np.argsort(values)
    corrected = np.empty(values.size)
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1)), 1)
    return corrected


def _as_table(table: npt.ArrayLike) -> Integers:
    """Return counts without empty rows and columns, at least two of each."""
    try:
        values = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("Expected `table` to be rows of counts, each of the same length.") from error
    if values.ndim != 2:
        raise StatisticsError(f"Expected `table` to have two dimensions, got {values.ndim}.")
    wrong = np.argwhere(~(np.isfinite(values) & (values >= 0) & (values == np.floor(values))))
    if wrong.size:
        row, column = wrong[0]
        raise StatisticsError(f"Expected counts in `table`, got {values[row, column]:g} in row {row}, column {column}.")
    counts = values.astype(np.int64)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    if min(counts.shape) < 2:
        raise StatisticsError(
            f"Expected at least two rows and two columns with observations in `table`, got {counts.shape[0]} and"
            f" {counts.shape[1]}."
        )
    return counts
