"""Multi-reader multi-case studies by the method of Obuchowski and Rockette."""

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.readers.covariance import COVARIANCES, METRICS, independent_units, merits
from thyrosight.statistics.readers.design import ReaderStudy, read_study
from thyrosight.statistics.readers.model import Effects, Spread, effects
from thyrosight.statistics.readers.notes import distribution_name, notes_on_dropped, notes_on_negative
from thyrosight.statistics.readers.results import GlobalTest, ReaderComparison, TestDifference, VarianceComponents
from thyrosight.statistics.validation import Floats, require_choice, require_confidence


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
    missing: str = "refuse",
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
        missing: "refuse" a study with missing readings (no row, or a rating of NaN), or "drop-case": leave the case out
            for all readers and tests, and say so in `notes`.
        confidence: nominal coverage.

    Raises:
        StatisticsError: a missing column, a design other than the three, a case with two truths, or too few readers or
            cases.

    >>> ratings = {("A", 1): [1, 3, 2, 4, 5, 3], ("A", 2): [2, 2, 1, 5, 3, 2],  # the last three cases are cancers
    ...            ("B", 1): [2, 3, 4, 4, 3, 3], ("B", 2): [1, 3, 2, 2, 4, 3]}
    >>> rows = [(*key, case, int(case > 3), r) for key, row in ratings.items() for case, r in enumerate(row, 1)]
    >>> table = dict(zip(["test", "reader", "case", "cancer", "rating"], zip(*rows)))
    >>> study = compare_readers(table, test="test", reader="reader", case="case", truth="cancer", rating="rating")
    >>> print(study.method)
    Obuchowski-Rockette, random readers, random cases, DeLong covariance, Hillis degrees of freedom
    >>> print(f"A - B: {study.differences[0].estimate.value:.3f}, P = {study.differences[0].p:.3f}")
    A - B: 0.222, P = 0.295
    >>> print(study.component_notes[2])  # estimates below 0, as happen in small studies
    Covariance 2 of B alone is -0.00772; in its interval it counts as 0 (as in MRMCaov).
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
    study = read_study(
        data, test=test, reader=reader, case=case, truth=truth, rating=rating, cluster=cluster, missing=missing
    )
    _require_inference(study, readers, cases)
    values, matrix = merits(
        study, metric=metric, threshold=math.nan if threshold is None else threshold, covariance=covariance
    )
    model = effects(values, matrix, readers=readers, cases=cases)
    of_cases = _covariance_name(metric, covariance, cluster)
    methods = (
        f"Obuchowski-Rockette, {readers} readers, {cases} cases, {of_cases}, {distribution_name(readers, cases)}",
        "fixed cases: one reader's value has no spread" if cases == "fixed" else f"{of_cases}, normal distribution",
    )
    return _result(
        study,
        values,
        matrix,
        model,
        metric=metric,
        methods=methods,
        readers=readers,
        cases=cases,
        confidence=confidence,
    )


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
    methods: tuple[str, str],
    readers: str,
    cases: str,
    confidence: float,
) -> ReaderComparison:
    """Put the result together; `methods` are those of all readers and of one reader, in words."""
    n, units = study.truth.size, independent_units(study, metric=metric)
    clusters = None if study.cluster is None else int(study.cluster.max()) + 1

    def estimate(value: float, spread: Spread, method: str) -> Estimate:
        low, high = spread.limits(value, confidence, units=units)
        return Estimate(value, low, high, spread.se, method, n, clusters, confidence)

    def difference(a: int, b: int, reader: int | None) -> TestDifference:
        if reader is None:
            value, spread = float(model.test_means[a] - model.test_means[b]), model.difference
        else:
            value = float(values[a, reader] - values[b, reader])
            spread = _own_spread(matrix, len(study.readers), (a, reader), (b, reader), cases=cases)
        low, high = spread.limits_of_difference(value, confidence)
        whole = Estimate(value, low, high, spread.se, methods[reader is not None], n, clusters, confidence)
        name = None if reader is None else study.readers[reader]
        statistic, p = spread.test(value)
        return TestDifference(study.tests[a], study.tests[b], name, whole, statistic, spread.df, p)

    numbers = range(len(study.tests))
    pairs = list(combinations(numbers, 2))
    reader_estimates = tuple(
        tuple(
            estimate(
                float(values[t, r]), _own_spread(matrix, len(study.readers), (t, r), None, cases=cases), methods[1]
            )
            for r in range(len(study.readers))
        )
        for t in numbers
    )
    return ReaderComparison(
        metric=metric,
        method=methods[0],
        design=study.design,
        tests=study.tests,
        readers=study.readers,
        cases=n,
        test_estimates=tuple(estimate(float(model.test_means[t]), model.tests[t], methods[0]) for t in numbers),
        reader_estimates=reader_estimates,
        global_test=GlobalTest(*model.global_test) if model.global_test else None,
        differences=tuple(difference(a, b, None) for a, b in pairs),
        reader_differences=tuple(difference(a, b, r) for r in range(len(study.readers)) for a, b in pairs),
        components=VarianceComponents(*model.components),
        notes=notes_on_dropped(study.dropped, n),
        component_notes=notes_on_negative(model, study.tests, readers=readers, cases=cases),
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
