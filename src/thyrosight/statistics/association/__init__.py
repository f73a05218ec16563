"""Tests of association between two variables, and comparison of means."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.association.clustered import clustered_association_test, clustered_mean_test
    from thyrosight.statistics.association.hypothesis_tests import (
        AssociationTest,
        MeanComparison,
        adjust_p_values,
        chi_square_test,
        compare_means,
        compare_means_from_summary,
        contingency_table,
        fisher_exact_test,
        mann_whitney_test,
    )
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "AssociationTest",
    "MeanComparison",
    "adjust_p_values",
    "chi_square_test",
    "clustered_association_test",
    "clustered_mean_test",
    "compare_means",
    "compare_means_from_summary",
    "contingency_table",
    "fisher_exact_test",
    "mann_whitney_test",
]
