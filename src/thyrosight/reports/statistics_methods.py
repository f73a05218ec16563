"""Sentences of an answer: the main result, and what a Methods section says of how it was obtained."""

import math
from collections.abc import Mapping

from thyrosight.documents import p_text
from thyrosight.intervals import value_in_words
from thyrosight.reports.merit_names import metric_name
from thyrosight.statistics import (
    AucComparison,
    Categorisation,
    CategorisationComparison,
    DiagnosticTable,
    Estimate,
    MarginTest,
    PairedCalls,
    ReaderComparison,
    StandaloneComparison,
)

_INTERVALS = {
    "Wilson": "Wilson's score intervals [wilson1927]",
    "Wald": "Wald intervals",
    "Clopper-Pearson": "exact (Clopper-Pearson) intervals",
    "Agresti-Coull": "the intervals of Agresti and Coull [brown2001]",
    "Jeffreys": "Jeffreys intervals [brown2001]",
}


def with_limits(estimate: Estimate, *, digits: int = 3, level: bool = True) -> str:
    """An estimate with its interval in running text.

    >>> with_limits(Estimate(0.8977, 0.86, 0.9263, 0.0168, "Wilson", 323))
    '0.898 (95 % interval 0.860 to 0.926)'
    """
    if math.isnan(estimate.value):
        return "undefined"
    value = f"{estimate.value:.{digits}f}"
    if math.isnan(estimate.low):
        return f"{value} (no interval)"
    words = f"{100 * estimate.confidence:g} % interval " if level else ""
    return f"{value} ({words}{estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def within(value: float, low: float, high: float) -> str:
    """A value with its limits in running text; their level is stated elsewhere.

    >>> within(0.02, -0.04, 0.08), within(0.0, math.nan, math.nan)
    ('0.020 (-0.040 to 0.080)', '0.000 (no interval)')
    """
    return value_in_words(value, low, high)


def size(estimate: Estimate, noun: str = "nodules") -> str:
    """The number of observations, and of patients where they were kept together.

    >>> size(Estimate(0.9, 0.8, 1.0, 0.1, "", 12, clusters=8))
    '12 nodules of 8 patients'
    """
    return (
        f"{estimate.n} {noun}" if estimate.clusters is None else f"{estimate.n} {noun} of {estimate.clusters} patients"
    )


def p_words(p: float) -> str:
    """A P value in running text.

    >>> p_words(0.0312), p_words(0.00002), p_words(float("nan"))
    ('P = 0.031', 'P < 0.001', 'not tested')
    """
    text = p_text(None if math.isnan(p) else p)
    return text if text == "not tested" else f"P {text}" if text.startswith("<") else f"P = {text}"


def level_sentence(confidence: float) -> str:
    """State the level of the intervals.

    >>> level_sentence(0.9)
    'Intervals are 90 % confidence intervals.'
    """
    return f"Intervals are {100 * confidence:g} % confidence intervals."


def patients_sentence(clusters: int | None, *, how: str) -> str:
    """How nodules of one patient were treated."""
    if clusters is None:
        return "Nodules were taken as independent."
    return f"Nodules of one patient were kept together ({how})."


def areas_summary(areas: Mapping[str, Estimate]) -> str:
    """The areas of named scores in a sentence."""
    first = next(iter(areas.values()))
    named = "; ".join(f"{name} {with_limits(area)}" for name, area in areas.items())
    return f"Area under the ROC curve, {size(first)}: {named}."


def areas_methods(area: Estimate) -> str:
    """How an area under the ROC curve and its interval were obtained."""
    scale = "on the logit scale" if "logit" in area.method else "on the scale of the area"
    if "bootstrap" in area.method:
        way = f"with a {area.method} [efron1993]"
    elif area.clusters is None:
        way = f"with the variance of DeLong et al. [delong1988] and limits {scale} [pepe2003]"
    else:
        way = f"with limits {scale} [pepe2003]"
    how = "patients drawn anew" if "bootstrap" in area.method else "variance of Obuchowski [obuchowski1997]"
    return (
        f"Areas under the ROC curve were estimated without a model of the curve, {way}."
        f" {patients_sentence(area.clusters, how=how)} {level_sentence(area.confidence)}"
    )


