"""The record of each epoch, the best epoch, and early stopping."""

import math
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray


class Measures(TypedDict):
    """Measures on the validation images.

    `validation_auc` is None if the validation images belong to one class only, or if the network does not learn exactly
    two classes; `validation_dice` is None if the network learns no masks.
    """

    validation_loss: float
    validation_auc: float | None
    validation_dice: NotRequired[float]


class EpochRecord(Measures):
    """One epoch. Epochs are counted from 1; `train_loss` is the mean over it, while the network still changed."""

    epoch: int
    learning_rate: float
    train_loss: float
    seconds: float
    images_per_second: float


def best_epoch(history: Sequence[EpochRecord]) -> int:
    """The epoch with the highest validation AUC; between equals the lowest validation loss, then the earliest epoch.

    For a network that learns masks the mean Dice takes the place of the AUC; for one that learns both, their mean does.
    Without any of them the loss alone decides.
    """

    def rank(record: EpochRecord) -> tuple[float, float, int]:
        found = [value for value in (record["validation_auc"], record.get("validation_dice")) if value is not None]
        return (sum(found) / len(found) if found else -math.inf, -record["validation_loss"], -record["epoch"])

    return max(history, key=rank)["epoch"] if history else 0


def stops(history: Sequence[EpochRecord], patience: int | None) -> bool:
    """Whether `patience` epochs have passed since the best one."""
    return patience is not None and bool(history) and len(history) - best_epoch(history) >= patience


def validation_auc(logits: NDArray[np.floating[Any]], labels: NDArray[np.int64]) -> float | None:
    """Area under the ROC curve of two classes, None where it is not defined.

    It is the same whichever class is taken as positive, so that the order of the classes does not matter.
    """
    if logits.shape[1] != 2 or len(set(labels.tolist())) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, logits[:, 1] - logits[:, 0]))
