"""NRI and IDI against improveProb of Hmisc, and what they do for a marker without information."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_risks


def test_values_and_errors_are_those_of_hmisc(simulated: pd.DataFrame, in_r_calibration: dict[str, Any]) -> None:
    # Hmisc 4.8.0, improveProb(risk, other, truth): continuous NRI, IDI and their standard errors.
    golden = in_r_calibration["improve_prob"]
    found = compare_risks(simulated["truth"], in_r_calibration["other"], in_r_calibration["risk"])
    assert found.continuous.events.value == pytest.approx(golden["nri.ev"])
    assert found.continuous.nonevents.value == pytest.approx(golden["nri.ne"])
    assert found.continuous.total.value == pytest.approx(golden["nri"])
    assert found.idi.value == pytest.approx(golden["idi"])
    assert found.idi_events.value == pytest.approx(golden["improveSens"])
    assert found.idi_nonevents.value == pytest.approx(golden["improveSpec"])
    assert found.continuous.events.se == pytest.approx(golden["se.nri.ev"], rel=0.05)
    assert found.continuous.total.se == pytest.approx(golden["se.nri"], rel=0.05)
    assert found.idi.se == pytest.approx(golden["se.idi"], rel=0.05)
    assert found.table is None and found.net_benefit == ()


def test_categorical_improvement_is_that_of_the_table() -> None:
    rng = np.random.default_rng(2)
    truth, old = rng.integers(0, 2, 200), rng.random(200)
    new = np.clip(old + rng.normal(0.1, 0.3, 200) * (2 * truth - 1), 0, 1)
    found = compare_risks(truth, new, old, thresholds=[0.3, 0.7], replicates=50)
    assert found.table is not None and found.categorical is not None
    for counts, part, sign in (
        (found.table.events, found.categorical.events, 1),
        (found.table.nonevents, found.categorical.nonevents, -1),
    ):
        table = np.array(counts)
        assert part.value == pytest.approx(sign * (np.triu(table, 1).sum() - np.tril(table, -1).sum()) / table.sum())


def test_one_threshold_weighted_is_net_benefit() -> None:
    # Van Calster et al. 2013: prevalence * NRI of events / t + (1 - prevalence) * NRI of non-events / (1 - t).
    rng = np.random.default_rng(3)
    truth, new, old = rng.integers(0, 2, 90), rng.random(90), rng.random(90)
    found = compare_risks(truth, new, old, thresholds=[0.2], replicates=20)
    assert found.categorical is not None
    share = truth.mean()
    expected = share * found.categorical.events.value / 0.2 + (1 - share) * found.categorical.nonevents.value / 0.8
    assert found.net_benefit[0].weighted_nri.value == pytest.approx(expected)
    assert found.net_benefit[0].difference.value == pytest.approx(0.2 * expected)


@given(st.integers(0, 10_000))
def test_exchanging_the_models_changes_the_sign(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, a, b = np.tile([0, 1], 10), rng.random(20), rng.random(20)
    one, other = (compare_risks(truth, *pair, thresholds=[0.4], replicates=10) for pair in ((a, b), (b, a)))
    assert one.continuous.total.value == pytest.approx(-other.continuous.total.value)
    assert one.idi.value == pytest.approx(-other.idi.value)
    assert one.idi.low == pytest.approx(-other.idi.high)


def test_patients_are_drawn_whole() -> None:
    rng = np.random.default_rng(4)
    truth, new, old = rng.integers(0, 2, 80), rng.random(80), rng.random(80)
    once = compare_risks(truth, new, old)
    copies = [np.repeat(column, 3) for column in (truth, new, old)]
    found = compare_risks(*copies, cluster=np.repeat(np.arange(80), 3))
    assert found.idi.se == pytest.approx(once.idi.se, rel=1e-6)
    assert found.idi.clusters == 80 and compare_risks(*copies).idi.se < 0.7 * once.idi.se


def test_a_useless_marker_can_look_useful_and_the_notes_say_so() -> None:
    # Spreading calibrated risks moves most events up and most others down: NRI is positive, net benefit is not.
    rng = np.random.default_rng(5)
    eta = rng.normal(0, 1, 4000)
    truth = (rng.random(4000) < 1 / (1 + np.exp(-eta))).astype(int)
    old, new = 1 / (1 + np.exp(-eta)), 1 / (1 + np.exp(-2.5 * eta))
    found = compare_risks(truth, new, old, thresholds=[0.2, 0.8], replicates=100)
    assert found.continuous.total.low > 0 and found.idi.low > 0
    assert all(item.difference.high < 0 for item in found.net_benefit)
    assert "no information" in found.notes[0] and not hasattr(found.continuous, "p")


def test_samples_without_a_class_are_counted_as_undefined() -> None:
    found = compare_risks([1, 0, 0], [0.5, 0.2, 0.1], [0.4, 0.2, 0.2], replicates=200)
    assert "undefined" in found.continuous.events.method and not math.isnan(found.idi.low)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        compare_risks([1, 1], [0.1, 0.2], [0.2, 0.3])
    with pytest.raises(StatisticsError, match="rise"):
        compare_risks([0, 1], [0.1, 0.2], [0.2, 0.3], thresholds=[0.9, 0.1])
    with pytest.raises(StatisticsError, match="`confidence`"):
        compare_risks([0, 1], [0.1, 0.2], [0.2, 0.3], confidence=95)
