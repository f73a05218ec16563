"""The rows and headings that each result of the statistics room has in a table."""

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from typing import Any

from thyrosight.documents import Row, Table
from thyrosight.reports.merit_names import metric_name
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import (
    AucComparison,
    AucCovariance,
    Categorisation,
    CategorisationComparison,
    DiagnosticTable,
    Estimate,
    MarginTest,
    OperatingPointResult,
    PairedCalls,
    ReaderComparison,
    StandaloneComparison,
    rule_in_words,
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
    rows = [row(name, estimate) for name, estimate in estimates.items()]
    return statistics_table(_with_level(title, estimates.values()), rows, notes=notes)


def auc_differences(pairs: Mapping[tuple[str, str], AucComparison], *, notes: Sequence[str] = ()) -> Table:
    """Return the differences of named pairs of AUCs."""
    rows = [row(f"{a} - {b}", pair, value=pair.difference) for (a, b), pair in pairs.items()]
    return statistics_table(_with_level("Differences", pairs.values()), rows, notes=notes)


def margin_section(tests: Mapping[str, MarginTest]) -> Table:
    """Return tests of named differences (new minus reference) against a margin, with their conclusions."""
    rows = [row(name, test, value=test.difference) for name, test in tests.items()]
    said = [f"{name}: {test.verdict()}." for name, test in tests.items()]
    title = _with_level(f"{next(iter(tests.values())).aim.capitalize()}, new minus reference", tests.values())
    return statistics_table(title, rows, notes=[*said, "P is one-sided; what was not shown is not refuted by that."])


@singledispatch
def sections_of(result: Any) -> list[Table]:
    """Return the sections of a result.

    Raises:
        TypeError: a result that has no table.
    """
    raise TypeError(f"There is no table for {type(result).__name__}.")


@sections_of.register
def _(result: AucComparison) -> list[Table]:
    rows = [row("AUC of a", result.a), row("AUC of b", result.b), row("a - b", result, value=result.difference)]
    return [statistics_table(_with_level("Comparison of two AUCs", [result]), rows)]


@sections_of.register
def _(result: ReaderComparison) -> list[Table]:
    metric, level = metric_name(result.metric), result.test_estimates
    title = f"{metric}, mean of {len(result.readers)} readers, {result.cases} cases, {result.design}"
    means = dict(zip(map(str, result.tests), level, strict=True))
    sections = [estimates_section(title, means, notes=result.notes)]
    if result.differences:
        rows = [_difference_row(difference) for difference in result.differences]
        sections.append(statistics_table(_with_level("Differences between tests", level), rows))
    if (test := result.global_test) is not None and len(result.tests) > 2:
        words = f"F test, {test.df1} and df"
        rows = [row("all tests alike", statistic=test.f, df=test.df2, p=test.p, method=words)]
        sections.append(statistics_table("Global test", rows))
    estimates = {
        f"{test}, reader {reader}" if len(result.tests) > 1 else f"reader {reader}": estimate
        for test, of_readers in zip(result.tests, result.reader_estimates, strict=True)
        for reader, estimate in zip(result.readers, of_readers, strict=True)
        if estimate.n  # where readers are nested in tests, each has one
    }
    sections.append(estimates_section(f"{metric} of each reader", estimates))
    if result.reader_differences:
        rows = [_difference_row(difference) for difference in result.reader_differences]
        sections.append(statistics_table(_with_level("Differences between tests within each reader", level), rows))
    components = result.components.to_dict()
    rows = [row(name.replace("_", " "), value=value) for name, value in components.items() if value is not None]
    return [*sections, statistics_table("Variance components", rows, digits=6, notes=result.component_notes)]


@sections_of.register
def _(result: StandaloneComparison) -> list[Table]:
    metric, level = metric_name(result.metric), [result.difference]
    test = {"p": result.p, "statistic": result.statistic, "df": result.df}
    main = [
        row("mean reader", result.mean_reader),
        row("system", result.system),
        row("mean reader - system", result.difference, **test),
    ]
    names = [f"reader {name}" for name in result.readers]
    readers = dict(zip(names, result.reader_estimates, strict=True))
    against = {f"{name} - system": one for name, one in zip(names, result.reader_differences, strict=True)}
    return [
        statistics_table(
            _with_level(f"{metric}: mean of {len(names)} readers against the system", level), main, notes=result.notes
        ),
        estimates_section(f"{metric} of each reader", readers),
        estimates_section("Each reader against the system", against),
    ]


@sections_of.register
def _(result: Categorisation) -> list[Table]:
    counted = zip(result.categories, result.malignant, result.total, result.malignancy_rate, strict=True)
    rates = {f"{category} ({malignant} of {total} malignant)": rate for category, malignant, total, rate in counted}
    tests = (result.likelihood_ratio, result.linear_trend, result.cochran_armitage, result.class_likelihood_ratio)
    rows = [row(test.method, test, method="") for test in tests]
    rows += [row("AIC, category number", value=result.aic), row("AIC, categories as classes", value=result.class_aic)]
    notes = (result.note,) if result.note else ()
    return [
        estimates_section(f"Malignancy rate per category, {_nodules(result)}", rates),
        statistics_table("How well the categories sort", rows, notes=notes),
    ]


@sections_of.register
def _(result: CategorisationComparison) -> list[Table]:
    rows = [row("AIC of a", value=result.a.aic), row("AIC of b", value=result.b.aic)]
    rows.append(row("AIC of a minus AIC of b", result.aic_difference, p=result.p))
    comparison = statistics_table(
        _with_level("Comparison of two systems", [result.aic_difference]),
        rows,
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
    counts = {
        "called positive": result.true_positive + result.false_positive,
        "  rightly (TP)": result.true_positive,
        "  wrongly (FP)": result.false_positive,
        "called negative": result.true_negative + result.false_negative,
        "  rightly (TN)": result.true_negative,
        "  wrongly (FN)": result.false_negative,
    }
    measures = {measure_name(name): item for name, item in result.estimates().items() if "adjusted" not in name}
    if result.prevalence is not None:
        for name in ("ppv", "npv"):
            words = f"{measure_name(name)} at prevalence {result.prevalence:g}"
            measures[words] = getattr(result, f"adjusted_{name}")
    return [
        statistics_table("Counts", [row(name, n=n) for name, n in counts.items()]),
        estimates_section("Diagnostic performance", measures),
    ]


@sections_of.register
def _(result: PairedCalls) -> list[Table]:
    cells = ("both right", "only a right", "only b right", "both wrong")
    counts = [
        row(f"{label}: {cell}", n=n)
        for label, table in (("with disease", result.malignant), ("without disease", result.benign))
        for cell, n in zip(cells, table, strict=True)
    ]
    comparisons = result.comparisons()
    rows = []
    for name, one in comparisons.items():
        short = name.upper() if name in ("ppv", "npv") else name
        rows += [row(f"{short} of a", one.a), row(f"{short} of b", one.b)]
        rows.append(row(f"{short}, a - b", one, value=one.difference))
    title = _with_level("Comparison on the same nodules", comparisons.values())
    notes = (
        "P values of the rows are not corrected for each other: name the main one before the analysis.",
        "PPV and NPV (positive and negative predictive value) hold for the share of disease in this table.",
    )
    return [statistics_table("Counts", counts), statistics_table(title, rows, notes=notes)]


@sections_of.register
def _(result: OperatingPointResult) -> list[Table]:
    limits = {"value": result.threshold, "low": result.threshold_low, "high": result.threshold_high}
    rows = [
        row("threshold", n=result.n, method=result.method, **limits),
        row("sensitivity, same data", result.sensitivity),
        row("specificity, same data", result.specificity),
        row("sensitivity, corrected for optimism", result.corrected_sensitivity),
        row("specificity, corrected for optimism", result.corrected_specificity),
    ]
    return [statistics_table(_with_level(f"Operating point: {rule_in_words(result.rule)}", [result]), rows)]


@sections_of.register
def _(result: AucCovariance) -> list[Table]:
    count = len(result.auc)
    pairs = [(i, j) for i in range(count) for j in range(i, count)]
    rows = [
        row(f"score {i + 1} with score {j + 1}", value=float(result.covariance[i, j]), n=result.n, method=result.method)
        for i, j in pairs
    ]
    return [statistics_table("Covariance of the AUCs", rows, digits=6)]


def _nodules(result: Categorisation) -> str:
    return f"{result.n} nodules" if result.clusters is None else f"{result.n} nodules of {result.clusters} patients"


def _difference_row(difference: Any) -> Row:
    name = f"{difference.test_a} - {difference.test_b}"
    if difference.reader is not None:
        name += f", reader {difference.reader}"
    test = {"statistic": difference.statistic, "df": difference.df, "p": difference.p}
    return row(name, difference.estimate, **test)


def _with_level(title: str, results: Iterable[Any]) -> str:
    levels = {result.confidence for result in results}
    return f"{title} ({100 * levels.pop():g} % intervals)" if len(levels) == 1 else title
