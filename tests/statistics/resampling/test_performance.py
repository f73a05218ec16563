"""AUC, sensitivity and specificity from the same draws."""

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, bootstrap_performance, clustered_bootstrap, diagnostic_table


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_joint_bootstrap_equals_each_one_alone(method: str) -> None:
    rng = np.random.default_rng(0)
    truth, cluster = rng.integers(0, 2, 80), rng.integers(0, 30, 80)
    score = truth + rng.integers(0, 4, 80)
    options = {"cluster": cluster, "replicates": 300, "seed": 7}
    found = bootstrap_performance(truth, score, threshold=2, method=method, **options)
    area = auc(truth, score, method="bootstrap", interval=method, **options)
    assert found.auc == area
    alone = clustered_bootstrap(lambda t, s: (s[t == 1] >= 2).mean(), truth, score, method=method, **options)
    assert (found.sensitivity.low, found.sensitivity.high) == pytest.approx((alone.low, alone.high))
    if method == "percentile":
        table = diagnostic_table(truth, score >= 2, interval="bootstrap", **options)
        assert found.specificity == table.specificity


def test_a_threshold_must_be_a_number() -> None:
    with pytest.raises(StatisticsError, match="`threshold` to be a number, got nan"):
        bootstrap_performance([0, 1], [1, 2], threshold=np.nan)


def test_it_prints_what_it_holds() -> None:
    found = bootstrap_performance([0, 1, 0, 1], [1, 2, 3, 4], threshold=2.5, replicates=50)
    assert "at a threshold of 2.5" in str(found)
    assert found.to_dict()["auc"]["n"] == 4
