"""ROC curves, areas under them, and their comparison."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.roc.area import auc
    from thyrosight.statistics.roc.between_groups import auc_between_groups
    from thyrosight.statistics.roc.comparison import AucComparison, compare_auc
    from thyrosight.statistics.roc.covariance import AucCovariance, auc_covariance
    from thyrosight.statistics.roc.curve import RocCurve, roc_curve
    from thyrosight.statistics.roc.curve_comparison import (
        CurveComparison,
        PartialAucComparison,
        compare_partial_auc,
        compare_sensitivity_at_specificity,
        compare_specificity_at_sensitivity,
    )
    from thyrosight.statistics.roc.fixed_rate import sensitivity_at_specificity, specificity_at_sensitivity
    from thyrosight.statistics.roc.partial_area import PartialAuc, partial_auc
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "AucComparison",
    "AucCovariance",
    "CurveComparison",
    "PartialAuc",
    "PartialAucComparison",
    "RocCurve",
    "auc",
    "auc_between_groups",
    "auc_covariance",
    "compare_auc",
    "compare_partial_auc",
    "compare_sensitivity_at_specificity",
    "compare_specificity_at_sensitivity",
    "partial_auc",
    "roc_curve",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
]
