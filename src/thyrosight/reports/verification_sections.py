"""Tables and sentences for studies in which only some nodules were verified."""

from thyrosight.documents import Table
from thyrosight.reports.statistics_methods import level_sentence, patients_sentence, with_limits
from thyrosight.reports.statistics_sections import estimates_section, measure_name
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import VerificationCorrection


def verification_sections(found: VerificationCorrection) -> list[Table]:
    """Return the counts, and the rates with and without correction."""
    counts = [
        row(f"called {call}: {fate}", n=n)
        for call, cells in (("positive", found.positive_calls), ("negative", found.negative_calls))
        for fate, n in zip(("verified malignant", "verified benign", "not verified"), cells, strict=True)
    ]
    rates = {
        "sensitivity, corrected": found.sensitivity,
        "specificity, corrected": found.specificity,
        "sensitivity of the verified alone": found.verified_sensitivity,
        "specificity of the verified alone": found.verified_specificity,
        measure_name("ppv"): found.ppv,
        measure_name("npv"): found.npv,
    }
    return [
        statistics_table("Counts", counts),
        estimates_section("Diagnostic performance under partial verification", rates, notes=(found.assumption,)),
    ]


def verification_summary(found: VerificationCorrection) -> str:
    """The corrected rates in a sentence, with those of the verified alone."""
    verified = sum(found.positive_calls[:2]) + sum(found.negative_calls[:2])
    return (
        f"{verified} of {found.sensitivity.n} nodules were verified. Corrected for this, sensitivity"
        f" {with_limits(found.sensitivity)}, specificity {with_limits(found.specificity)}; of the verified alone"
        f" {found.verified_sensitivity.value:.3f} and {found.verified_specificity.value:.3f}."
    )


def verification_methods(found: VerificationCorrection) -> str:
    """How the rates were corrected."""
    one = found.sensitivity
    way = "percentiles of bootstrap samples [efron1993]" if "bootstrap" in one.method else "the delta method"
    how = "patients drawn anew" if "bootstrap" in one.method else "variance summed within patients"
    return (
        "Sensitivity and specificity were corrected for partial verification by the method of Begg and Greenes"
        " [begg1983], which assumes that verification depends on the call alone; their intervals come from"
        f" {way}. {patients_sentence(one.clusters, how=how)} {level_sentence(one.confidence)}"
    )
