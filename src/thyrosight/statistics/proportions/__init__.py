"""Sensitivity, specificity and other proportions, with intervals and comparisons."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.proportions.begg_greenes import VerificationCorrection, correct_verification
    from thyrosight.statistics.proportions.both import PairedCalls, compare_calls
    from thyrosight.statistics.proportions.comparison import ProportionComparison, compare_proportions
    from thyrosight.statistics.proportions.diagnostic import DiagnosticTable, diagnostic_table
    from thyrosight.statistics.proportions.intervals import gee_proportion, proportion_interval
    from thyrosight.statistics.proportions.newcombe import proportion_difference
    from thyrosight.statistics.proportions.paired import mcnemar
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "DiagnosticTable",
    "PairedCalls",
    "ProportionComparison",
    "VerificationCorrection",
    "compare_calls",
    "compare_proportions",
    "correct_verification",
    "diagnostic_table",
    "gee_proportion",
    "mcnemar",
    "proportion_difference",
    "proportion_interval",
]
