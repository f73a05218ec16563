"""Power of McNemar's test against every possible table."""

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import discordant_shares, paired_calls_power, patients_for_paired_calls


def test_shares_have_the_wanted_margins_and_correlation() -> None:
    only_a, only_b = discordant_shares(0.7, 0.9, correlation=0.2)
    both = 0.7 - only_a
    assert only_b - only_a == pytest.approx(0.2)
    assert (both - 0.7 * 0.9) / np.sqrt(0.7 * 0.3 * 0.9 * 0.1) == pytest.approx(0.2)
    assert discordant_shares(0.8, 0.6, correlation=0) == pytest.approx((0.32, 0.12))


def test_power_is_that_of_all_tables() -> None:
    # Every multinomial table of 120 pairs, tested by McNemar's chi-square at 5 %.
    pairs, (a, b) = 120, discordant_shares(0.75, 0.9, correlation=0.3)
    only_a, only_b = np.indices((pairs + 1, pairs + 1))
    inside = only_a + only_b <= pairs
    x = np.stack([only_a, only_b, pairs - only_a - only_b], axis=-1)[inside]
    probability = stats.multinomial.pmf(x, pairs, [a, b, 1 - a - b])
    discordant = np.maximum(x[:, 0] + x[:, 1], 1)
    rejected = (x[:, 0] - x[:, 1]) ** 2 / discordant > stats.chi2.isf(0.05, 1)
    exact = probability[rejected].sum()
    assert paired_calls_power(0.75, 0.9, pairs=pairs, correlation=0.3) == pytest.approx(exact, abs=0.025)


def test_connor_by_hand() -> None:
    # Connor 1987: n = (z_a sqrt(psi) + z_b sqrt(psi - d^2))^2 / d^2 with psi = 0.2 and d = 0.1.
    z_a, z_b = 1.959964, 0.841621
    wanted = (z_a * np.sqrt(0.2) + z_b * np.sqrt(0.19)) ** 2 / 0.01
    found = patients_for_paired_calls(0.8, 0.9, correlation=0.25, prevalence=0.2)
    assert found.positives == np.ceil(wanted) and found.negatives == 4 * found.positives
    assert found.power >= 0.8


def test_correlated_calls_need_fewer_patients_and_order_does_not_matter() -> None:
    free, tied = (patients_for_paired_calls(0.8, 0.9, correlation=c).positives for c in (0.0, 0.5))
    assert tied < 0.7 * free
    assert paired_calls_power(0.9, 0.8, pairs=90, correlation=0.1) == pytest.approx(
        paired_calls_power(0.8, 0.9, pairs=90, correlation=0.1)
    )


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="cannot have a correlation"):
        discordant_shares(0.6, 0.95, correlation=0.9)
    with pytest.raises(StatisticsError, match="two different"):
        paired_calls_power(0.8, 0.8, pairs=10, correlation=0)
    with pytest.raises(StatisticsError, match="at least one case"):
        paired_calls_power(0.8, 0.9, pairs=0, correlation=0)
    with pytest.raises(StatisticsError, match="`sensitivity_b`"):
        discordant_shares(0.8, 1.0, correlation=0)
