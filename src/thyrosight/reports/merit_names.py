"""The words for what readers are compared by: the area under the ROC curve, and figures of merit of lesions found."""

from typing import Final

_SHORT: Final = {
    "wafroc": "wAFROC",
    "afroc": "AFROC",
    "wafroc1": "wAFROC1",
    "afroc1": "AFROC1",
    "inferred-roc": "inferred ROC",
    "lroc": "LROC",
    "pcl": "right localisations (PCL)",
    "cpm": "CPM",
}


def short_name(metric: str) -> str:
    """Return a figure of merit as tables name it.

    >>> short_name("wafroc"), short_name("pcl")
    ('wAFROC', 'right localisations (PCL)')
    """
    return "sensitivity at the rate of false marks" if metric == "sensitivity" else _SHORT[metric]


def metric_name(metric: str) -> str:
    """Return what a study of readers compares as tables name it.

    >>> metric_name("auc"), metric_name("wafroc"), metric_name("sensitivity")
    ('AUC', 'wAFROC', 'sensitivity')
    """
    return "AUC" if metric == "auc" else _SHORT.get(metric, metric)
