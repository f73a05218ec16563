"""ICI, E50, E90 and Emax against R, known truth, and patients."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import clustered_bootstrap, smooth_calibration

_NAMES = ("ici", "e50", "e90", "emax")


def _risks(n: int, *, shift: float = 0.0, slope: float = 1.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    eta = rng.normal(-0.5, 1.2, n)
    return (rng.random(n) < expit(shift + slope * eta)).astype(int), expit(eta)


@pytest.mark.parametrize(("name", "knots"), [("three", 3), ("four", 4), ("five", 5)])
def test_spline_indices_are_those_of_r(
    simulated: pd.DataFrame, in_r_calibration: dict[str, Any], name: str, knots: int
) -> None:
    # rms 6.5.0: distances of the fitted values of glm(truth ~ rcs(qlogis(risk), knots)) from the risks.
    found = smooth_calibration(simulated["truth"], in_r_calibration["risk"], knots=knots, replicates=2)
    golden = in_r_calibration["spline"][name]["indices"]
    assert {key: getattr(found, key).value for key in _NAMES} == pytest.approx(golden, abs=1e-7)


@pytest.mark.parametrize("degree", [1, 2])
def test_loess_indices_are_those_of_r(simulated: pd.DataFrame, in_r_calibration: dict[str, Any], degree: int) -> None:
    # R 4.2.2: loess(truth ~ risk, degree, span = 0.75), computed directly at every case.
    found = smooth_calibration(
        simulated["truth"], in_r_calibration["risk"], smoother="loess", degree=degree, replicates=2
    )
    golden = in_r_calibration["loess_direct"][f"degree_{degree}"]
    assert {key: getattr(found, key).value for key in _NAMES} == pytest.approx(golden, abs=1e-9)
    # The call of Austin and Steyerberg's appendix interpolates between the vertices of a tree.
    interpolated = in_r_calibration["loess_interpolated"]
    if degree == 2:
        assert found.ici.value == pytest.approx(interpolated["ici"], rel=0.02)


def test_val_prob_by_local_lines(simulated: pd.DataFrame, in_r_calibration: dict[str, Any]) -> None:
    # rms 6.5.0, val.prob: Eavg, E90 and Emax by lowess(iter = 0), which is loess of degree 1 with span 2/3.
    found = smooth_calibration(
        simulated["truth"], in_r_calibration["risk"], smoother="loess", degree=1, span=2 / 3, replicates=2
    )
    val = in_r_calibration["val_prob"]
    assert found.ici.value == pytest.approx(val["Eavg"], rel=0.02)
    assert found.e90.value == pytest.approx(val["E90"], rel=0.02)
    assert found.emax.value == pytest.approx(val["Emax"], rel=0.02)


def test_a_known_distortion_lies_in_the_intervals() -> None:
    truth, risk = _risks(3000, shift=0.6, slope=0.6)
    eta = np.log(risk / (1 - risk))
    distance = np.abs(expit(0.6 + 0.6 * eta) - risk)
    found = smooth_calibration(truth, risk, replicates=200)
    assert found.ici.low < distance.mean() < found.ici.high
    assert found.e90.low < np.quantile(distance, 0.9) < found.e90.high
    middle = min(found.points, key=lambda point: abs(point.predicted - 0.7))
    assert middle.low < expit(0.6 + 0.6 * np.log(middle.predicted / (1 - middle.predicted))) < middle.high
    assert found.ici.low > found.ici_if_perfect.high


def test_chance_alone_explains_the_index_of_true_risks() -> None:
    found = smooth_calibration(*_risks(400), replicates=200)
    assert found.ici_if_perfect.low < found.ici.value < found.ici_if_perfect.high
    assert found.ici.low > 0 and "chance alone" in found.notes[0]


def test_copies_of_a_patient_tell_nothing_new() -> None:
    truth, risk = _risks(150, shift=0.5)
    patient = np.repeat(np.arange(150), 3)
    copies = smooth_calibration(np.repeat(truth, 3), np.repeat(risk, 3), knots=3, cluster=patient, replicates=200)
    once = smooth_calibration(truth, risk, knots=3, replicates=200)
    assert copies.ici.se == pytest.approx(once.ici.se, rel=0.05)
    assert (copies.ici.clusters, once.ici.clusters) == (150, None)
    assert (
        smooth_calibration(np.repeat(truth, 3), np.repeat(risk, 3), knots=3, replicates=200).ici.se < 0.8 * once.ici.se
    )


def test_each_sample_is_summarised_over_its_own_cases() -> None:
    # Loess at the cases depends on nothing but the sample, so that a plain bootstrap of the whole call agrees.
    truth, risk = _risks(60, shift=0.5)
    found = smooth_calibration(truth, risk, smoother="loess", replicates=40, seed=3)

    def index(labels: np.ndarray, values: np.ndarray) -> float:
        return smooth_calibration(labels, values, smoother="loess", replicates=0).ici.value

    plain = clustered_bootstrap(index, truth, risk, replicates=40, seed=3)
    assert (found.ici.value, found.ici.low, found.ici.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_loess_is_cut_at_0_and_1() -> None:
    risk = np.linspace(0.02, 0.98, 40)
    truth = (risk > 0.45).astype(int)
    truth[[12, 25]] = [1, 0]
    found = smooth_calibration(truth, risk, smoother="loess", span=0.4, replicates=20)
    observed = [point.observed for point in found.points]
    assert (min(observed), max(observed)) == (0, 1)
    assert found.emax.value < 1


def test_truth_and_risk_are_not_exchangeable() -> None:
    truth, risk = _risks(100)
    with pytest.raises(StatisticsError, match="0 and 1"):
        smooth_calibration(risk, truth)


def test_undefined_curves_say_why() -> None:
    found = smooth_calibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert math.isnan(found.ici.value) and "separates" in found.ici.method and found.points == ()
    assert "equal" in smooth_calibration([0, 1], [0.3, 0.3], smoother="loess").method


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="'spline', 'loess'"):
        smooth_calibration([0, 1], [0.2, 0.4], smoother="lowess")
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        smooth_calibration([1, 1], [0.2, 0.4])
    with pytest.raises(StatisticsError, match="0 to 1"):
        smooth_calibration([0, 1], [0.2, 1.4])
    with pytest.raises(StatisticsError, match="knots"):
        smooth_calibration([0, 1], [0.2, 0.4], knots=7)
