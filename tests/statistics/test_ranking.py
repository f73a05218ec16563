"""One sort of the scores, against counting pair by pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.statistics.ranking import rank


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=1, max_size=30), st.integers(0, 2**32))
def test_weighted_rates_equal_counting(rows: list[tuple[int, int]], seed: int) -> None:
    truth, score = np.array(rows).T
    weights = np.random.default_rng(seed).integers(0, 3, (4, truth.size))
    ranking = rank(truth, score.astype(float))
    sensitivity, specificity = ranking.weighted_rates(weights)
    for place, threshold in enumerate([*np.unique(score), 99]):
        called = score >= threshold
        for row in range(4):
            positive, negative = weights[row] * truth, weights[row] * (1 - truth)
            with np.errstate(invalid="ignore"):
                expected = np.float64(positive[called].sum()) / positive.sum()
                spared = np.float64(negative[~called].sum()) / negative.sum()
            np.testing.assert_allclose(sensitivity[row, place], expected, atol=1e-12)
            np.testing.assert_allclose(specificity[row, place], spared, atol=1e-12)


def test_placements_come_back_in_the_order_of_the_rows() -> None:
    truth, score = np.array([1, 0, 1, 0]), np.array([2.0, 2.0, 5.0, 1.0])
    # First positive: above one negative, level with the other. Last negative: below both positives.
    assert rank(truth, score).placements().tolist() == [0.75, 0.75, 1.0, 1.0]
