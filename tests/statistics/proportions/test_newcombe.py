"""Newcombe's intervals against his published table and R's epiR."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_calls, compare_proportions, proportion_difference
from thyrosight.statistics.proportions.newcombe import paired_newcombe_interval

# Newcombe, Stat Med 1998;17:873, Table II, method 10
PUBLISHED = [
    ((56, 70, 48, 80), 0.0524, 0.3339),
    ((9, 10, 3, 10), 0.1705, 0.8090),
    ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926),
    ((0, 10, 0, 20), -0.1611, 0.2775),
    ((0, 10, 0, 10), -0.2775, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0),
    ((10, 10, 0, 10), 0.6075, 1.0),
]
# epiR 2.0.57: epi.conf(matrix(c(both, only a, only b, neither), nrow = 1), ctype = "prop.paired")
IN_EPIR = [
    ((14, 5, 0, 22), 0.011483241383033, 0.22649268435121),
    ((36, 12, 2, 0), 0.056929584003239, 0.34042760297494),
    ((53, 4, 16, 27), -0.20413360775196, -0.032869425491316),
    ((20, 4, 0, 0), -0.0036666188525691, 0.35853070649699),
]
PAIRS = st.tuples(*[st.integers(0, 30)] * 4).filter(any)


@pytest.mark.parametrize(("counts", "low", "high"), PUBLISHED)
def test_unpaired_intervals_equal_the_published_table(counts: tuple, low: float, high: float) -> None:
    found = proportion_difference(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert found.n == counts[1] + counts[3]


@pytest.mark.parametrize(("pairs", "low", "high"), IN_EPIR)
def test_paired_intervals_equal_epiR(pairs: tuple, low: float, high: float) -> None:  # noqa: N802
    assert paired_newcombe_interval(pairs, confidence=0.95) == pytest.approx((low, high), rel=1e-10)


@given(PAIRS)
def test_exchanging_the_readers_turns_the_paired_interval_round(pairs: tuple[int, int, int, int]) -> None:
    both, only_a, only_b, neither = pairs
    low, high = paired_newcombe_interval(pairs, confidence=0.9)
    turned = paired_newcombe_interval((both, only_b, only_a, neither), confidence=0.9)
    assert turned == pytest.approx((-high, -low), abs=1e-12)
    assert low - 1e-12 <= (only_a - only_b) / sum(pairs) <= high + 1e-12


def test_comparisons_take_the_interval_and_name_it() -> None:
    a, b = np.repeat([1, 1, 0, 0], [53, 4, 16, 27]), np.repeat([1, 0, 1, 0], [53, 4, 16, 27])
    single = compare_proportions(
        np.ones(100), a, b, quantity="sensitivity", method="mcnemar-mid-p", interval="newcombe"
    )
    both = compare_calls(np.ones(100), a, b, interval="newcombe").sensitivity
    for found in (single, both):
        assert found is not None
        assert (found.low, found.high) == pytest.approx(IN_EPIR[2][1:], rel=1e-10)
        assert found.method.endswith("; hybrid score interval (Newcombe)")
    assert compare_calls(np.ones(100), a, b).sensitivity.method == "McNemar, exact; score interval (Tango)"  # type: ignore[union-attr]


def test_bad_input_gets_one_sentence() -> None:
    with pytest.raises(StatisticsError, match="at most `n` successes, got 11 of 10"):
        proportion_difference(11, 10, 1, 10)
    with pytest.raises(StatisticsError, match="`interval` to be one of 'tango', 'newcombe'"):
        compare_proportions([1, 1], [1, 0], [0, 1], quantity="sensitivity", interval="wald")
