"""Intraclass correlation where readings are missing: from a mixed model instead of an analysis of variance."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.agreement.crossed_model import Components, fit_crossed
from thyrosight.statistics.agreement.measurements import FORMS, spearman_brown
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import Floats, as_numbers, require_choice, require_confidence


@dataclass(frozen=True, slots=True)
class MixedIntraclassCorrelation(Result):
    """Intraclass correlation from a mixed model, with the variances behind it.

    Attributes:
        coefficient: the intraclass correlation.
        case_variance: between cases.
        reader_variance: between readers; 0 in the one-way model, where it is part of the residual.
        residual_variance: the rest.
        readings: measurements used.
        missing: empty cells among cases that someone measured.
    """

    coefficient: Estimate
    case_variance: float
    reader_variance: float
    residual_variance: float
    readings: int
    missing: int

    def __str__(self) -> str:
        return (
            f"{self.coefficient}\nvariance of cases {self.case_variance:.4g}, readers {self.reader_variance:.4g},"
            f" residual {self.residual_variance:.4g}; {self.missing} of {self.readings + self.missing} readings missing"
        )


@dataclass(frozen=True, slots=True)
class _Design:
    """Numbers behind the interval: cases, readers, readings, and the harmonic means of readings per case and reader."""

    cases: int
    readers: int
    readings: int
    per_case: float
    per_reader: float


def intraclass_correlation_mixed(
    ratings: npt.ArrayLike,
    *,
    form: str = "2,1",
    cluster: npt.ArrayLike | None = None,
    replicates: int = 500,
    seed: int = 0,
    confidence: float = 0.95,
) -> MixedIntraclassCorrelation:
    """Return an intraclass correlation of measurements with missing cells, by restricted maximum likelihood.

    Cells may be missing at random (for reasons that have nothing to do with the value that would have been measured).
    Forms as for `intraclass_correlation`, which serves complete tables; without missing cells and with all variances
    above 0 both agree. The interval is that of the analysis of variance (Shrout and Fleiss 1979; two-way random:
    Satterthwaite) with harmonic means of the numbers of readings in place of the equal ones, as Thomas and Hultquist do
    (Ann Stat 1978). With `cluster` it is a percentile bootstrap over patients, in which the readers stay the same.

    Args:
        ratings: measurements (cases, readers); None or NaN for a missing one. Cases without any are left out.
        form: as for `intraclass_correlation`; k counts the columns.
        cluster: patient of each case; None when all are independent.
        replicates: bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: fewer than two readers or two cases measured twice, too few readings, or an unknown form.

    >>> table = [[9, 2, 5, 8], [6, 1, 3, None], [8, 4, 6, 8], [7, None, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> print(intraclass_correlation_mixed(table, form="2,1"))
    0.231 (95 % interval 0.012 to 0.703; ICC(2,1), mixed model; n = 6)
    variance of cases 1.935, readers 5.955, residual 0.4823; 2 of 24 readings missing
    """
    require_choice(form, FORMS, name="form")
    require_confidence(confidence)
    table, unit = _usable(ratings, cluster)
    two_way = form[0] != "1"
    components = fit_crossed(table, readers=two_way)
    read = ~np.isnan(table)
    value = _correlation(components, form, table.shape[1])
    name = f"ICC({form}), mixed model"
    if cluster is None:
        limits = _limits(components, _design(read), form, confidence)
        estimate = Estimate(value, *limits, math.nan, name, len(table), None, confidence)
    else:
        units = int(unit.max()) + 1
        samples = np.concatenate(list(drawn_blocks(units, len(table), replicates, seed)))
        # Few patients give the same sample again and again: of four there are 35.
        distinct, which = np.unique(samples, axis=0, return_inverse=True)
        fitted = np.array([_of_sample(table, counts[unit], components, form) for counts in distinct])
        found = bootstrap_estimate(value, fitted[which.ravel()], n=len(table), clusters=units, confidence=confidence)
        estimate = replace(found, method=f"{name}; {found.method}, readers the same")
    missing = int((~read).sum())
    return MixedIntraclassCorrelation(
        estimate, components.case, components.reader, components.residual, int(read.sum()), missing
    )


def _usable(ratings: npt.ArrayLike, cluster: npt.ArrayLike | None) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the cases with a reading and the cluster of each."""
    given = np.asarray(ratings, dtype=object)
    if given.ndim != 2 or len(given) < 2 or given.shape[1] < 2:
        raise StatisticsError(
            f"Expected `ratings` with two or more rows (cases) and columns (readers), got {given.shape}."
        )
    table = as_numbers(given.ravel(), name="ratings", missing=True).reshape(given.shape)
    read = ~np.isnan(table)
    empty = np.flatnonzero(~read.any(axis=0))
    if empty.size:
        raise StatisticsError(f"Reader {empty[0] + 1} measured no case; leave this column out.")
    unit, _ = cluster_codes(cluster, len(table))
    rows = read.any(axis=1)
    table, read = table[rows], read[rows]
    unit, _ = cluster_codes(unit[rows], len(table))
    if (read.sum(axis=1) >= 2).sum() < 2 or read.sum() <= sum(table.shape):
        raise StatisticsError(
            f"Expected more readings than cases and readers together, and two cases measured twice, got {read.sum()}"
            f" readings of {len(table)} cases by {len(table.T)} readers."
        )
    return table, unit


def _design(read: npt.NDArray[np.bool_]) -> _Design:
    per_case, per_reader = stats.hmean(read.sum(axis=1)), stats.hmean(read.sum(axis=0))
    cases, readers = read.shape
    return _Design(cases, readers, int(read.sum()), float(per_case), float(per_reader))


def _correlation(components: Components, form: str, readers: int) -> float:
    total = components.case + components.residual + (components.reader if form[0] != "3" else 0.0)
    single = components.case / total if total > 0 else math.nan
    return single if form[2] == "1" else spearman_brown(single, readers)


def _limits(components: Components, design: _Design, form: str, confidence: float) -> tuple[float, float]:
    """Limits from F = mean square of cases over its expectation at a given correlation, solved for the correlation."""
    case, reader, residual = components.case, components.reader, components.residual
    other = residual + (reader if form[0] == "2" else 0.0)
    between = design.per_case * case + residual
    if residual <= 1e-12 * between:
        return math.nan, math.nan
    df = _degrees(components, design, form)
    tail = (1 - confidence) / 2

    def limit(quantile: float) -> float:
        ratio = (between / quantile - residual) / (design.per_case * other)
        return ratio / (1 + ratio)

    low = limit(float(stats.f.isf(tail, design.cases - 1, df)))
    high = limit(float(stats.f.ppf(tail, design.cases - 1, df)))
    if form[2] == "1":
        return low, high
    return spearman_brown(low, design.readers), spearman_brown(high, design.readers)


def _degrees(components: Components, design: _Design, form: str) -> float:
    """Degrees of freedom of the denominator: of the residual, or Satterthwaite's with the readers."""
    if form[0] == "1":
        return design.readings - design.cases
    rest = design.readings - design.cases - design.readers + 1
    if form[0] == "3":
        return rest
    ratio = design.per_case * components.case / (components.reader + components.residual)
    of_readers = ratio / design.per_reader * (design.per_reader * components.reader + components.residual)
    of_rest = (1 + ratio * (1 - 1 / design.per_reader)) * components.residual
    return float((of_readers + of_rest) ** 2 / (of_readers**2 / (design.readers - 1) + of_rest**2 / rest))


def _of_sample(table: Floats, times: npt.NDArray[np.int64], near: Components, form: str) -> float:
    """Return the correlation when each case is taken so many times."""
    sample = table[np.repeat(np.arange(len(table)), times)]
    return _correlation(fit_crossed(sample, readers=form[0] != "1", near=near), form, table.shape[1])
