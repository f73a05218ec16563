"""The rows and headings that each result of the statistics room has in a table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from thyrosight.documents import Table
from thyrosight.reports.statistics_tables import Row, statistics_table
from thyrosight.statistics import (
    AssociationTest,
    AucComparison,
    AucCovariance,
    Categorisation,
    CategorisationComparison,
    DiagnosticTable,
    Estimate,
    OperatingPointResult,
    ReaderComparison,
    StandaloneComparison,
)


def estimate_row(quantity: str, estimate: Estimate, *, p: float = math.nan) -> Row:
    """Return a row for one estimate."""
    return Row(
        quantity,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.se,
        p=p,
        n=estimate.n,
        clusters=estimate.clusters,
        method=estimate.method,
    )


_MEASURES = {
    "ppv": "positive predictive value",
    "npv": "negative predictive value",
    "f1": "F1 score",
    "mcc": "Matthews correlation",
}


def measure_name(name: str) -> str:
    """Return the words for a measure of a diagnostic table.

    >>> measure_name("ppv"), measure_name("balanced_accuracy")
    ('positive predictive value', 'balanced accuracy')
    """
    return _MEASURES.get(name, name.replace("_", " "))


def estimates_section(title: str, estimates: Mapping[str, Estimate], *, notes: Sequence[str] = ()) -> Table:
    """Return named estimates under a heading that gives their confidence level."""
    rows = tuple(estimate_row(name, estimate) for name, estimate in estimates.items())
    levels = {estimate.confidence for estimate in estimates.values()}
    return statistics_table(_with_level(title, levels), rows, notes=notes)


def auc_differences(pairs: Mapping[tuple[str, str], AucComparison], *, notes: Sequence[str] = ()) -> Table:
    """Return the differences of named pairs of AUCs."""
    rows = tuple(_auc_difference_row(f"{a} - {b}", pair) for (a, b), pair in pairs.items())
    return statistics_table(_with_level("Differences", {pair.confidence for pair in pairs.values()}), rows, notes=notes)


@singledispatch
def sections_of(result: Any) -> list[Table]:
    """Return the sections of a result.

    Raises:
        TypeError: a result that has no table.
    """
    raise TypeError(f"There is no table for {type(result).__name__}.")


@sections_of.register
def _(result: AucComparison) -> list[Table]:
    rows = (
        estimate_row("AUC of a", result.a),
        estimate_row("AUC of b", result.b),
        _auc_difference_row("a - b", result),
    )
    return [statistics_table(_with_level("Comparison of two AUCs", {result.confidence}), rows)]


@sections_of.register
def _(result: ReaderComparison) -> list[Table]:
    names = {"auc": "AUC"}
    metric = names.get(result.metric, result.metric)
    level = {estimate.confidence for estimate in result.test_estimates}
    title = f"{metric}, mean of {len(result.readers)} readers, {result.cases} cases, {result.design}"
    sections = [
        statistics_table(
            _with_level(title, level),
            tuple(
                estimate_row(str(name), estimate)
                for name, estimate in zip(result.tests, result.test_estimates, strict=True)
            ),
        )
    ]
    if result.differences:
        rows = tuple(_difference_row(d) for d in result.differences)
        sections.append(statistics_table(_with_level("Differences between tests", level), rows))
    if result.global_test is not None and len(result.tests) > 2:
        test = result.global_test
        row = Row("all tests alike", statistic=test.f, df=test.df2, p=test.p, method=f"F test, {test.df1} and df")
        sections.append(statistics_table("Global test", (row,)))
    rows = tuple(
        estimate_row(f"{test}, reader {reader}" if len(result.tests) > 1 else f"reader {reader}", estimate)
        for test, estimates in zip(result.tests, result.reader_estimates, strict=True)
        for reader, estimate in zip(result.readers, estimates, strict=True)
    )
    sections.append(statistics_table(_with_level(f"{metric} of each reader", level), rows))
    if result.reader_differences:
        rows = tuple(_difference_row(d) for d in result.reader_differences)
        sections.append(statistics_table(_with_level("Differences between tests within each reader", level), rows))
    components = result.components.to_dict()
    rows = tuple(
        Row(name.replace("_", " "), math.nan if value is None else value) for name, value in components.items()
    )
    sections.append(
        statistics_table("Variance components", tuple(row for row in rows if not math.isnan(row.value)), digits=6)
    )
    return sections


@sections_of.register
def _(result: StandaloneComparison) -> list[Table]:
    metric = "AUC" if result.metric == "auc" else result.metric
    difference = replace(
        estimate_row("mean reader - system", result.difference, p=result.p), statistic=result.statistic, df=result.df
    )
    main = (estimate_row("mean reader", result.mean_reader), estimate_row("system", result.system), difference)
    level = {result.difference.confidence}
    readers = tuple(
        estimate_row(f"reader {name}", estimate)
        for name, estimate in zip(result.readers, result.reader_estimates, strict=True)
    )
    differences = tuple(
        estimate_row(f"reader {name} - system", estimate)
        for name, estimate in zip(result.readers, result.reader_differences, strict=True)
    )
    return [
        statistics_table(
            _with_level(f"{metric}: mean of {len(result.readers)} readers against the system", level), main
        ),
        statistics_table(_with_level(f"{metric} of each reader", level), readers),
        statistics_table(_with_level("Each reader against the system", level), differences),
    ]


@sections_of.register
def _(result: Categorisation) -> list[Table]:
    rates = tuple(
        estimate_row(f"{category} ({malignant} of {total} malignant)", rate)
        for category, malignant, total, rate in zip(
            result.categories, result.malignant, result.total, result.malignancy_rate, strict=True
        )
    )
    level = {rate.confidence for rate in result.malignancy_rate}
    tests = tuple(
        _test_row(test)
        for test in (
            result.likelihood_ratio,
            result.linear_trend,
            result.cochran_armitage,
            result.class_likelihood_ratio,
        )
    )
    aic = (Row("AIC, category number", result.aic), Row("AIC, categories as classes", result.class_aic))
    notes = (result.note,) if result.note else ()
    return [
        statistics_table(_with_level(f"Malignancy rate per category, {result.n} nodules", level), rates),
        statistics_table("How well the categories sort", tests + aic, notes=notes),
    ]


@sections_of.register
def _(result: CategorisationComparison) -> list[Table]:
    row = estimate_row("AIC of a minus AIC of b", result.aic_difference, p=result.p)
    comparison = statistics_table(
        _with_level("Comparison of two systems", {result.aic_difference.confidence}),
        (Row("AIC of a", result.a.aic), Row("AIC of b", result.b.aic), row),
        notes=("A smaller AIC sorts better: a negative difference speaks for a.",),
    )
    parts = [
        section.model_copy(update={"caption": f"System {name}: {section.caption}"})
        for name, system in (("a", result.a), ("b", result.b))
        for section in sections_of(system)
    ]
    return [comparison, *parts]


@sections_of.register
def _(result: DiagnosticTable) -> list[Table]:
    counts = (
        Row("called positive", n=result.true_positive + result.false_positive),
        Row("  rightly (TP)", n=result.true_positive),
        Row("  wrongly (FP)", n=result.false_positive),
        Row("called negative", n=result.true_negative + result.false_negative),
        Row("  rightly (TN)", n=result.true_negative),
        Row("  wrongly (FN)", n=result.false_negative),
    )
    measures = {measure_name(name): item for name, item in result.estimates().items() if "adjusted" not in name}
    if result.prevalence is not None:
        for name in ("ppv", "npv"):
            words = f"{measure_name(name)} at prevalence {result.prevalence:g}"
            measures[words] = getattr(result, f"adjusted_{name}")
    return [statistics_table("Counts", counts), estimates_section("Diagnostic performance", measures)]


@sections_of.register
def _(result: OperatingPointResult) -> list[Table]:
    threshold = Row(
        "threshold", result.threshold, result.threshold_low, result.threshold_high, n=result.n, method=result.method
    )
    rows = (
        threshold,
        estimate_row("sensitivity, same data", result.sensitivity),
        estimate_row("specificity, same data", result.specificity),
        estimate_row("sensitivity, corrected for optimism", result.corrected_sensitivity),
        estimate_row("specificity, corrected for optimism", result.corrected_specificity),
    )
    return [statistics_table(_with_level(f"Operating point by the rule {result.rule}", {result.confidence}), rows)]


@sections_of.register
def _(result: AucCovariance) -> list[Table]:
    rows = tuple(
        Row(f"score {i + 1} with score {j + 1}", float(result.covariance[i, j]), n=result.n, method=result.method)
        for i in range(len(result.auc))
        for j in range(i, len(result.auc))
    )
    return [statistics_table("Covariance of the AUCs", rows, digits=6)]


def _auc_difference_row(name: str, result: AucComparison) -> Row:
    return Row(
        name,
        result.difference,
        result.low,
        result.high,
        result.se,
        result.statistic,
        result.df,
        result.p,
        result.n,
        result.clusters,
        result.method,
    )


def _difference_row(difference: Any) -> Row:
    name = f"{difference.test_a} - {difference.test_b}"
    if difference.reader is not None:
        name += f", reader {difference.reader}"
    estimate = difference.estimate
    return Row(
        name,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.se,
        difference.statistic,
        difference.df,
        difference.p,
        estimate.n,
        estimate.clusters,
        estimate.method,
    )


def _test_row(test: AssociationTest) -> Row:
    return Row(test.method, statistic=test.statistic, df=test.df, p=test.p, n=test.n)


def _with_level(title: str, levels: set[float]) -> str:
    return f"{title} ({100 * levels.pop():g} % intervals)" if len(levels) == 1 else title
