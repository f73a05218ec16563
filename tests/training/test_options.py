"""Fields of a recipe: ranges, and the learning rate over the epochs."""

import pytest
from pydantic import ValidationError

from thyrosight.training import FitOptions


def test_schedules_by_hand() -> None:
    constant = FitOptions(learning_rate=0.8, warm_up_epochs=3)
    assert [constant.learning_rate_at(epoch) for epoch in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8])
    step = FitOptions(learning_rate=1.0, schedule="step", step_epochs=2, step_factor=0.5)
    assert [step.learning_rate_at(epoch) for epoch in range(5)] == pytest.approx([1, 1, 0.5, 0.5, 0.25])
    cosine = FitOptions(learning_rate=1.0, schedule="cosine", epochs=3)
    assert [cosine.learning_rate_at(epoch) for epoch in range(3)] == pytest.approx([1, 0.75, 0.25])


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 1},
        {"learning_rate": 0.0},
        {"optimiser": "lion"},
        {"precision": "16"},
        {"loss": {"gamma": -1}},
        {"augmentation": {"horizontal_flip": 1.5}},
        {"epoch": 3},
    ],
)
def test_wrong_fields_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FitOptions.model_validate(wrong)


def test_the_identity_of_a_training_without_the_later_fields_is_what_it_was() -> None:
    assert {"balance", "freeze", "modality_dropout"}.isdisjoint(FitOptions().identity())
    assert FitOptions(freeze=6).identity()["freeze"] == 6
    assert FitOptions(modality_dropout=0.2).identity()["modality_dropout"] == 0.2
