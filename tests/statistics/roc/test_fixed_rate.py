"""Sensitivity at a fixed specificity, and the reverse, against R's pROC."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import sensitivity_at_specificity, specificity_at_sensitivity

# pROC 1.18.0 on the simulated study: coords(roc, x, input = "specificity", ret = "sensitivity") and the reverse
SENSITIVITY = {
    "score_a": {0.8: 0.775, 0.9: 0.71875, 0.95: 0.359375},
    "score_b": {0.8: 0.524375, 0.9: 0.4021875, 0.95: 0.34109375},
}
SPECIFICITY = {
    "score_a": {0.8: 0.776470588235294, 0.9: 0.582352941176471, 0.95: 0.511764705882353},
    "score_b": {0.8: 0.530481283422460, 0.9: 0.423529411764706, 0.95: 0.169411764705883},
}


@pytest.mark.parametrize("score", ["score_a", "score_b"])
def test_rates_equal_coords_of_pROC(score: str, simulated: pd.DataFrame) -> None:  # noqa: N802
    truth, values = simulated["truth"], simulated[score]
    for rate, expected in SENSITIVITY[score].items():
        found = sensitivity_at_specificity(truth, values, specificity=rate, replicates=2)
        assert found.value == pytest.approx(expected, rel=1e-10)
        assert found.n == truth.sum()
    for rate, expected in SPECIFICITY[score].items():
        found = specificity_at_sensitivity(truth, values, sensitivity=rate, replicates=2)
        assert found.value == pytest.approx(expected, rel=1e-10)
        assert found.n == (1 - truth).sum()


def test_intervals_are_those_of_ci_se_and_ci_sp_of_pROC(simulated: pd.DataFrame) -> None:  # noqa: N802
    # pROC 1.18.0: ci.se(roc, specificities = 0.8, boot.n = 20000) and ci.sp(roc, sensitivities = 0.9, boot.n = 20000)
    one = sensitivity_at_specificity(simulated["truth"], simulated["score_a"], specificity=0.8, replicates=4000)
    assert (one.low, one.high) == pytest.approx((0.675, 0.879166666667), abs=0.015)
    other = specificity_at_sensitivity(simulated["truth"], simulated["score_a"], sensitivity=0.9, replicates=4000)
    assert (other.low, other.high) == pytest.approx((0.454901960784, 0.776470588235), abs=0.015)


def test_alike_nodules_of_a_patient_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(80), 4)
    truth = np.repeat(np.arange(80) % 2, 4)
    score = truth + rng.normal(size=80)[patient] + 0.3 * rng.normal(size=320)
    alone = sensitivity_at_specificity(truth, score, specificity=0.8, replicates=300)
    clustered = sensitivity_at_specificity(truth, score, specificity=0.8, cluster=patient, replicates=300)
    assert clustered.value == alone.value and clustered.clusters == 80
    assert clustered.se > 1.4 * alone.se


@given(st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_exchanging_classes_and_direction_exchanges_the_rates(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    truth = np.append(rng.integers(0, 2, 28), [0, 1])
    score = truth + rng.integers(0, 6, 30)
    one = sensitivity_at_specificity(truth, score, specificity=rate, replicates=1)
    other = specificity_at_sensitivity(1 - truth, -score, sensitivity=rate, replicates=1)
    assert one.value == pytest.approx(other.value)


def test_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    truth, order = rng.integers(0, 2, 60), rng.permutation(60)
    score = truth + rng.normal(size=60).round(1)
    one = sensitivity_at_specificity(truth, score, replicates=100)
    assert one == sensitivity_at_specificity(truth[order], score[order], replicates=100)


def test_separated_classes_have_a_value_without_interval() -> None:
    found = sensitivity_at_specificity([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6], replicates=50)
    assert found.value == 1 and math.isnan(found.low) and "no measure of uncertainty" in found.method


@pytest.mark.parametrize("rate", [0, 1, 90, -0.1, math.nan])
def test_bad_input_gets_one_sentence(rate: float) -> None:
    with pytest.raises(StatisticsError, match="Expected `specificity` between 0 and 1"):
        sensitivity_at_specificity([0, 1], [1, 2], specificity=rate)
    with pytest.raises(StatisticsError, match="Expected `sensitivity` between 0 and 1"):
        specificity_at_sensitivity([0, 1], [1, 2], sensitivity=rate)
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        sensitivity_at_specificity([1, 1], [1, 2])
