"""The search for the fewest patients, and the printed result."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.search import (
    SampleSize,
    fewest,
    first_that,
    negatives_beside,
    normal_power,
    require_between,
)


@given(st.integers(2, 1_000_000))
def test_the_first_number_is_found(number: int) -> None:
    assert first_that(lambda n: n >= number) == number


def test_none_suffices() -> None:
    with pytest.raises(StatisticsError, match="No number of patients below 10,000,000"):
        first_that(lambda _: False)


def test_mix_of_patients() -> None:
    assert negatives_beside(30, 0.3) == 70
    assert negatives_beside(1, 0.999) == 1
    size = fewest(lambda positives, negatives: (positives + negatives) / 1000, 0.5, 0.25, "half")
    assert (size.positives, size.negatives, size.total, size.power) == (125, 375, 500, 0.5)


def test_power_without_a_difference_is_the_significance() -> None:
    assert normal_power(0.0, 0.1, 0.1, 0.05) == pytest.approx(0.05)
    # (1.96 * 0.1 - 0.28) / 0.1 = -0.84: the textbook's power of 80 %.
    assert normal_power(0.28, 0.1, 0.1, 0.05) == pytest.approx(0.7995, abs=1e-3)


def test_printed_size() -> None:
    assert str(SampleSize(3, 7, math.nan, "words")) == "3 with and 7 without the disease (words)"
    assert "power 0.800" in str(SampleSize(3, 7, 0.8, "words"))


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="`share` strictly between 0 and 1, got 1"):
        require_between(1, name="share")
