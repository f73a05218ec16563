"""Readers who used one test each: arithmetic by hand, and whole studies."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.comparison import compare_readers
from thyrosight.statistics.readers.groups import effects_of_groups

N = math.nan
VALUES = np.array([[0.8, 0.9, N, N, N], [N, N, 0.7, 0.75, 0.8]])
# Error variance 0.004; two readers of one test 0.0015, of two tests 0.001.
TEST = np.array([0, 0, 1, 1, 1])
OWN = np.where(TEST[:, None] == TEST, 0.0015, 0.001) + np.eye(5) * 0.0025
PLACES = TEST * 5 + np.arange(5)
MATRIX = np.zeros((10, 10))
MATRIX[np.ix_(PLACES, PLACES)] = OWN
NAMES = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}


def test_by_hand() -> None:
    result = effects_of_groups(VALUES, MATRIX, readers="random", cases="random")
    assert result.test_means == pytest.approx([0.85, 0.75])
    # Sums of squares within groups 0.005 and 0.005 on 1 + 2 degrees of freedom; groups of 2 and 3.
    pooled = 0.01 / 3
    of_readers, of_cases = pooled * (1 / 2 + 1 / 3), 2 * 0.0015 - 2 * 0.001
    assert result.difference.se == pytest.approx(math.sqrt(of_readers + of_cases))
    assert result.difference.df == pytest.approx((of_readers + of_cases) ** 2 / (of_readers**2 / 3))
    assert result.tests[0].se == pytest.approx(math.sqrt(0.005 / 2 + 0.0015))
    assert result.tests[1].df == pytest.approx((0.0025 / 3 + 0.0015) ** 2 / ((0.0025 / 3) ** 2 / 2))
    assert result.components == pytest.approx((pooled - 0.004 + 0.0015, N, 0.004, N, 0.0015, 0.001), nan_ok=True)
    assert result.global_test is not None
    statistic, p = result.between(0, 1).test(0.1)
    assert result.global_test[0] == pytest.approx(statistic**2)
    assert result.global_test[3] == pytest.approx(p)


def test_fixed_readers_and_fixed_cases() -> None:
    fixed = effects_of_groups(VALUES, MATRIX, readers="fixed", cases="random")
    contrast = np.zeros(10)
    contrast[PLACES] = [1 / 2, 1 / 2, -1 / 3, -1 / 3, -1 / 3]
    assert fixed.difference.se == pytest.approx(math.sqrt(contrast @ MATRIX @ contrast))
    assert math.isinf(fixed.difference.df)
    cases = effects_of_groups(VALUES, MATRIX, readers="random", cases="fixed")
    assert cases.difference.se == pytest.approx(math.sqrt(0.01 / 3 * (1 / 2 + 1 / 3)))
    assert cases.difference.df == pytest.approx(3)


def test_a_test_with_a_single_random_reader_is_refused() -> None:
    values = np.array([[0.8, N, N], [N, 0.7, 0.75]])
    with pytest.raises(StatisticsError, match="two or more"):
        effects_of_groups(values, np.eye(6), readers="random", cases="random")
    assert effects_of_groups(values, np.eye(6), readers="fixed", cases="random").test_means[0] == 0.8


def _study(seed: int) -> dict[str, np.ndarray]:
    """Readers 0 to 2 use test A, readers 3 to 6 test B, all on the same cases."""
    rng = np.random.default_rng(seed)
    r, c = (grid.ravel() for grid in np.meshgrid(range(7), range(40), indexing="ij"))
    truth = c % 2
    rating = np.round(truth + rng.normal(size=40)[c] + rng.normal(size=c.size), 1)
    return {"test": np.where(r < 3, "A", "B"), "reader": r, "case": c, "truth": truth, "rating": rating}


def test_the_design_is_recognised_and_said() -> None:
    result = compare_readers(_study(1), **NAMES)
    assert result.design == "readers nested in tests"
    assert "3 to 4 readers for a test" in result.notes[0] and "with 5 degrees of freedom" in result.notes[0]
    assert result.reader_differences == ()
    read = [[not math.isnan(estimate.value) for estimate in row] for row in result.reader_estimates]
    assert read == [[True] * 3 + [False] * 4, [False] * 3 + [True] * 4]
    assert result.reader_estimates[0][5].method == "not read"
    assert result.test_estimates[0].value == pytest.approx(np.mean([e.value for e in result.reader_estimates[0][:3]]))


def test_missing_readings_are_left_to_the_caller() -> None:
    data = {name: column[1:] for name, column in _study(2).items()}
    with pytest.raises(StatisticsError, match="is missing"):
        compare_readers(data, **NAMES)
    analysed = compare_readers(data, missing="analyse", **NAMES)
    assert analysed.design == "readers nested in tests"
    assert "1 of 280 readings are missing" in analysed.notes[0]
    dropped = compare_readers(data, missing="drop-case", **NAMES)
    assert (dropped.cases, dropped.design) == (39, "readers nested in tests")
    with pytest.raises(StatisticsError, match="use covariance='delong'"):
        compare_readers(_study(2), covariance="unbiased", **NAMES)
