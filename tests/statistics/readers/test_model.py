"""The Obuchowski-Rockette arithmetic on numbers small enough to do by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from thyrosight.statistics.readers.model import effects

VALUES = np.array([[0.8, 0.7, 0.9], [0.9, 0.9, 0.9]])
# Error variance 0.004, covariances 0.002 (reader), 0.0015 (test) and 0.001 (neither).
SAME_TEST = np.full((3, 3), 0.0015) + np.diag([0.0025] * 3)
OTHER_TEST = np.full((3, 3), 0.001) + np.diag([0.001] * 3)
MATRIX = np.block([[SAME_TEST, OTHER_TEST], [OTHER_TEST, SAME_TEST]])


def test_random_readers_and_cases_by_hand() -> None:
    # Means 0.8 and 0.9: MS(T) = 3 * 0.005 = 0.015. Residuals (0, -0.05, 0.05) and back: MS(TR) = 0.01 / 2 = 0.005.
    result = effects(VALUES, MATRIX, readers="random", cases="random")
    denominator = 0.005 + 3 * (0.0015 - 0.001)
    assert result.global_test is not None
    assert result.global_test[0] == pytest.approx(0.015 / denominator)
    assert result.global_test[2] == pytest.approx(denominator**2 / (0.005**2 / 2))
    assert result.difference.se == pytest.approx(math.sqrt(2 * denominator / 3))
    # Reader means 0.85, 0.8, 0.9: MS(R) = 2 * 0.0025 = 0.005.
    assert result.components == pytest.approx(
        (-0.002 + 0.001, 0.005 - 0.004 + 0.002 + 0.0005, 0.004, 0.002, 0.0015, 0.001)
    )


def test_published_observers_follow_from_their_areas_and_covariance(reference: Callable[[str], Any]) -> None:
    published = reference("mitosis_clustered")
    result = effects(np.array(published["theta"]), np.array(published["cov"]), readers="random", cases="fixed")
    assert result.global_test is not None
    f, _, df2, p = result.global_test
    assert (f, df2, p) == pytest.approx([published[name] for name in ("F", "df", "p")], rel=1e-9)
    assert result.difference.se == pytest.approx(published["se_difference"], rel=1e-9)


def test_published_van_dyke_analysis_follows_from_its_components(reference: Callable[[str], Any]) -> None:
    # Any five readers and any covariance with the published means and components have the published F, P and limits.
    published = reference("vandyke_obuchowski_rockette")
    names = ("reader", "treatment:reader", "error", "cov1", "cov2", "cov3")
    reader, interaction, error, cov1, cov2, cov3 = (published["variance_components"][name] for name in names)
    ms_rest = interaction + error - cov1 - cov2 + cov3
    ms_readers = 2 * (reader + cov1 - cov3) + ms_rest
    by_reader, by_both = np.array([2.0, -1, 0, -1, 0]), np.array([0.0, 1, -2, -1, 2])
    halves = np.array([0.5, -0.5]) * published["difference"]
    values = np.mean(published["treatment_auc"]) + halves[:, None] + by_reader * math.sqrt(ms_readers * 4 / 2 / 6)
    values += np.outer([1, -1], by_both) * math.sqrt(ms_rest * 4 / 2 / 10)
    same, other = np.full((5, 5), cov2), np.full((5, 5), cov3)
    np.fill_diagonal(same, error)
    np.fill_diagonal(other, cov1)
    result = effects(values, np.block([[same, other], [other, same]]), readers="random", cases="random")
    assert result.components == pytest.approx([published["variance_components"][name] for name in names], rel=1e-9)
    assert result.global_test is not None
    assert result.global_test == pytest.approx([published[name] for name in ("F", "df1", "df2", "p")], rel=2e-6)
    assert result.difference.se == pytest.approx(published["difference_se"], rel=2e-6)
    limits = result.difference.limits_of_difference(published["difference"], 0.95)
    assert limits == pytest.approx(published["difference_ci"], abs=1e-7)


def test_fixed_readers_and_fixed_cases_by_hand() -> None:
    fixed_readers = effects(VALUES, MATRIX, readers="fixed", cases="random")
    fixed_cases = effects(VALUES, MATRIX, readers="random", cases="fixed")
    assert fixed_readers.global_test is not None and fixed_cases.global_test is not None
    assert fixed_readers.global_test[0] == pytest.approx(0.015 / (0.004 - 0.002 + 2 * 0.0005))
    assert math.isinf(fixed_readers.global_test[2])
    assert fixed_cases.global_test[:3] == pytest.approx((0.015 / 0.005, 1, 2))


def test_own_interval_of_a_test_uses_that_test_alone() -> None:
    result = effects(VALUES, MATRIX, readers="random", cases="random")
    assert result.tests[0].se == pytest.approx(math.sqrt((0.01 + 3 * 0.0015) / 3))
    # All readers alike under the second test: only cases vary, so that the distribution is normal.
    assert result.tests[1].se == pytest.approx(math.sqrt(0.0015))
    assert math.isinf(result.tests[1].df)


def test_a_negative_covariance_between_readers_counts_as_none() -> None:
    matrix = np.eye(6) * 0.004 - np.kron(np.eye(2), np.full((3, 3), 0.0005))
    result = effects(VALUES, matrix, readers="random", cases="random")
    assert result.global_test is not None
    assert result.global_test[:3] == pytest.approx((0.015 / 0.005, 1, 2))


def test_fixed_readers_whose_covariance_is_negative_are_treated_as_by_mrmcaov() -> None:
    # Error 0.0035, covariance 2 -0.0005, others 0. Its summary of a test: sqrt((Var + (r - 1) max(Cov2, 0)) / r);
    # its denominator of a difference: Var - Cov1 + (r - 1) (Cov2 - Cov3), the plain variance of a difference of means.
    matrix = np.eye(6) * 0.004 - np.kron(np.eye(2), np.full((3, 3), 0.0005))
    result = effects(VALUES, matrix, readers="fixed", cases="random")
    assert [spread.se for spread in result.tests] == pytest.approx([math.sqrt(0.0035 / 3)] * 2)
    contrast = np.repeat([1 / 3, -1 / 3], 3)
    assert result.difference.se == pytest.approx(math.sqrt(2 / 3 * 0.0025))
    assert result.difference.se == pytest.approx(math.sqrt(contrast @ matrix @ contrast))
    alone = effects(VALUES[:1], matrix[:3, :3], readers="fixed", cases="random", of_differences=True)
    assert alone.tests[0].se == pytest.approx(math.sqrt(0.0025 / 3))


def test_blocks_by_hand() -> None:
    # Two blocks of two readers. Differences of the tests: (0.02, 0.06) and (0.1, 0.2); within blocks their sums of
    # squares are 0.0008 and 0.005, halved for two tests: MS(TR within blocks) = 0.0058 / 2 / 2 = 0.00145, 2 df.
    values = np.array([[0.82, 0.86, 0.8, 0.9], [0.8, 0.8, 0.7, 0.7]])
    block = np.array([0, 0, 1, 1])
    # Within a block: error 0.004, covariances 0.002 (reader), 0.0015 (test) and 0.001 (neither); none across blocks.
    same = np.kron(np.eye(2), np.array([[0.004, 0.0015], [0.0015, 0.004]]))
    other = np.kron(np.eye(2), np.array([[0.002, 0.001], [0.001, 0.002]]))
    result = effects(values, np.block([[same, other], [other, same]]), readers="random", cases="random", block=block)
    # Deviation 0.004 - 0.002 = 0.002 of one reader, 0.0005 of two: the mean of four has 4 (0.002 + 0.0005) / 4 = 0.0025
    # against 0.002 - 0.0005 = 0.0015 in the mean square; the rest, 0.001, comes from the cases.
    denominator = 0.00145 + 0.001
    assert result.difference.se == pytest.approx(math.sqrt(2 * denominator / 4))
    assert result.difference.df == pytest.approx(denominator**2 / (0.00145**2 / 2))
    assert result.global_test is not None
    assert result.global_test[0] == pytest.approx(4 * np.var([0.845, 0.75], ddof=1) / denominator)
    fixed_cases = effects(
        values, np.block([[same, other], [other, same]]), readers="random", cases="fixed", block=block
    )
    assert fixed_cases.difference.se == pytest.approx(math.sqrt(2 * 0.00145 / 4))
    assert fixed_cases.difference.df == pytest.approx(2)


def test_one_block_is_the_ordinary_analysis() -> None:
    with_block = effects(VALUES, MATRIX, readers="random", cases="random", block=np.zeros(3, dtype=np.int64))
    ordinary = effects(VALUES, MATRIX, readers="random", cases="random")
    assert (with_block.difference.se, with_block.difference.df) == pytest.approx(
        (ordinary.difference.se, ordinary.difference.df)
    )
    assert with_block.global_test == pytest.approx(ordinary.global_test)
    assert [(spread.se, spread.df) for spread in with_block.tests] == [
        pytest.approx((spread.se, spread.df)) for spread in ordinary.tests
    ]
