"""Calibrators: finite on anything, never turning the ranking around, stored and read back alike."""

import json
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import calibrator_from_dict, fit_calibrator
from thyrosight.statistics.calibration.calibrators import METHODS

cases = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=30).filter(
    lambda pairs: 0 < sum(y for y, _ in pairs) < len(pairs)
)


def _drawn(n: int = 20_000, seed: int = 3) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Cases with known risk expit(eta), and a network that says expit(2 eta + 1) instead."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-1, 1.2, n)
    return (rng.random(n) < expit(eta)).astype(np.int64), expit(2 * eta + 1)


@settings(max_examples=60, deadline=None)
@given(cases, st.sampled_from(METHODS))
def test_any_data_give_a_finite_rising_map_that_survives_storage(pairs: list[tuple[int, float]], method: str) -> None:
    truth, probability = [y for y, _ in pairs], [p for _, p in pairs]
    calibrator = fit_calibrator(truth, probability, method=method)
    assert calibrator.method == method
    grid = np.linspace(0, 1, 101)
    risk = calibrator.apply(grid)
    assert np.isfinite(risk).all() and (risk >= 0).all() and (risk <= 1).all()
    assert (np.diff(risk) >= -1e-12).all()
    stored = json.loads(json.dumps(calibrator.to_dict(), allow_nan=False))
    again = calibrator_from_dict(stored)
    assert again == calibrator
    assert np.array_equal(again.apply(grid), risk)


@pytest.mark.parametrize("method", ["platt", "temperature", "isotonic", "beta"])
def test_separated_classes_do_not_become_certainties(method: str) -> None:
    risk = fit_calibrator([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0], method=method).apply([0.0, 0.1, 0.9, 1.0])
    assert risk.min() > 0 and risk.max() < 1
    # Two of each: Platt's targets are 1/4 and 3/4, which platt and isotonic can meet.
    if method == "isotonic":
        assert risk == pytest.approx([0.25, 0.25, 0.75, 0.75])


def test_platt_finds_the_line_that_undoes_the_distortion() -> None:
    truth, probability = _drawn()
    calibrator = fit_calibrator(truth, probability, method="platt")
    # The network said 2 eta + 1; the way back is eta = 0.5 (2 eta + 1) - 0.5.
    parameters = calibrator.to_dict()
    assert parameters["slope"] == pytest.approx(0.5, abs=0.03)
    assert parameters["intercept"] == pytest.approx(-0.5, abs=0.06)


def test_platt_solves_its_estimating_equations() -> None:
    truth, probability = np.array([0, 0, 1, 0, 1, 1, 0]), np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 0.4])
    target = np.where(truth == 1, 4 / 5, 1 / 6)  # three events, four others
    residual = fit_calibrator(truth, probability, method="platt").apply(probability) - target
    assert residual.sum() == pytest.approx(0, abs=1e-6)
    assert (residual * logit(probability)).sum() == pytest.approx(0, abs=1e-6)


def test_temperature_recovers_a_known_temperature() -> None:
    rng = np.random.default_rng(4)
    eta = rng.normal(0, 1.5, 30_000)
    truth = (rng.random(eta.size) < expit(eta)).astype(np.int64)
    calibrator = fit_calibrator(truth, expit(3 * eta), method="temperature")
    assert calibrator.to_dict()["temperature"] == pytest.approx(3, rel=0.05)
    assert calibrator.apply(0.5).item() == pytest.approx(0.5)


def test_beta_contains_platt_on_log_odds_as_the_case_of_equal_slopes() -> None:
    truth, probability = _drawn()
    beta = fit_calibrator(truth, probability, method="beta").to_dict()
    assert (beta["a"], beta["b"], beta["c"]) == (
        pytest.approx(0.5, abs=0.06),
        pytest.approx(0.5, abs=0.06),
        pytest.approx(-0.5, abs=0.1),
    )


def test_isotonic_is_the_pooled_mean_of_smoothed_targets() -> None:
    # Four events and two others: targets 5/6 and 1/4. The event at 0.2 and the other at 0.4 violate the order and pool.
    calibrator = fit_calibrator([0, 1, 0, 1, 1, 1], [0.1, 0.2, 0.4, 0.6, 0.8, 0.9], method="isotonic")
    pooled = (5 / 6 + 1 / 4) / 2
    assert calibrator.apply([0.1, 0.2, 0.4, 0.6, 0.9]) == pytest.approx([1 / 4, pooled, pooled, 5 / 6, 5 / 6])


def test_a_network_that_ranks_the_wrong_way_is_not_turned_around() -> None:
    risk = fit_calibrator([1, 1, 1, 0, 0, 0], [0.1, 0.2, 0.3, 0.7, 0.8, 0.9], method="platt").apply([0.1, 0.9])
    assert risk[0] < risk[1]


def test_none_keeps_probabilities_and_shapes() -> None:
    calibrator = fit_calibrator([0, 1], [0.2, 0.9], method="none")
    table = np.array([[0.1, 0.2], [0.3, 1.0]])
    assert np.array_equal(calibrator.apply(table), table)
    assert calibrator.apply([]).size == 0


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        fit_calibrator([1, 1], [0.2, 0.3])
    with pytest.raises(StatisticsError, match=r"from 0 to 1, got 1\.5 at position 1"):
        fit_calibrator([0, 1], [0.2, 1.5])
    with pytest.raises(StatisticsError, match="one of 'platt'"):
        fit_calibrator([0, 1], [0.2, 0.5], method="magic")
    with pytest.raises(StatisticsError, match="finite"):
        fit_calibrator([0, 1], [0.2, 0.5]).apply([math.nan])


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"method": "magic"}, "one of platt"),
        ({}, "one of platt"),
        ({"method": "platt", "slope": 1.0}, "Expected the parameters"),
        ({"method": "platt", "slope": 1.0, "intercept": 0.0, "more": 1}, "Expected the parameters"),
        ({"method": "platt", "slope": math.nan, "intercept": 0.0}, "finite number"),
        ({"method": "platt", "slope": "1", "intercept": 0.0}, "finite number"),
        ({"method": "temperature", "temperature": 0}, "above 0"),
        ({"method": "beta", "a": -1, "b": 1, "c": 0}, "0 or more"),
        ({"method": "isotonic", "probability": [0.1, 0.1], "calibrated": [0.2, 0.3]}, "damaged"),
        ({"method": "isotonic", "probability": [0.1, 0.2], "calibrated": [0.4, 0.3]}, "damaged"),
        ({"method": "isotonic", "probability": [0.1], "calibrated": [0.4, 0.5]}, "one length"),
    ],
)
def test_a_damaged_store_is_refused(stored: dict[str, object], said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        calibrator_from_dict(stored)


def test_a_printed_calibrator_names_what_it_was_fitted_to() -> None:
    truth, risk = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9]
    text = str(fit_calibrator(truth, risk, method="temperature"))
    assert text.startswith("temperature scaling (temperature ")
    for method in ("platt", "temperature", "beta", "isotonic"):
        assert str(fit_calibrator(truth, risk, method=method)).endswith(", fitted to Platt's smoothed targets")
    assert str(fit_calibrator(truth, risk, method="none")) == "not calibrated"