def differences_summary(pairs: Mapping[tuple[str, str], AucComparison]) -> str:
    """The differences of named pairs of areas in a sentence."""
    said = [
        f"{a} - {b} {within(pair.difference, pair.low, pair.high)}, {p_words(pair.p)}" for (a, b), pair in pairs.items()
    ]
    return f" Difference: {'; '.join(said)}."


def differences_methods(pairs: Mapping[tuple[str, str], AucComparison]) -> str:
    """How areas on the same nodules were compared."""
    clustered = any(pair.clusters is not None for pair in pairs.values())
    test = "Obuchowski's test for clustered data [obuchowski1997]" if clustered else "DeLong's test [delong1988]"
    holm = ", with P values corrected by Holm's method [holm1979] where said" if len(pairs) > 1 else ""
    return f" Areas on the same nodules were compared by {test}{holm}."


def margin_methods(test: MarginTest | None) -> str:
    """How a margin was tested; nothing where there was none."""
    if test is None:
        return ""
    way = "by Tango's score [tango1998]" if "Tango" in test.method else "from the interval of the difference"
    two = "two one-sided tests [schuirmann1987]" if test.aim == "equivalence" else "a one-sided test"
    return f" {test.aim.capitalize()} with a margin of {test.margin:g} was assessed {way}, with {two}."


def diagnostic_summary(table: DiagnosticTable) -> str:
    """Sensitivity and specificity in a sentence."""
    positive = table.true_positive + table.false_negative
    negative = table.true_negative + table.false_positive
    return (
        f"Sensitivity {with_limits(table.sensitivity)}, {table.true_positive} of {positive};"
        f" specificity {with_limits(table.specificity)}, {table.true_negative} of {negative}."
    )


def diagnostic_methods(table: DiagnosticTable) -> str:
    """How the measures of a two-by-two table and their intervals were obtained."""
    one = table.sensitivity
    if "bootstrap" in one.method:
        way, how = f"a {one.method} [efron1993]", "patients drawn anew"
    elif one.clusters is not None:
        way = "generalised estimating equations with robust variance [liang1986]"
        how = "independence as working correlation"
    else:
        way, how = _INTERVALS.get(one.method, f"{one.method} intervals"), ""
    return (
        "Sensitivity, specificity and the other measures follow the definitions of STARD 2015 [bossuyt2015]; their"
        f" intervals come from {way}. {patients_sentence(one.clusters, how=how)} {level_sentence(one.confidence)}"
    )


def paired_summary(found: PairedCalls, a: str, b: str) -> str:
    """Differences of sensitivity and specificity in a sentence."""
    parts = []
    for name in ("sensitivity", "specificity"):
        one = getattr(found, name)
        if one is not None:
            apart = Estimate(one.difference, one.low, one.high, one.se, one.method, one.n, one.clusters, one.confidence)
            parts.append(
                f"{name} of {a} {one.a.value:.3f}, of {b} {one.b.value:.3f}, difference {with_limits(apart)},"
                f" {p_words(one.p)}"
            )
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "."


def paired_methods(found: PairedCalls) -> str:
    """How two readers' or systems' calls on the same nodules were compared."""
    one = next(iter(found.comparisons().values()))
    values = "; predictive values by weighted generalised score statistics [moskowitz2006]"
    if one.clusters is not None:
        way, values = "by generalised estimating equations with robust variance [liang1986]", ""
    elif "mid-P" in one.method:
        way = f"by McNemar's test with mid-P values [fagerland2013] and {_paired_interval(one.method)}"
    elif one.method.startswith("McNemar, "):
        kind = one.method.split(";")[0].removeprefix("McNemar, ")
        way = f"by McNemar's test ({kind}) and {_paired_interval(one.method)}"
    else:
        way = f"by {one.method}"
    how = "independence as working correlation"
    return (
        f"Sensitivity, specificity and accuracy on the same nodules were compared {way}{values}."
        f" {patients_sentence(one.clusters, how=how)} {level_sentence(one.confidence)}"
    )


