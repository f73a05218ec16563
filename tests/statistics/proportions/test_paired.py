"""McNemar's tests against R, and the score interval against the test it inverts."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from thyrosight.errors import StatisticsError
from thyrosight.statistics.proportions.paired import mcnemar, tango_interval

COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 60))


def test_p_values_equal_the_reference(reference: Callable[[str], Any]) -> None:
    # 16 and 6 discordant pairs: 10^2 / 22 = 4.545 and 9^2 / 22 = 3.682.
    expected = reference("proportions")
    for method, name in (
        ("mcnemar-exact", "mcnemar_exact"),
        ("mcnemar-chi-square", "mcnemar_chi2"),
        ("mcnemar-chi-square-corrected", "mcnemar_chi2_cc"),
    ):
        assert mcnemar(16, 6, method=method)[1] == pytest.approx(expected[name], rel=1e-9)


def test_mid_p_takes_half_of_the_observed_table() -> None:
    # P(X <= 1 of 5) = 6/32, P(X = 1) = 5/32: exact 12/32, mid-P 12/32 - 5/32.
    assert mcnemar(1, 4)[1] == pytest.approx(12 / 32)
    assert mcnemar(1, 4, method="mcnemar-mid-p")[1] == pytest.approx(7 / 32)


@pytest.mark.parametrize("pairs", [1, 2, 7, 40])
def test_mid_p_of_equal_counts_takes_half_of_the_middle(pairs: int) -> None:
    expected = 1 - math.comb(2 * pairs, pairs) / 2 / 4**pairs
    assert mcnemar(pairs, pairs, method="mcnemar-mid-p")[1] == pytest.approx(expected, rel=1e-12)


@given(st.integers(0, 30))
def test_mid_p_is_even_in_the_mean(pairs: int) -> None:
    # Under the hypothesis, the mean of a mid-P value is 1/2 for any number of discordant pairs.
    values = [mcnemar(k, pairs - k, method="mcnemar-mid-p")[1] for k in range(pairs + 1)]
    assert np.dot(values, binom.pmf(np.arange(pairs + 1), pairs, 0.5)) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("method", ["mcnemar-exact", "mcnemar-chi-square", "mcnemar-chi-square-corrected"])
@pytest.mark.parametrize("pairs", [0, 1, 7])
def test_equal_discordance_is_no_evidence(method: str, pairs: int) -> None:
    assert mcnemar(pairs, pairs, method=method)[1] == pytest.approx(1, abs=1e-15)


@given(COUNTS)
def test_score_interval_excludes_zero_exactly_when_the_chi_square_is_significant(counts: tuple[int, int, int]) -> None:
    only_a, only_b, concordant = counts
    low, high = tango_interval(only_a, only_b, only_a + only_b + concordant, confidence=0.95)
    p = mcnemar(only_a, only_b, method="mcnemar-chi-square")[1]
    assert (low > 0 or high < 0) == (p < 0.05)


@given(COUNTS)
def test_score_interval_mirrors_when_readers_change_places(counts: tuple[int, int, int]) -> None:
    only_a, only_b, concordant = counts
    n = only_a + only_b + concordant
    low, high = tango_interval(only_a, only_b, n, confidence=0.9)
    assert tango_interval(only_b, only_a, n, confidence=0.9) == pytest.approx((-high, -low), abs=1e-9)
    assert -1 <= low <= (only_a - only_b) / n <= high <= 1


def test_without_discordance_the_score_interval_is_known() -> None:
    # n d^2 / (d (1 - d)) = z^2 gives d = z^2 / (n + z^2).
    z2 = 1.959963984540054**2
    assert tango_interval(0, 0, 50, confidence=0.95) == pytest.approx((-z2 / (50 + z2), z2 / (50 + z2)), rel=1e-8)


@pytest.mark.parametrize("counts", [(-1, 2), (1.5, 2), (math.nan, 1)])
def test_discordant_pairs_must_be_counts(counts: tuple[float, float]) -> None:
    with pytest.raises(StatisticsError, match="Expected `only_a` to be a whole number"):
        mcnemar(*counts)  # type: ignore[arg-type]
