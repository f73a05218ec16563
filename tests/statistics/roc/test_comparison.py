"""Comparison of two areas against R's pROC, and its invariants."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, auc_covariance, compare_auc


@pytest.fixture
def asah(real_data: Path) -> pd.DataFrame:
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    return table.assign(truth=(table["outcome"] == "Poor").astype(int))


def test_paired_test_equals_pROC(asah: pd.DataFrame, reference: Callable[[str], Any]) -> None:  # noqa: N802
    expected = reference("asah_proc")["s100b_vs_wfns"]
    found = compare_auc(asah["truth"], asah["s100b"], asah["wfns"])
    assert found.statistic == pytest.approx(expected["statistic"], rel=1e-10)
    assert found.p == pytest.approx(expected["p"], rel=1e-10)
    # pROC 1.18, roc.test(roc(s100b), roc(wfns), method = "delong")$conf.int
    assert (found.low, found.high) == pytest.approx((-0.17421441924948, -0.01040617695648), rel=1e-10)
    ndka = compare_auc(asah["truth"], asah["s100b"], asah["ndka"])
    assert (ndka.statistic, ndka.p) == pytest.approx((1.3907700257, 0.1642951752), rel=1e-9)  # pROC


def test_unpaired_test_equals_pROC(asah: pd.DataFrame) -> None:  # noqa: N802
    men, women = asah[asah["gender"] == "Male"], asah[asah["gender"] == "Female"]
    found = compare_auc(men["truth"], men["s100b"], women["s100b"], truth_b=women["truth"])
    # pROC 1.18, roc.test(men, women, paired = FALSE, method = "delong"): D, df, p and both areas
    assert (found.statistic, found.df, found.p) == pytest.approx(
        (0.5018807743267, 106.4625500289, 0.6167877592582), rel=1e-10
    )
    assert (found.a.value, found.b.value) == pytest.approx((0.7727272727273, 0.72), rel=1e-10)


def test_paired_and_unpaired_tests_of_a_simulated_study_equal_pROC(  # noqa: N802
    simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    paired = compare_auc(simulated["truth"], simulated["score_a"], simulated["score_b"])
    assert (paired.statistic, paired.p, paired.low, paired.high) == pytest.approx(
        [in_r["paired"][key] for key in ("statistic", "p", "low", "high")], rel=1e-9
    )
    one, other = (simulated[simulated["site"] == site] for site in "AB")
    unpaired = compare_auc(one["truth"], one["score_a"], other["score_a"], truth_b=other["truth"])
    assert (unpaired.statistic, unpaired.df, unpaired.p) == pytest.approx(
        [in_r["unpaired"][key] for key in ("statistic", "df", "p")], rel=1e-9
    )


def test_clustered_test_follows_from_the_covariance_matrix() -> None:
    rng = np.random.default_rng(0)
    truth, cluster = rng.integers(0, 2, 300), rng.integers(0, 80, 300)
    a, b = truth + rng.normal(size=(2, 300)) + rng.normal(size=80)[cluster]
    both = auc_covariance(truth, [a, b], cluster=cluster)
    found = compare_auc(truth, a, b, cluster=cluster)
    assert found.difference == pytest.approx(both.auc[0] - both.auc[1])
    assert found.se**2 == pytest.approx(np.array([1, -1]) @ both.covariance @ np.array([1, -1]))
    alone = auc(truth, a, cluster=cluster)
    assert (found.a.value, found.a.low, found.a.high) == pytest.approx((alone.value, alone.low, alone.high), rel=1e-9)
    assert found.clusters == both.clusters


def test_swapping_the_scores_mirrors_the_difference() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 60)
    a, b = rng.integers(0, 9, (2, 60)) + truth
    one, other = compare_auc(truth, a, b), compare_auc(truth, b, a)
    assert (one.difference, one.low, one.high) == pytest.approx((-other.difference, -other.high, -other.low))
    assert one.p == pytest.approx(other.p)


def test_clusters_of_one_equal_no_clusters() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 60)
    a, b = rng.integers(0, 9, (2, 60)) + truth
    one, other = compare_auc(truth, a, b), compare_auc(truth, a, b, cluster=np.arange(60))
    assert (one.se, one.p) == pytest.approx((other.se, other.p), rel=1e-12)


@pytest.mark.parametrize("cluster", [None, [0, 1, 2, 3, 4, 5, 0, 1]])
def test_scores_of_the_same_order_do_not_differ(cluster: list | None) -> None:
    truth, score = [0, 0, 1, 0, 1, 1, 0, 1], np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    found = compare_auc(truth, score, np.log(score) * 7 - 3, cluster=cluster)
    assert (found.difference, found.low, found.high, found.se, found.p) == (0, 0, 0, 0, 1)
    assert "alike" in found.method


def test_without_any_variance_the_test_is_undefined_not_significant() -> None:
    found = compare_auc([0, 0, 1, 1], [1, 2, 3, 4], [0, 0, 0, 0])
    assert found.difference == 0.5
    assert math.isnan(found.p) and math.isnan(found.low) and math.isnan(found.statistic)
    assert "undefined" in found.method
    assert found.to_dict()["p"] is None


def test_unpaired_clusters_must_differ() -> None:
    arguments = {"truth": [0, 1, 0, 1], "score_a": [1, 2, 3, 4], "score_b": [4, 2, 3, 1], "truth_b": [0, 1, 1, 0]}
    with pytest.raises(StatisticsError, match="without a common cluster, but b is in both"):
        compare_auc(**arguments, cluster=list("aabb"), cluster_b=list("bbcc"))
    with pytest.raises(StatisticsError, match="both samples or for neither"):
        compare_auc(**arguments, cluster=list("aabb"))
    with pytest.raises(StatisticsError, match="without `truth_b`"):
        compare_auc([0, 1], [1, 2], [2, 1], cluster_b=[1, 2])
    with pytest.raises(StatisticsError, match="score_b with 3"):
        compare_auc([0, 1], [1, 2], [2, 1, 3])
