"""More than two classes: areas under ROC curves and measures of a confusion matrix."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.multiclass.class_areas import ClassPair, MulticlassAuc, multiclass_auc
    from thyrosight.statistics.multiclass.class_table import MulticlassTable, multiclass_table
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "ClassPair",
    "MulticlassAuc",
    "MulticlassTable",
    "multiclass_auc",
    "multiclass_table",
]