def _paired_interval(method: str) -> str:
    if "Newcombe" in method:
        return "Newcombe's hybrid score intervals [newcombe1998]"
    return "Tango's score intervals [tango1998]"


def readers_summary(found: ReaderComparison) -> str:
    """The means over readers, and the differences of tests, in a sentence."""
    means = ", ".join(f"{t} {with_limits(e)}" for t, e in zip(found.tests, found.test_estimates, strict=True))
    first = f"Mean {metric_name(found.metric)} of {len(found.readers)} readers on {found.cases} cases: {means}."
    pairs = [f"{d.test_a} - {d.test_b} {with_limits(d.estimate)}, {p_words(d.p)}" for d in found.differences]
    return first + (f" Differences: {'; '.join(pairs)}." if pairs else "")


def readers_methods(found: ReaderComparison | StandaloneComparison, *, confidence: float) -> str:
    """How a reader study was analysed."""
    kind = "against a stand-alone system" if isinstance(found, StandaloneComparison) else "with several tests"
    return (
        f"Readers were compared {kind} by the method of Obuchowski and Rockette [obuchowski1995] with the degrees of"
        f" freedom of Hillis [hillis2007, hillis2014] ({found.method}).{_of_design(found)} {level_sentence(confidence)}"
    )


def _of_design(found: ReaderComparison | StandaloneComparison) -> str:
    """How a study was analysed in which readers read different cases, or used different tests."""
    said = ""
    if any("readings are missing" in note for note in found.notes):
        said += (
            " Each reader was taken on the cases that this reader had read, and readers counted alike; the covariance"
            " of two readers came from the cases that both had read [delong1988, obuchowski1997]."
        )
    if any("blocks of" in note for note in found.notes):
        said += (
            " Readers and cases formed blocks (split-plot design), and readers were compared within blocks"
            " [obuchowski2009, chen2018]."
        )
    if any("used one test" in note for note in found.notes):
        said += " Each reader used one test; the spread of readers was pooled over the tests."
    return said


def standalone_summary(found: StandaloneComparison, system: str) -> str:
    """The mean reader against the system in a sentence."""
    return (
        f"AUC of the mean of {len(found.readers)} readers {with_limits(found.mean_reader)}, of {system}"
        f" {with_limits(found.system)}; mean reader minus {system} {with_limits(found.difference)},"
        f" {p_words(found.p)}."
    )


def categories_summary(system: Categorisation, name: str) -> str:
    """The malignancy rates of the lowest and highest category in a sentence."""
    rates = [
        f"{category} {100 * rate.value:.1f} % ({malignant} of {total})"
        for category, malignant, total, rate in zip(
            system.categories, system.malignant, system.total, system.malignancy_rate, strict=True
        )
        if total
    ]
    return f"Malignancy rate by {name}: {', '.join(rates)}."


def categories_methods(system: Categorisation) -> str:
    """How risk categories were assessed."""
    clustered = system.clusters is not None
    way = "of generalised estimating equations [liang1986]" if clustered else "by Wilson's score [wilson1927]"
    test = "score tests with a variance between patients" if clustered else "the Cochran-Armitage test"
    return (
        f"Malignancy rates carry intervals {way}; their rise over the categories was tested by logistic regression on"
        f" the category number and by {test}. {patients_sentence(system.clusters, how='robust variance')}"
        f" {level_sentence(system.malignancy_rate[0].confidence)}"
    )


def categories_comparison_summary(found: CategorisationComparison, a: str, b: str) -> str:
    """Which of two systems sorts better, with the interval of the difference of their AIC."""
    apart = found.aic_difference
    return (
        f"AIC of {a} {found.a.aic:.1f}, of {b} {found.b.aic:.1f}; difference {with_limits(apart, digits=1)},"
        f" {p_words(found.p)}. A smaller AIC sorts better."
    )
