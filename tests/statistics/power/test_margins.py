"""Power of non-inferiority and equivalence against every possible table and simulated areas."""

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    auc_margin_power,
    auc_standard_error,
    discordant_shares,
    paired_margin_power,
    paired_margin_test,
    patients_for_auc_margin,
    patients_for_paired_margin,
)


@pytest.mark.parametrize("aim", ["non-inferiority", "equivalence"])
def test_power_is_that_of_all_tables(aim: str) -> None:
    # Every multinomial table of 60 pairs, tested by Tango's score interval as the package does it.
    pairs, (new, reference) = 60, discordant_shares(0.85, 0.85, correlation=0.4)
    power = 0.0
    for only_new in range(pairs + 1):
        for only_reference in range(pairs + 1 - only_new):
            rest = pairs - only_new - only_reference
            chance = stats.multinomial.pmf(
                [only_new, only_reference, rest], pairs, [new, reference, 1 - new - reference]
            )
            if chance > 1e-5:
                power += chance * paired_margin_test(only_new, only_reference, pairs, margin=0.2, aim=aim).shown
    found = paired_margin_power(0.85, 0.85, margin=0.2, pairs=pairs, correlation=0.4, aim=aim)
    assert found == pytest.approx(power, abs=0.03)


def test_at_the_margin_the_power_is_the_error() -> None:
    at_margin = paired_margin_power(0.8, 0.9, margin=0.1, pairs=200, correlation=0.2)
    assert at_margin == pytest.approx(0.025, abs=0.002)
    assert auc_margin_power(0.8, 0.85, margin=0.05, positives=80, negatives=80, correlation=0.5) == pytest.approx(
        0.025, abs=1e-6
    )


def test_a_better_new_test_needs_fewer_patients_and_the_order_matters() -> None:
    equal, better = (
        patients_for_paired_margin(new, 0.85, margin=0.1, correlation=0.2).positives for new in (0.85, 0.88)
    )
    assert better < 0.8 * equal
    with pytest.raises(StatisticsError, match="beyond the margin"):
        patients_for_paired_margin(0.7, 0.85, margin=0.1, correlation=0.2)


def test_auc_by_hand() -> None:
    se = auc_standard_error(0.85, positives=300, negatives=600)
    power = auc_margin_power(0.85, 0.85, margin=0.06, positives=300, negatives=600, correlation=0.4)
    assert power == pytest.approx(stats.norm.cdf(0.06 / (se * np.sqrt(1.2)) - stats.norm.isf(0.025)))
    both = auc_margin_power(0.85, 0.85, margin=0.06, positives=300, negatives=600, correlation=0.4, aim="equivalence")
    assert both == pytest.approx(2 * power - 1)
    upper, lower = (
        auc_margin_power(new, 0.85, margin=0.06, positives=300, negatives=600, correlation=0.4, aim=aim, confidence=0.9)
        for new, aim in ((0.87, "equivalence"), (0.87, "non-inferiority"))
    )
    assert upper < 0.85 * lower  # nearer to the upper margin, equivalence is harder to show than non-inferiority
    size = patients_for_auc_margin(0.86, 0.85, margin=0.06, correlation=0.4, prevalence=1 / 3)
    assert 0.8 <= size.power < 0.82 and size.negatives == 2 * size.positives


def test_perfectly_tied_calls() -> None:
    assert paired_margin_power(0.9, 0.9, margin=0.1, pairs=200, correlation=1.0) == 1
    assert paired_margin_power(0.9, 0.9, margin=0.01, pairs=5, correlation=1.0) == 0


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="`aim`"):
        paired_margin_power(0.9, 0.9, margin=0.1, pairs=9, correlation=0, aim="superiority")
    with pytest.raises(StatisticsError, match="`margin`"):
        auc_margin_power(0.9, 0.9, margin=0, positives=9, negatives=9, correlation=0)
    with pytest.raises(StatisticsError, match="`correlation`"):
        auc_margin_power(0.9, 0.9, margin=0.1, positives=9, negatives=9, correlation=1)
    with pytest.raises(StatisticsError, match="beyond the margin"):
        patients_for_auc_margin(0.95, 0.85, margin=0.1, correlation=0.2, aim="equivalence")
