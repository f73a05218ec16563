"""Reliability, Brier and calibration error against arithmetic and identities."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import brier, calibration_error, reliability_curve
from thyrosight.statistics.calibration.reliability import BINNINGS

pairs = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60)


def _calibrated(n: int, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    probability = rng.beta(1, 2, n)
    return (rng.random(n) < probability).astype(np.int64), probability


@settings(max_examples=80, deadline=None)
@given(pairs, st.integers(1, 12), st.sampled_from(BINNINGS))
def test_every_case_is_in_one_bin_and_means_add_up(pairs: list[tuple[int, float]], bins: int, binning: str) -> None:
    truth, probability = [y for y, _ in pairs], [p for _, p in pairs]
    curve = reliability_curve(truth, probability, bins=bins, binning=binning)
    assert 1 <= len(curve.bins) <= bins
    assert sum(b.observed.n for b in curve.bins) == len(pairs) == curve.n
    assert sum(b.observed.n * b.mean_probability for b in curve.bins) == pytest.approx(sum(probability))
    assert sum(b.observed.n * b.observed.value for b in curve.bins) == pytest.approx(sum(truth))
    for b in curve.bins:
        assert b.low - 1e-12 <= b.mean_probability <= b.high + 1e-12
        assert b.observed.low <= b.observed.value + 1e-12 and b.observed.value <= b.observed.high + 1e-12


def test_equal_mass_bins_hold_equal_numbers() -> None:
    truth, probability = _calibrated(1000, 1)
    assert [b.observed.n for b in reliability_curve(truth, probability).bins] == [100] * 10


def test_equal_probabilities_are_not_divided() -> None:
    curve = reliability_curve([0, 1, 0, 1, 1], [0.2, 0.2, 0.2, 0.2, 0.9], bins=4)
    assert [b.observed.n for b in curve.bins] == [4, 1]
    assert len(reliability_curve([0, 1, 1], [0.5, 0.5, 0.5], bins=5).bins) == 1


def test_edges_of_equal_width_bins_belong_to_the_bin_above_and_one_to_the_last() -> None:
    curve = reliability_curve([0, 1, 1, 1], [0.0, 0.5, 0.99, 1.0], bins=2, binning="equal-width")
    assert [b.observed.n for b in curve.bins] == [1, 3]


@pytest.mark.parametrize("bins", [5, 10, 20, 30])
def test_every_edge_of_equal_width_bins_is_in_the_bin_that_it_opens(bins: int) -> None:
    edges = [k / bins for k in range(bins)]
    curve = reliability_curve([0] * bins, edges, bins=bins, binning="equal-width")
    assert [b.observed.n for b in curve.bins] == [1] * bins
    assert [b.low for b in curve.bins] == edges


def test_risks_rounded_to_tenths_have_a_bin_each() -> None:
    # 0.2: 1 of 10, 0.3: 4 of 10, 0.6: 5 of 10, 0.7: 8 of 10; every risk is 0.1 off. Risks that share a bin hide it.
    risk = np.repeat([0.2, 0.3, 0.6, 0.7], 10)
    truth = np.concatenate([np.repeat([1, 0], [events, 10 - events]) for events in (1, 4, 5, 8)])
    found = calibration_error(truth, risk, bins=10, binning="equal-width", replicates=20)
    assert found.value == pytest.approx(0.1)


def test_wilson_interval_of_a_bin() -> None:
    # 290 of 323 in one bin: the interval of the reference file proportions.json.
    truth = [1] * 290 + [0] * 33
    observed = reliability_curve(truth, [0.9] * 323).bins[0].observed
    assert (observed.low, observed.high) == (pytest.approx(0.8599910221251), pytest.approx(0.9263229324365))


@settings(max_examples=80, deadline=None)
@given(pairs, st.one_of(st.none(), st.integers(1, 8)), st.sampled_from(BINNINGS))
def test_brier_identity_is_exact(pairs: list[tuple[int, float]], bins: int | None, binning: str) -> None:
    truth, probability = np.array([y for y, _ in pairs]), np.array([p for _, p in pairs])
    parts = brier(truth, probability, bins=bins, binning=binning)
    total = parts.reliability - parts.resolution + parts.uncertainty
    total += parts.within_bin_variance - parts.within_bin_covariance
    assert parts.score.value == pytest.approx(((probability - truth) ** 2).mean())
    assert total == pytest.approx(parts.score.value, abs=1e-12)
    if bins is None:
        assert parts.within_bin_variance == pytest.approx(0, abs=1e-15)


def test_brier_of_a_constant_forecast_at_the_prevalence_has_no_skill() -> None:
    parts = brier([0, 0, 0, 1], [0.25] * 4)
    assert (parts.reliability, parts.resolution, parts.skill) == (0, 0, 0)
    assert parts.score.value == parts.uncertainty == 0.1875


def test_calibration_error_by_hand_and_its_limits() -> None:
    # Bin below 0.5: mean 0.2, observed 1/2; above: mean 0.8, observed 1: (2 * 0.3 + 2 * 0.2) / 4.
    found = calibration_error([0, 1, 1, 1], [0.1, 0.3, 0.7, 0.9], bins=2, replicates=50)
    assert found.value == pytest.approx(0.25)
    truth, probability = _calibrated(20_000, 2)
    assert calibration_error(truth, probability, replicates=50).value < 0.01
    assert calibration_error(truth, probability**2, replicates=50).value > 0.05


def test_calibration_error_resamples_patients_whole() -> None:
    truth, probability = _calibrated(100, 5)
    once = calibration_error(truth, probability, bins=5, replicates=400)
    tenfold = [np.repeat(a, 10) for a in (truth, probability, np.arange(100))]
    repeated = calibration_error(tenfold[0], tenfold[1], bins=5, cluster=tenfold[2], replicates=400)
    naive = calibration_error(tenfold[0], tenfold[1], bins=5, replicates=400)
    # Ten copies of each case tell nothing new: the clustered width stays, the naive one shrinks by about sqrt(10).
    assert repeated.high - repeated.low == pytest.approx(once.high - once.low, rel=0.05)
    assert naive.high - naive.low < 0.5 * (once.high - once.low)
    assert repeated.clusters == 100


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="binning"):
        reliability_curve([0, 1], [0.1, 0.2], binning="equal")
    with pytest.raises(StatisticsError, match="at least 1"):
        reliability_curve([0, 1], [0.1, 0.2], bins=0)
    with pytest.raises(StatisticsError, match="from 0 to 1"):
        brier([0, 1], [-0.1, 0.2])
    with pytest.raises(StatisticsError, match="one length"):
        calibration_error([0, 1], [0.1])
