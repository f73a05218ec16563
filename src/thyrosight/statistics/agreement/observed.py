"""Agreement before chance is taken off, and what makes kappa low or high beside it."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.kappa import as_categories, category_codes
from thyrosight.statistics.agreement.linearised import linearised_error, t_margin
from thyrosight.statistics.bootstrap import cluster_codes
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.intervals import proportion_interval
from thyrosight.statistics.validation import require_confidence


@dataclass(frozen=True, slots=True)
class PrevalenceAndBias(Result):
    """Why kappa and plain agreement differ, for two readers and two categories (Byrt, Bishop & Carlin 1993).

    Attributes:
        prevalence_index: share of cases both called the second category less the share both called the first. Near -1
            or 1, kappa is low although readers agree.
        bias_index: how much more often the second reader gives the second category than the first reader does.
        adjusted_kappa: kappa if both indices were 0 (PABAK): twice the agreement less 1.
    """

    prevalence_index: float
    bias_index: float
    adjusted_kappa: Estimate


def observed_agreement(
    ratings: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None, confidence: float = 0.95
) -> Estimate:
    """Return how often two readers of a case agree: the share of agreeing pairs of readers, averaged over cases.

    The interval is Wilson's for two readers and independent cases. Otherwise the standard error is that of a mean of
    cases, summed within clusters, with Student's t; it is undefined if all cases agree to the same degree.

    Args:
        ratings: categories (cases, readers); None or NaN for a missing one. Cases read once are left out.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than two readers, or fewer than two cases that two readers rated.

    >>> print(observed_agreement([["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"]]))
    0.750 (95 % interval 0.301 to 0.954; agreeing pairs of readers, Wilson; n = 4)
    """
    require_confidence(confidence)
    table = as_categories(ratings)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(f"Expected `ratings` with a row per case and two or more readers, got {table.shape}.")
    codes, listed = category_codes(table, None)
    readers = (codes >= 0).sum(axis=1)
    used = readers >= 2
    if used.sum() < 2:
        raise StatisticsError("Expected at least two cases that two or more readers rated.")
    unit, _ = cluster_codes(cluster, len(codes))
    counts = np.stack([(codes[used] == index).sum(axis=1) for index in range(len(listed))], axis=1)
    agreement = (counts * (counts - 1)).sum(axis=1) / (readers[used] * (readers[used] - 1))
    value, n, name = float(agreement.mean()), int(used.sum()), "agreeing pairs of readers"
    if cluster is None and readers.max() == 2:
        wilson = proportion_interval(round(float(agreement.sum())), n, method="wilson", confidence=confidence)
        return Estimate(value, wilson.low, wilson.high, wilson.se, f"{name}, Wilson", n, None, confidence)
    se, units = linearised_error(agreement - value, unit[used])
    clusters = None if cluster is None else units
    name += ", Student t" if cluster is None else ", clustered, Student t"
    if se == 0:
        return Estimate(value, math.nan, math.nan, se, f"{name}: all cases alike", n, clusters, confidence)
    margin = t_margin(se, units, confidence)
    return Estimate(value, max(0.0, value - margin), min(1.0, value + margin), se, name, n, clusters, confidence)


def prevalence_and_bias(
    a: npt.ArrayLike, b: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None, confidence: float = 0.95
) -> PrevalenceAndBias:
    """Return prevalence index, bias index and kappa adjusted for both, of two readers and two categories.

    Args:
        a: category (one of two) that the first reader gave to each case.
        b: category that the second reader gave.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the interval of the adjusted kappa.

    Raises:
        StatisticsError: more or fewer than two categories, unequal lengths, or missing values.

    >>> found = prevalence_and_bias([1, 1, 1, 1, 0, 1], [1, 1, 1, 0, 0, 1])
    >>> print(f"{found.prevalence_index:.3f} {found.bias_index:.3f} {found.adjusted_kappa.value:.3f}")
    0.500 -0.167 0.667
    """
    if np.shape(a) != np.shape(b):
        raise StatisticsError(f"Expected arrays of one length, got a with {len(a)} and b with {len(b)}.")  # type: ignore[arg-type]
    table = np.column_stack([np.asarray(a, dtype=object), np.asarray(b, dtype=object)])
    codes, listed = category_codes(table, None)
    if len(listed) != 2 or codes.min() < 0:
        raise StatisticsError(f"Expected two categories and no missing value, got the categories {listed}.")
    agreement = observed_agreement(table, cluster=cluster, confidence=confidence)
    adjusted = Estimate(
        2 * agreement.value - 1,
        2 * agreement.low - 1,
        2 * agreement.high - 1,
        2 * agreement.se,
        f"prevalence- and bias-adjusted kappa from {agreement.method}",
        agreement.n,
        agreement.clusters,
        confidence,
    )
    both, shares = codes.sum(axis=1), codes.mean(axis=0)
    return PrevalenceAndBias(float((both == 2).mean() - (both == 0).mean()), float(shares[1] - shares[0]), adjusted)
