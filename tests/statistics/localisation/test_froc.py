"""The FROC curve against the evaluation that LUNA16 uses, and its intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import MarkedCases, froc_curve, marked_cases

FALSE = [0.95, 0.8, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.3, 0.3, 0.2, 0.15, 0.1, 0.1, 0.05]
TRUE = [0.99, 0.9, 0.8, 0.75, 0.6, 0.45, 0.3, 0.2]
# monai 1.6.1: compute_froc_curve_data(FALSE, TRUE, num_targets=11, num_images=7), then compute_froc_score at the seven
# rates, and numpy's interpolation at each, which that score averages.
MONAI_FALSE = [0.0, 0.0, 0.142857, 0.142857, 0.428571, 0.428571, 0.571429, 0.714286, 0.857143, 1.0, 1.0, 1.142857,
               1.285714, 1.571429, 1.714286, 1.857143, 2.142857]  # fmt: skip
MONAI_SENSITIVITY = [0.0, 0.090909, 0.090909, 0.181818, 0.272727, 0.363636, 0.363636, 0.454545, 0.454545, 0.454545,
                     0.545455, 0.545455, 0.545455, 0.636364, 0.727273, 0.727273, 0.727273]  # fmt: skip
MONAI_AT_RATES = [0.09090909090909091, 0.2159090909090909, 0.36363636363636365, 0.5454545454545454,
                  0.7272727272727273, 0.7272727272727273, 0.7272727272727273]  # fmt: skip
MONAI_SCORE = 0.48538961038961037


@pytest.fixture
def as_in_monai() -> MarkedCases:
    """Seven images, of which five hold the eleven lesions, eight of them marked."""
    case = [f"image {number}" for number in (0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6)]
    lesions = {"case": case, "lesion": [*map(str, range(11)), None, None]}
    marks = {
        "case": [*case[: len(TRUE)], *(f"image {number % 7}" for number in range(len(FALSE)))],
        "lesion": [*map(str, range(len(TRUE))), *[None] * len(FALSE)],
        "confidence": [*TRUE, *FALSE],
    }
    return marked_cases(marks, lesions)


def test_the_curve_equals_monai(as_in_monai: MarkedCases) -> None:
    curve = froc_curve(as_in_monai, interpolation="linear", replicates=0)
    points = {(round(f, 6), round(s, 6)) for f, s in zip(curve.false_per_case, curve.sensitivity, strict=True)}
    # monai leaves out the mark of the lowest confidence, which alone makes a 16th false one in seven images.
    assert points - {(round(16 / 7, 6), round(8 / 11, 6))} == set(zip(MONAI_FALSE, MONAI_SENSITIVITY, strict=True))
    assert [one.value for one in curve.at_rates] == pytest.approx(MONAI_AT_RATES, rel=1e-12)
    assert curve.cpm.value == pytest.approx(MONAI_SCORE, rel=1e-12)


def test_steps_were_reached_in_fact(as_in_monai: MarkedCases) -> None:
    curve = froc_curve(as_in_monai, replicates=0)
    # 0.25 lies between one false mark in seven images and three (two share a confidence).
    assert [one.value for one in curve.at_rates] == pytest.approx(
        [1 / 11, 2 / 11, 4 / 11, 6 / 11, 8 / 11, 8 / 11, 8 / 11]
    )
    assert curve.cpm.value == pytest.approx(np.mean([one.value for one in curve.at_rates]))
    assert curve.notes[0].startswith("All marks together are 2.29 false ones per case: sensitivities from 4 on")


def test_marks_of_one_confidence_enter_together(by_hand: MarkedCases) -> None:
    curve = froc_curve(by_hand, replicates=0)
    assert curve.thresholds.tolist() == [np.inf, 80, 70, 60, 50, 20]
    assert curve.false_per_case.tolist() == pytest.approx([0, 0, 0.2, 0.4, 0.6, 0.8])
    assert curve.sensitivity.tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    healthy = froc_curve(by_hand, false_marks="lesion-free", replicates=0)
    assert healthy.thresholds.tolist() == [np.inf, 80, 60, 50, 20]  # the false mark at 70 lies beside a lesion
    assert healthy.false_per_case.tolist() == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])


def test_intervals_hold_the_value_and_rest_on_patients(drawn: Callable[..., MarkedCases]) -> None:
    curve = froc_curve(drawn(3, cases=60, patients=20), replicates=400)
    for estimate in (*curve.at_rates, curve.cpm):
        assert estimate.low <= estimate.value <= estimate.high
        assert (estimate.n, estimate.clusters) == (curve.lesions, 20)
    assert (curve.low <= curve.sensitivity).sum() > 0.9 * curve.low.size
    assert (np.diff(curve.low) >= 0).all() and (np.diff(curve.high) >= 0).all()
    assert curve.method == "bootstrap over patients, 400 replicates"
    again = froc_curve(drawn(3, cases=60, patients=20), replicates=400)
    assert again.to_dict() == curve.to_dict()


def test_the_same_image_ten_times_is_no_more_evidence(
    tables: Callable[..., tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    marks, lesions = tables(5, cases=20)
    many = []
    for table in (marks, lesions):
        copied = {name: column * 10 for name, column in table.items()}
        copied["case"] = [f"{case}/{copy}" for copy in range(10) for case in table["case"]]
        many.append(copied)
    many[1]["patient"] = lesions["case"] * 10
    once = froc_curve(marked_cases(marks, lesions, cluster="case"), replicates=300)
    often = froc_curve(marked_cases(many[0], many[1], cluster="patient"), replicates=300)
    for one, other in zip((*once.at_rates, once.cpm), (*often.at_rates, often.cpm), strict=True):
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_all_found_is_not_certain() -> None:
    case = [f"c{number}" for number in range(30)]
    lesions = {"case": case, "lesion": ["1"] * 20 + [None] * 10}
    marks = {"case": case[:20], "lesion": ["1"] * 20, "confidence": [1] * 20}
    found = froc_curve(marked_cases(marks, lesions), replicates=200).at_rates[0]
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(0.025 ** (1 / 20))
    assert "exact interval of 20 independent cases" in found.method


def test_bad_options_are_refused(by_hand: MarkedCases) -> None:
    with pytest.raises(StatisticsError, match="Expected `rates` above 0, got 0"):
        froc_curve(by_hand, rates=[0, 1])
    with pytest.raises(StatisticsError, match="Expected `interpolation` to be one of"):
        froc_curve(by_hand, interpolation="cubic", replicates=0)
    with pytest.raises(StatisticsError, match="Expected `false_marks` to be one of"):
        froc_curve(by_hand, false_marks="ill", replicates=0)


def test_a_printed_curve_says_what_it_rests_on(by_hand: MarkedCases) -> None:
    text = str(froc_curve(by_hand, rates=[0.5], replicates=50))
    assert text.startswith("FROC curve of 3 lesions in 5 cases (bootstrap over cases, 50 replicates)")
    assert "sensitivity at 0.5 false marks per case: 0.333" in text
    assert "1 marks on a lesion that has a higher one were not counted." in text
    assert "Cases were taken as independent" in text
