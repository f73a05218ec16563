"""Joint against alone: the verdict follows the interval, and words and table say the same."""

import pytest

from thyrosight.documents import Measure
from thyrosight.studies.analyses.joint_training import effect


@pytest.mark.parametrize(
    ("low", "high", "task", "measure", "sentence"),
    [
        (0.01, 0.05, "classification", "auc",
         "Y-Net: learning outlines too helps the classification (+0.030 in AUC, interval +0.010 to +0.050)."),
        (-0.05, -0.01, "segmentation", "dice",
         "Y-Net: learning classes too hurts the outlines (-0.030 in mean Dice, interval -0.050 to -0.010)."),
        (-0.05, 0.0, "classification", "accuracy",
         "Y-Net: whether learning outlines too helps or hurts the classification cannot be told (-0.025 in accuracy, "
         "interval -0.050 to +0.000)."),
    ],
)  # fmt: skip
def test_the_verdict_is_the_side_of_zero_that_the_interval_lies_on(
    low: float, high: float, task: str, measure: str, sentence: str
) -> None:
    difference = Measure(value=(low + high) / 2, low=low, high=high, method="paired")
    found = effect("Y-Net", measure, (0.73, 0.78), difference, 0.02)
    assert found["sentence"] == sentence
    assert str(found["verdict"]) in sentence
    assert [found[key] for key in ("task", "joint", "alone", "difference", "p")] == [task, 0.73, 0.78, difference, 0.02]
    assert found["learnt"] == ("outlines" if measure == "dice" else "classes")
