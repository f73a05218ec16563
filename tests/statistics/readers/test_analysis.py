"""Figures of merit of any kind, analysed as those of ratings are."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.analysis import Merits, compare_merits

VALUES = np.array([[0.8, 0.7, 0.9], [0.6, 0.65, 0.7]])


def _merits(covariance: float = 0.0) -> Merits:
    matrix = np.full((6, 6), covariance) + np.eye(6) * (0.01 - covariance)
    return Merits(
        values=VALUES,
        covariance=matrix,
        metric="wafroc",
        of_cases="jackknife covariance",
        design="factorial",
        tests=("CT", "US"),
        readers=("x", "y", "z"),
        cases=50,
        clusters=None,
        units=20,
    )


def test_fixed_readers_by_hand() -> None:
    result = compare_merits(_merits(), readers="fixed", cases="random")
    (difference,) = result.differences
    assert (difference.test_a, difference.test_b) == ("CT", "US")
    assert difference.estimate.value == pytest.approx(0.15)
    # Six independent values of variance 0.01: each mean of three has 0.01 / 3.
    assert difference.estimate.se == pytest.approx(math.sqrt(2 * 0.01 / 3))
    of_z = [one for one in result.reader_differences if one.reader == "z"]
    assert of_z[0].estimate.value == pytest.approx(0.2) and of_z[0].estimate.se == pytest.approx(math.sqrt(0.02))


def test_readers_that_share_everything_differ_by_nothing() -> None:
    result = compare_merits(_merits(covariance=0.01), readers="fixed", cases="random")
    assert result.reader_differences[0].estimate.se == 0


def test_random_readers_with_fixed_cases_are_a_paired_t_test() -> None:
    result = compare_merits(_merits(), readers="random", cases="fixed")
    gaps = VALUES[0] - VALUES[1]
    t = gaps.mean() / (gaps.std(ddof=1) / math.sqrt(3))
    assert result.differences[0].statistic == pytest.approx(t)
    assert result.differences[0].df == pytest.approx(2)
    assert math.isnan(result.reader_estimates[0][0].se)


@pytest.mark.parametrize(
    ("readers", "cases", "message"),
    [("fixed", "fixed", "nothing varies"), ("some", "random", "Expected `readers` to be one of")],
)
def test_unfit_options_are_refused(readers: str, cases: str, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        compare_merits(_merits(), readers=readers, cases=cases)
