"""The confusion matrix of more than two classes, with the measures that follow from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.multiclass.class_labels import class_codes
from thyrosight.statistics.proportions.diagnostic import DiagnosticTable, diagnostic_table
from thyrosight.statistics.proportions.intervals import gee_proportion, proportion_interval
from thyrosight.statistics.ranking import share
from thyrosight.statistics.validation import Floats, as_labels, require_confidence, require_same_length

_AVERAGES = ("balanced_accuracy", "macro_precision", "macro_f1", "weighted_precision", "weighted_f1")


@dataclass(frozen=True, slots=True)
class MulticlassTable(Result):
    """Counts and measures of more than two classes.

    Every nodule has one class and one call. The weighted mean of the sensitivities, and the micro-averages of
    sensitivity, precision and F1, are then all equal to the accuracy and not repeated.

    Attributes:
        classes: the classes in order.
        confusion: nodules by true class (rows) and called class (columns).
        accuracy: share of nodules called right.
        balanced_accuracy: mean of the classes' sensitivities, also called macro sensitivity or macro recall.
        macro_precision: mean of the classes' precisions (positive predictive values).
        macro_f1: mean of the classes' F1 scores.
        weighted_precision: mean of the precisions, weighted by the nodules of each class.
        weighted_f1: mean of the F1 scores, weighted alike.
        by_class: of each class, the table of this class against the rest.
    """

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    accuracy: Estimate
    balanced_accuracy: Estimate
    macro_precision: Estimate
    macro_f1: Estimate
    weighted_precision: Estimate
    weighted_f1: Estimate
    by_class: tuple[DiagnosticTable, ...]

    def averages(self) -> dict[str, Estimate]:
        """All measures of the whole table by name, in order."""
        return {name: getattr(self, name) for name in ("accuracy", *_AVERAGES)}

    def __str__(self) -> str:
        width = max(6, *(len(name) for name in self.classes))
        head = " ".join(f"{name:>{width}}" for name in ("true", *self.classes))
        rows = [
            " ".join(f"{cell:>{width}}" for cell in (name, *counts))
            for name, counts in zip(self.classes, self.confusion, strict=True)
        ]
        return "\n".join([head, *rows, *(f"{k.replace('_', ' ')}: {v}" for k, v in self.averages().items())])


def multiclass_table(
    truth: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    classes: Sequence[object] | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> MulticlassTable:
    """Return the confusion matrix, the measures of each class against the rest, and their averages, with intervals.

    Proportions have Wilson intervals, or those of GEE with patients; averages have percentiles of a bootstrap that
    draws patients. A class without a nodule has no sensitivity, and one that was never called no precision: their
    averages are then undefined.

    Args:
        truth: class of each nodule.
        predicted: called class of each nodule.
        classes: all classes in order; None for the sorted classes of truth and calls.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: lengths that differ, missing values, fewer than two classes, or a class outside `classes`.

    >>> table = multiclass_table(list("aabbcc"), list("aabccc"), replicates=200)
    >>> table.confusion
    ((2, 0, 0), (0, 1, 1), (0, 0, 2))
    >>> round(table.balanced_accuracy.value, 3), round(table.macro_f1.value, 3)
    (0.833, 0.822)
    """
    if classes is None:
        for values, name in ((truth, "truth"), (predicted, "predicted")):
            as_labels(values, name=name)
        both = np.concatenate([np.asarray(truth), np.asarray(predicted)])
        classes = class_codes(both, None, name="truth and predicted")[1]
    true, names = class_codes(truth, classes, name="truth")
    called, _ = class_codes(predicted, classes, name="predicted")
    require_same_length(truth=true, predicted=called)
    require_confidence(confidence)
    if len(names) < 2:
        raise StatisticsError(f"Expected at least two classes, got only {names[0]!r}.")
    k = len(names)
    patients, clusters = cluster_codes(cluster, true.size)
    cell = true * k + called
    counts = np.bincount(patients * k * k + cell, minlength=clusters * k * k).reshape(clusters, k * k)
    blocks = drawn_blocks(clusters, clusters * k, replicates, seed)
    drawn = [_averages((block @ counts).reshape(-1, k, k).astype(np.float64)) for block in blocks]
    confusion = counts.sum(axis=0).reshape(k, k)
    whole = _averages(confusion[None].astype(np.float64))[0]
    samples = np.concatenate(drawn) if drawn else np.empty((0, whole.size))
    shown = clusters if cluster is not None else None
    found = {
        name: bootstrap_estimate(float(whole[i]), samples[:, i], n=true.size, clusters=shown, confidence=confidence)
        for i, name in enumerate(_AVERAGES)
    }
    right = true == called
    return MulticlassTable(
        classes=names,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        accuracy=_accuracy(right, cluster, confidence),
        by_class=tuple(
            diagnostic_table(true == i, called == i, cluster=cluster, confidence=confidence) for i in range(k)
        ),
        **{name: _with_reason(item, names, confusion) for name, item in found.items()},
    )


def _averages(tables: Floats) -> Floats:
    """Return the averages of `_AVERAGES` for each table: shape (tables, 5)."""
    hits, of_class, of_call = np.diagonal(tables, axis1=1, axis2=2), tables.sum(axis=2), tables.sum(axis=1)
    sensitivity, precision = share(hits, of_class), share(hits, of_call)
    f1 = share(2 * hits, of_class + of_call)
    weight = of_class / of_class.sum(axis=1, keepdims=True)
    # A class without a nodule has no weight, but its precision may be undefined all the same.
    weighted = [np.where(weight > 0, weight * item, 0.0).sum(axis=1) for item in (precision, f1)]
    return np.stack([sensitivity.mean(axis=1), precision.mean(axis=1), f1.mean(axis=1), *weighted], axis=1)


def _accuracy(right: npt.NDArray[np.bool_], cluster: npt.ArrayLike | None, confidence: float) -> Estimate:
    if cluster is None:
        return proportion_interval(int(right.sum()), right.size, method="wilson", confidence=confidence)
    return gee_proportion(right.astype(np.int64), cluster, confidence=confidence)


def _with_reason(estimate: Estimate, names: tuple[str, ...], confusion: npt.NDArray[np.int64]) -> Estimate:
    """Say why an average is undefined."""
    if not math.isnan(estimate.value):
        return estimate
    absent = [name for name, count in zip(names, confusion.sum(axis=1), strict=True) if not count]
    uncalled = [name for name, count in zip(names, confusion.sum(axis=0), strict=True) if not count]
    reason = f"no nodule is {absent[0]}" if absent else f"nothing was called {uncalled[0]}"
    return replace(estimate, method=reason)
