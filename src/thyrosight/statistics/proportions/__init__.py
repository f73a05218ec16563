"""Sensitivity, specificity and other proportions, with intervals and comparisons."""

from thyrosight.statistics.proportions.comparison import ProportionComparison, compare_proportions
from thyrosight.statistics.proportions.diagnostic import DiagnosticTable, diagnostic_table
from thyrosight.statistics.proportions.intervals import gee_proportion, proportion_interval
from thyrosight.statistics.proportions.paired import mcnemar

__all__ = [
    "DiagnosticTable",
    "ProportionComparison",
    "compare_proportions",
    "diagnostic_table",
    "gee_proportion",
    "mcnemar",
    "proportion_interval",
]
