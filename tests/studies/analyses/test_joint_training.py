"""Joint against alone: the verdict follows interval and margin, and words and table say the same."""

import pytest

from thyrosight.documents import Measure
from thyrosight.studies.analyses.joint_training import effect
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared


@pytest.mark.parametrize(
    ("limits", "measure", "verdict", "sentence"),
    [
        ((0.03, 0.07), "auc", "better",
         "Y-Net: learning outlines too helps the classification (AUC 0.730 against 0.780, difference +0.050, "
         "95 % interval +0.030 to +0.070)."),
        ((-0.07, -0.03), "dice", "worse",
         "Y-Net: learning classes too hurts the outlines (mean Dice 0.730 against 0.780, difference -0.050, "
         "95 % interval -0.070 to -0.030)."),
        ((-0.05, 0.0), "accuracy", "cannot be told",
         "Y-Net: whether learning outlines too helps or hurts the classification cannot be told (accuracy 0.730 "
         "against 0.780, difference -0.025, 95 % interval -0.050 to +0.000)."),
        ((0.0001, 0.0003), "dice", "practically equal",
         "Y-Net: learning classes too makes no difference that matters to the outlines (mean Dice 0.730 against "
         "0.780, difference +0.000, 95 % interval +0.000 to +0.000)."),
    ],
)  # fmt: skip
def test_the_verdict_is_where_the_interval_lies_against_the_margin(
    limits: tuple[float, float], measure: str, verdict: str, sentence: str
) -> None:
    low, high = limits
    difference = Measure(value=(low + high) / 2, low=low, high=high, method="paired")
    found = effect("Y-Net", measure, (0.73, 0.78), Compared(difference, 0.01, 0.02), options=Evaluation())
    assert (found["verdict"], found["sentence"]) == (verdict, sentence)
    assert [found[key] for key in ("joint", "alone", "difference")] == [0.73, 0.78, difference]
    assert found["task"] == ("segmentation" if measure == "dice" else "classification")
    assert (found["p"], found["p_corrected"]) == (0.01, 0.02)
    assert found["learnt"] == ("outlines" if measure == "dice" else "classes")


def test_without_a_corrected_p_value_below_five_per_cent_nothing_is_better() -> None:
    difference = Measure(value=0.05, low=0.03, high=0.07)
    found = effect("Y-Net", "auc", (0.8, 0.75), Compared(difference, 0.02, 0.06), options=Evaluation())
    assert found["verdict"] == "cannot be told"


def test_networks_that_outline_nothing_are_not_told_to_be_equally_good() -> None:
    difference = Measure(value=-0.002, low=-0.006, high=0.0)
    found = effect("Y-Net", "dice", (0.074, 0.076), Compared(difference, 0.6, 0.6), options=Evaluation())
    assert "to the outlines; neither network outlines the lesions (mean Dice 0.074" in str(found["sentence"])
    area = effect("Y-Net", "auc", (0.074, 0.076), Compared(difference, 0.6, 0.6), options=Evaluation())
    assert "outlines the lesions" not in str(area["sentence"])
