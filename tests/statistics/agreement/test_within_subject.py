"""Repeatability against published and computed numbers."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import repeatability

# Bland and Altman 1986, table 1: two measurements each of 17 subjects.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
WRIGHT_AGAIN = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
MINI_AGAIN = [525, 415, 508, 444, 500, 625, 460, 390, 642, 432, 420, 605, 227, 467, 268, 370, 443]


def test_peak_flow_meters() -> None:
    # Bland & Altman 1999, section 4: within-subject standard deviations 15.3 and 19.9 l/min.
    for first, second, sd in ((WRIGHT, WRIGHT_AGAIN, 15.3), (MINI, MINI_AGAIN, 19.9)):
        found = repeatability(first + second, list(range(17)) * 2)
        assert found.within_sd.value == pytest.approx(sd, abs=0.05)
        assert found.smallest_detectable_change.value == pytest.approx(2.77 * found.within_sd.value, rel=1e-3)


def test_equals_an_analysis_of_variance_in_r() -> None:
    # R 4.2, sqrt of the residual mean square of aov(x ~ subject), and expm1 of that of aov(log(x) ~ subject).
    found = repeatability(WRIGHT + WRIGHT_AGAIN, list(range(17)) * 2)
    assert found.within_sd.value == pytest.approx(15.30666906, rel=1e-9)
    assert found.coefficient_of_variation.value == pytest.approx(0.0356456526, rel=1e-8)


def test_interval_covers() -> None:
    rng = np.random.default_rng(3)
    subject = np.repeat(np.arange(10), 3)
    covered = 0
    for _ in range(400):
        values = 5 * rng.normal(size=10)[subject] + rng.normal(size=30)
        found = repeatability(values, subject).within_sd
        covered += found.low <= 1 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_columns_are_not_exchanged_and_single_measurements_are_left_out() -> None:
    found = repeatability([1.0, 1.2, 5.0, 5.4, 9.9], ["a", "a", "b", "b", "c"])
    assert (found.subjects, found.single, found.within_sd.n) == (2, 1, 4)
    assert found.within_sd.value == pytest.approx(math.sqrt((0.02 + 0.08) / 2))
    doubled = repeatability([2.0, 2.4, 10.0, 10.8], ["a", "a", "b", "b"])
    assert doubled.within_sd.value == pytest.approx(2 * found.within_sd.value)
    assert doubled.coefficient_of_variation.value == pytest.approx(found.coefficient_of_variation.value)


def test_a_spread_that_grows_with_size_is_seen() -> None:
    rng = np.random.default_rng(8)
    size = np.repeat(np.linspace(2, 60, 40), 2)
    found = repeatability(size * np.exp(0.1 * rng.normal(size=80)), np.repeat(np.arange(40), 2))
    assert found.size_dependence > 0.2
    assert found.size_dependence_p < 0.01
    assert found.coefficient_of_variation.low < 0.105 < found.coefficient_of_variation.high


def test_the_clustered_error_is_that_of_leaving_patients_out() -> None:
    rng = np.random.default_rng(5)
    patient = np.repeat([0, 0, 1, 2, 2, 2, 3, 4], 3)
    subject, values = np.repeat(np.arange(8), 3), rng.normal(20, 1, size=24)
    left_out = [np.log(repeatability(values[patient != p], subject[patient != p]).within_sd.value) for p in range(5)]
    found = repeatability(values, subject, cluster=patient).within_sd
    assert found.se / found.value == pytest.approx(math.sqrt(4 / 5 * np.sum((left_out - np.mean(left_out)) ** 2)))
    assert found.value == pytest.approx(repeatability(values, subject).within_sd.value)


def test_copies_within_patients_add_no_information() -> None:
    rng = np.random.default_rng(4)
    values, subject = rng.normal(10, 1, size=60), np.repeat(np.arange(30), 2)
    one = repeatability(values, subject, cluster=subject).within_sd
    copied = np.concatenate([values, values]), np.concatenate([subject, subject + 100])
    two = repeatability(*copied, cluster=np.concatenate([subject, subject])).within_sd
    assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))
    assert (two.n, two.clusters) == (120, 30)
    # With independent subjects the error is near that of the chi-square distribution.
    assert one.se == pytest.approx(repeatability(values, subject).within_sd.se, rel=0.35)
    with pytest.raises(StatisticsError, match="two patients"):
        repeatability([1, 2, 3, 4], [1, 1, 2, 2], cluster=[7, 7, 7, 7])
    with pytest.raises(StatisticsError, match="one value of `cluster`"):
        repeatability([1, 2, 3, 4], [1, 1, 2, 2], cluster=[1, 2, 3, 3])


def test_edges() -> None:
    assert math.isnan(repeatability([0, 1, 2, 3], [1, 1, 2, 2]).coefficient_of_variation.value)
    assert repeatability([1, 1, 2, 2], [1, 1, 2, 2]).within_sd.value == 0
    with pytest.raises(StatisticsError, match="more than once"):
        repeatability([1, 2], [1, 2])
    with pytest.raises(StatisticsError, match="one length"):
        repeatability([1, 2], [1, 2, 2])
    with pytest.raises(StatisticsError, match="multiple"):
        repeatability([1, 2], [1, 1], multiple=-1)
