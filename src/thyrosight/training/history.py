"""What each epoch brought, and what follows from it: which epoch is best, and when to stop."""

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray


class EpochRecord(TypedDict):
    """One epoch. Epochs are counted from 1.

    `train_loss` is the mean over the epoch, while the network still changed; `validation_auc` is None where the
    validation images hold one class only or there are not two classes.
    """

    epoch: int
    learning_rate: float
    train_loss: float
    validation_loss: float
    validation_auc: float | None
    seconds: float
    images_per_second: float


def best_epoch(history: Sequence[EpochRecord]) -> int:
    """The epoch with the highest validation AUC; of equal ones the lowest validation loss, then the earliest.

    Without any AUC the loss alone decides.
    """

    def rank(record: EpochRecord) -> tuple[float, float, int]:
        auc = record["validation_auc"]
        return (-math.inf if auc is None else auc, -record["validation_loss"], -record["epoch"])

    return max(history, key=rank)["epoch"] if history else 0


def stops(history: Sequence[EpochRecord], patience: int | None) -> bool:
    """Whether `patience` epochs have passed since the best one."""
    return patience is not None and bool(history) and len(history) - best_epoch(history) >= patience


def validation_auc(logits: NDArray[np.floating[Any]], labels: NDArray[np.int64]) -> float | None:
    """Area under the ROC curve of two classes, None where it is not defined."""
    if logits.shape[1] != 2 or len(set(labels.tolist())) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, logits[:, 1] - logits[:, 0]))
