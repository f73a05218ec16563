"""Means and differences over patients, and over repeated divisions of them."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.resampling.best_candidate import BestOf, best_of
    from thyrosight.statistics.resampling.divisions import (
        DifferenceOverDivisions,
        MeanOverDivisions,
        difference_over_divisions,
        mean_over_divisions,
    )
    from thyrosight.statistics.resampling.few_groups import (
        LEAST_GROUPS,
        exact_difference,
        exact_limits,
        exact_measures,
        groups_of_classes,
        too_few,
        too_few_together,
        unseen_share,
        without_tests,
    )
    from thyrosight.statistics.resampling.means import mean_interval
    from thyrosight.statistics.resampling.nested import NestedVariation, nested_variation
    from thyrosight.statistics.resampling.outcomes import DivisionOutcome
    from thyrosight.statistics.resampling.paired_means import PairedMeanDifference, paired_mean_difference
    from thyrosight.statistics.resampling.performance import Performance, bootstrap_performance
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "LEAST_GROUPS",
    "BestOf",
    "DifferenceOverDivisions",
    "DivisionOutcome",
    "MeanOverDivisions",
    "NestedVariation",
    "PairedMeanDifference",
    "Performance",
    "best_of",
    "bootstrap_performance",
    "difference_over_divisions",
    "exact_difference",
    "exact_limits",
    "exact_measures",
    "groups_of_classes",
    "mean_interval",
    "mean_over_divisions",
    "nested_variation",
    "paired_mean_difference",
    "too_few",
    "too_few_together",
    "unseen_share",
    "without_tests",
]
