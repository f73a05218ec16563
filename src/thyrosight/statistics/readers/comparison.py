"""Multi-reader multi-case studies by the method of Obuchowski and Rockette."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.readers.covariance import COVARIANCES, METRICS, independent_units, merits
from thyrosight.statistics.readers.design import ReaderStudy, read_study
from thyrosight.statistics.readers.model import Effects, Spread, effects
from thyrosight.statistics.validation import Floats, require_choice, require_confidence


@dataclass(frozen=True, slots=True)
class TestDifference(Result):
    """Difference between two tests, averaged over readers or (if `reader` is given) of one reader.

    Attributes:
        test_a: first test.
        test_b: second test.
        reader: the reader, or None for the mean of all.
        estimate: value of `test_a` minus value of `test_b`, with interval.
        statistic: difference divided by its standard error.
        df: degrees of freedom of the t distribution; infinite for the normal one.
        p: two-sided P value.
    """

    __test__ = False  # the name begins like a test class of pytest

    test_a: Any
    test_b: Any
    reader: Any
    estimate: Estimate
    statistic: float
    df: float
    p: float


@dataclass(frozen=True, slots=True)
class VarianceComponents(Result):
    """Variance components of the Obuchowski-Rockette model; NaN where a design has no such component.

    Attributes:
        reader: between readers.
        test_by_reader: between readers in their response to a test.
        error: variance of one reader's value with one test over case samples.
        covariance_1: of the values of one reader with two tests.
        covariance_2: of the values of two readers with one test.
        covariance_3: of the values of two readers with two tests.
    """

    reader: float
    test_by_reader: float
    error: float
    covariance_1: float
    covariance_2: float
    covariance_3: float


@dataclass(frozen=True, slots=True)
class GlobalTest(Result):
    """F test of equal means of all tests; `df2` is infinite where readers are fixed."""

    f: float
    df1: int
    df2: float
    p: float


@dataclass(frozen=True, slots=True)
class ReaderComparison(Result):
    """Result of a reader study.

    Attributes:
        metric: "auc", "sensitivity", "specificity" or "accuracy".
        method: model, covariance and random factors, in words.
        design: "factorial", "cases nested in readers" or "cases nested in tests".
        tests: names of the tests.
        readers: names of the readers.
        cases: number of cases.
        test_estimates: mean over readers, per test.
        reader_estimates: per test, one estimate per reader.
        global_test: test that all tests are equal; None with a single test.
        differences: one per pair of tests.
        reader_differences: one per pair of tests and reader; empty in designs without common cases.
        components: variance components.
    """

    metric: str
    method: str
    design: str
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    cases: int
    test_estimates: tuple[Estimate, ...]
    reader_estimates: tuple[tuple[Estimate, ...], ...]
    global_test: GlobalTest | None
    differences: tuple[TestDifference, ...]
    reader_differences: tuple[TestDifference, ...]
    components: VarianceComponents

    def __str__(self) -> str:
        lines = [
            f"{self.metric} of {_count(self.readers, 'reader')} with {_count(self.tests, 'test')} on"
            f" {self.cases} cases, {self.design}",
            f"({self.method})",
        ]
        lines += [
            f"  {name}: {estimate.value:.3f} ({_interval(estimate)})"
            for name, estimate in zip(self.tests, self.test_estimates, strict=True)
        ]
        lines += [
            f"  {d.test_a} - {d.test_b}: {d.estimate.value:.3f} ({_interval(d.estimate)}), P = {d.p:.3g}"
            for d in self.differences
        ]
        if self.global_test is not None:
            test = self.global_test
            lines.append(f"  all tests alike: F({test.df1}, {test.df2:.4g}) = {test.f:.3f}, P = {test.p:.3g}")
        return "\n".join(lines)


def compare_readers(
    data: Mapping[str, npt.ArrayLike],
    *,
    metric: str = "auc",
    test: str,
    reader: str,
    case: str,
    truth: str,
    rating: str,
    threshold: float | None = None,
    covariance: str = "delong",
    readers: str = "random",
    cases: str = "random",
    cluster: str | None = None,
    confidence: float = 0.95,
) -> ReaderComparison:
    """Analyse a multi-reader multi-case study by the method of Obuchowski and Rockette.

    Obuchowski & Rockette 1995 with the degrees of freedom of Hillis (Stat Med 2007; 2014 for nested designs). With
    random readers the result extends to similar readers, with fixed readers to these alone; likewise for cases. The
    interval of each test uses the data of that test alone. A study may be factorial (every reader reads every case with
    every test), have its cases nested in readers (each reader reads their own cases with every test) or nested in
    tests; the design is recognised from the names of the cases.

    Args:
        data: a long table with one row per reading: a pandas DataFrame, or a mapping of column names to values.
        metric: "auc" (empirical), or "sensitivity", "specificity" or "accuracy" of calling `rating >= threshold` 1.
        test: column that names the test (modality, system, treatment).
        reader: column that names the reader.
        case: column that names the case.
        truth: column of 0 and 1.
        rating: column of ratings, the higher the more likely 1.
        threshold: rating from which a case counts as called 1; for every metric but "auc".
        covariance: "delong", "jackknife" or "unbiased" (Gallas 2006). For the other metrics the three are equal.
        readers: "random" or "fixed".
        cases: "random" or "fixed"; not both may be fixed.
        cluster: column that names the cluster (patient, slide) of the case; the covariance is then that of Obuchowski
            1997 and needs covariance="delong".
        confidence: nominal coverage.

    Raises:
        StatisticsError: a missing column, a design other than the three, a case with two truths, or too few readers or
            cases.

    >>> ratings = {("A", 1): [1, 3, 2, 4, 5, 3], ("A", 2): [2, 2, 1, 5, 3, 2],  # the last three cases are cancers
    ...            ("B", 1): [2, 3, 4, 4, 3, 3], ("B", 2): [1, 3, 2, 2, 4, 3]}
    >>> rows = [(*key, case, int(case > 3), r) for key, row in ratings.items() for case, r in enumerate(row, 1)]
    >>> table = dict(zip(["test", "reader", "case", "cancer", "rating"], zip(*rows)))
    >>> print(compare_readers(table, test="test", reader="reader", case="case", truth="cancer", rating="rating"))
    auc of 2 readers with 2 tests on 6 cases, factorial
    (Obuchowski-Rockette, random readers, random cases, DeLong covariance)
      A: 0.917 (95 % interval 0.734 to 1.000)
      B: 0.694 (95 % interval 0.000 to 1.000)
      A - B: 0.222 (95 % interval -1.000 to 1.000), P = 0.295
      all tests alike: F(1, 1) = 4.000, P = 0.295
    """
    for value, allowed, name in (
        (metric, METRICS, "metric"),
        (covariance, COVARIANCES, "covariance"),
        (readers, ("random", "fixed"), "readers"),
        (cases, ("random", "fixed"), "cases"),
    ):
        require_choice(value, allowed, name=name)
    require_confidence(confidence)
    if (metric != "auc") != (threshold is not None):
        raise StatisticsError(f"Expected `threshold` for every metric but 'auc', got {threshold} for {metric!r}.")
    if cluster is not None and covariance != "delong":
        raise StatisticsError("With `cluster` the covariance is Obuchowski's (1997); use covariance='delong'.")
    study = read_study(data, test=test, reader=reader, case=case, truth=truth, rating=rating, cluster=cluster)
    _require_inference(study, readers, cases)
    values, matrix = merits(
        study, metric=metric, threshold=math.nan if threshold is None else threshold, covariance=covariance
    )
    model = effects(values, matrix, readers=readers, cases=cases)
    name = f"Obuchowski-Rockette, {readers} readers, {cases} cases, {_covariance_name(metric, covariance, cluster)}"
    return _result(study, values, matrix, model, metric=metric, method=name, cases=cases, confidence=confidence)


def _require_inference(study: ReaderStudy, readers: str, cases: str) -> None:
    if readers == cases == "fixed":
        raise StatisticsError("With readers and cases both fixed nothing varies: let one of them be 'random'.")
    if readers == "random" and len(study.readers) < 2:
        raise StatisticsError(
            f"One reader ({study.readers[0]}) cannot stand for readers at large; use readers='fixed'."
        )


def _covariance_name(metric: str, covariance: str, cluster: str | None) -> str:
    if metric != "auc":
        return "covariance of means" if cluster is None else "covariance of clustered means"
    if cluster is not None:
        return "Obuchowski covariance of clusters"
    return {"delong": "DeLong", "jackknife": "jackknife", "unbiased": "unbiased"}[covariance] + " covariance"


def _result(
    study: ReaderStudy,
    values: Floats,
    matrix: Floats,
    model: Effects,
    *,
    metric: str,
    method: str,
    cases: str,
    confidence: float,
) -> ReaderComparison:
    n, units = study.truth.size, independent_units(study, metric=metric)
    clusters = None if study.cluster is None else int(study.cluster.max()) + 1

    def estimate(value: float, spread: Spread) -> Estimate:
        low, high = spread.limits(value, confidence, units=units)
        return Estimate(value, low, high, spread.se, method, n, clusters, confidence)

    def difference(a: int, b: int, reader: int | None) -> TestDifference:
        if reader is None:
            value, spread = float(model.test_means[a] - model.test_means[b]), model.difference
        else:
            value = float(values[a, reader] - values[b, reader])
            spread = _own_spread(matrix, len(study.readers), (a, reader), (b, reader), cases=cases)
        low, high = spread.limits_of_difference(value, confidence)
        whole = Estimate(value, low, high, spread.se, method, n, clusters, confidence)
        name = None if reader is None else study.readers[reader]
        statistic, p = spread.test(value)
        return TestDifference(study.tests[a], study.tests[b], name, whole, statistic, spread.df, p)

    numbers = range(len(study.tests))
    pairs = list(combinations(numbers, 2))
    reader_estimates = tuple(
        tuple(
            estimate(float(values[t, r]), _own_spread(matrix, len(study.readers), (t, r), None, cases=cases))
            for r in range(len(study.readers))
        )
        for t in numbers
    )
    return ReaderComparison(
        metric=metric,
        method=method,
        design=study.design,
        tests=study.tests,
        readers=study.readers,
        cases=n,
        test_estimates=tuple(estimate(float(model.test_means[t]), model.tests[t]) for t in numbers),
        reader_estimates=reader_estimates,
        global_test=GlobalTest(*model.global_test) if model.global_test else None,
        differences=tuple(difference(a, b, None) for a, b in pairs),
        reader_differences=tuple(difference(a, b, r) for r in range(len(study.readers)) for a, b in pairs),
        components=VarianceComponents(*model.components),
    )


def _own_spread(
    matrix: Floats, readers: int, first: tuple[int, int], second: tuple[int, int] | None, *, cases: str
) -> Spread:
    """Return the spread over case samples of one reader's value, or of the difference of two such values."""
    if cases == "fixed":
        return Spread(math.nan, math.inf)
    contrast = np.zeros(len(matrix))
    contrast[first[0] * readers + first[1]] = 1
    if second is not None:
        contrast[second[0] * readers + second[1]] = -1
    return Spread(math.sqrt(max(0.0, float(contrast @ matrix @ contrast))), math.inf)


def _interval(estimate: Estimate) -> str:
    return f"{100 * estimate.confidence:g} % interval {estimate.low:.3f} to {estimate.high:.3f}"


def _count(names: tuple[Any, ...], noun: str) -> str:
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'}"
