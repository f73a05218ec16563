"""The ROC curve against R's pROC and its own area; its band against what is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, roc_curve
from thyrosight.statistics.roc.curve import midpoints


def test_curve_equals_pROC(real_data: Path) -> None:  # noqa: N802
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    curve = roc_curve(table["outcome"] == "Poor", table["s100b"], replicates=0)
    # pROC 1.18, roc(outcome, s100b): thresholds, sum(sensitivities), sum(specificities)
    assert curve.thresholds[:6] == pytest.approx([-np.inf, 0.035, 0.045, 0.055, 0.065, 0.075])
    assert curve.thresholds.size == 51
    assert curve.sensitivity.sum() == pytest.approx(25.36585365854)
    assert curve.specificity.sum() == pytest.approx(38.15277777778)
    assert np.isnan(curve.low).all() and curve.method == "no band"


def test_curve_of_a_simulated_study_equals_pROC(simulated: pd.DataFrame, in_r: dict[str, Any]) -> None:  # noqa: N802
    curve, expected = roc_curve(simulated["truth"], simulated["score_a"], replicates=0), in_r["curve"]
    assert curve.thresholds[np.isfinite(curve.thresholds)] == pytest.approx(expected["thresholds"], abs=1e-12)
    assert curve.sensitivity == pytest.approx(expected["sensitivity"], rel=1e-12)
    assert curve.specificity == pytest.approx(expected["specificity"], rel=1e-12)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-4, 4)), min_size=4, max_size=30))
def test_curve_runs_from_all_to_nothing_and_holds_the_area(rows: list[tuple[int, int]]) -> None:
    truth, score = np.array([*rows, (0, 0), (1, 0)]).T
    curve = roc_curve(truth, score, replicates=0)
    assert (curve.sensitivity[0], curve.specificity[0]) == (1, 0)
    assert (curve.sensitivity[-1], curve.specificity[-1]) == (0, 1)
    assert (np.diff(curve.sensitivity) <= 0).all() and (np.diff(curve.specificity) >= 0).all()
    assert np.trapezoid(curve.sensitivity, curve.specificity) == pytest.approx(auc(truth, score).value)
    for threshold, sensitivity in zip(curve.thresholds, curve.sensitivity, strict=True):
        assert (score[truth == 1] >= threshold).mean() == pytest.approx(sensitivity)


def test_band_at_a_specificity_has_the_known_standard_error() -> None:
    # Benign scores fall on 0 and 1 only, so at specificity 1/2 the sensitivity is that of the threshold 1/2 or beyond.
    truth, score = np.repeat([0, 1, 1], [4000, 160, 40]), np.repeat([0.0, 2.0, -1.0], [4000, 160, 40])
    curve = roc_curve(truth, score)
    at_full_specificity = np.flatnonzero((curve.specificity == 1) & (curve.sensitivity == 0.8))[0]
    margin = 1.96 * np.sqrt(0.8 * 0.2 / 200)
    assert curve.low[at_full_specificity] == pytest.approx(0.8 - margin, abs=0.008)
    assert curve.high[at_full_specificity] == pytest.approx(0.8 + margin, abs=0.008)


def test_clusters_widen_the_band() -> None:
    rng = np.random.default_rng(0)
    cluster = np.repeat(np.arange(60), 5)
    truth = (cluster % 2).astype(int)
    score = truth + rng.normal(size=60)[cluster] + 0.1 * rng.normal(size=300)
    naive, honest = roc_curve(truth, score), roc_curve(truth, score, cluster=cluster)
    assert (honest.high - honest.low).mean() > 1.5 * (naive.high - naive.low).mean()
    assert honest.clusters == 60 and "cluster bootstrap" in honest.method
    upper = np.append(np.diff(honest.specificity) > 0, False)
    assert (honest.low <= honest.high).all()
    assert (honest.low[upper] <= honest.sensitivity[upper] + 1e-12).mean() > 0.95


@pytest.mark.parametrize("clustered", [False, True])
def test_order_of_rows_changes_nothing(clustered: bool) -> None:
    rng = np.random.default_rng(1)
    truth, score, cluster = rng.integers(0, 2, 50), rng.integers(0, 9, 50), rng.integers(0, 20, 50)
    order = rng.permutation(50)
    labels, moved = (cluster, cluster[order]) if clustered else (None, None)
    one = roc_curve(truth, score, cluster=labels, replicates=200)
    other = roc_curve(truth[order], score[order], cluster=moved, replicates=200)
    np.testing.assert_allclose(one.low, other.low, atol=1e-12)


def test_threshold_between_neighbouring_numbers_still_separates_them() -> None:
    low = np.array([1.0, np.nextafter(1.0, 2), 1.7e308])
    middle = midpoints(low)
    assert (middle > low[:-1]).all() and (middle <= low[1:]).all()
    assert np.isfinite(midpoints(np.array([-1.7e308, 1.7e308]))).all()


def test_a_threshold_needs_finite_scores() -> None:
    with pytest.raises(StatisticsError, match="finite numbers, got inf at position 1"):
        roc_curve([0, 1], [0, np.inf])
