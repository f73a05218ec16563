"""Which epoch is best and when to stop."""

import numpy as np
import pytest

from thyrosight.training import EpochRecord
from thyrosight.training.history import best_epoch, stops, validation_auc


def _history(*epochs: tuple[float | None, float]) -> list[EpochRecord]:
    return [
        EpochRecord(
            epoch=number,
            learning_rate=1e-4,
            train_loss=0.0,
            validation_loss=loss,
            validation_auc=auc,
            seconds=1.0,
            images_per_second=1.0,
        )
        for number, (auc, loss) in enumerate(epochs, start=1)
    ]


@pytest.mark.parametrize(
    ("epochs", "best"),
    [
        ([(0.6, 1.0), (0.8, 2.0), (0.7, 0.1)], 2),
        ([(0.8, 1.0), (0.8, 0.5), (0.8, 0.7)], 2),
        ([(0.8, 1.0), (0.8, 1.0)], 1),
        ([(None, 1.0), (None, 0.2), (None, 0.3)], 2),
        ([(None, 0.1), (0.5, 9.0)], 2),
        ([], 0),
    ],
)
def test_best_epoch_is_by_auc_then_loss_then_first(epochs: list[tuple[float | None, float]], best: int) -> None:
    assert best_epoch(_history(*epochs)) == best


def test_patience_counts_epochs_since_the_best() -> None:
    history = _history((0.6, 1), (0.9, 1), (0.8, 1), (0.7, 1))
    assert [stops(history[:n], 2) for n in range(5)] == [False, False, False, False, True]
    assert not stops(history, 3)
    assert not stops(history, None)


def test_auc_by_counting_pairs() -> None:
    """Malignant scores 3, 1 against benign 2, 0: three of four pairs are in order."""
    logits = np.array([[0.0, 3], [0, 1], [0, 2], [0, 0]])
    assert validation_auc(logits, np.array([1, 1, 0, 0])) == 0.75
    assert validation_auc(logits + 7, np.array([1, 1, 0, 0])) == 0.75
    assert validation_auc(logits, np.array([1, 1, 1, 1])) is None
    assert validation_auc(np.zeros((4, 3)), np.array([0, 1, 2, 0])) is None
