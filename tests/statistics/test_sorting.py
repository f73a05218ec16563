"""The fast sort against numpy's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.statistics.sorting import ascending_order

NUMBERS = st.floats(allow_nan=False) | st.integers(-2, 2).map(float) | st.sampled_from([0.0, -0.0, 5e-324, -5e-324])


@given(st.lists(NUMBERS, min_size=1, max_size=60))
def test_scores_come_out_sorted_and_ties_are_found(scores: list[float]) -> None:
    values = np.array(scores)
    order, tied = ascending_order(values)
    assert sorted(order.tolist()) == list(range(values.size))
    assert (values[order] == np.sort(values)).all()
    assert tied == (np.unique(values).size < values.size)


def test_scores_that_differ_only_in_their_last_bits_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    spread = rng.normal(size=40_000)
    spread[[5, 17_000, 39_999]] = 1 + np.array([3, 1, 2]) * np.finfo(float).eps
    order, tied = ascending_order(spread)
    assert np.array_equal(spread[order], np.sort(spread))
    assert not tied
    spread[7] = spread[39_000]
    assert ascending_order(spread)[1]
