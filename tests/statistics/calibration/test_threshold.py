"""Operating points against R's pROC, brute force, and what optimism must do."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import operating_point

TRUTH, SCORE = [0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]


def test_youden_and_closest_equal_pROC(real_data: Path, reference: Callable[[str], Any]) -> None:  # noqa: N802
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    expected = reference("asah_proc")["youden_s100b"]
    for rule in ("youden", "closest"):
        found = operating_point(table["outcome"] == "Poor", table["s100b"], rule=rule, replicates=0)
        assert found.threshold == pytest.approx(expected["threshold"], rel=1e-10)
        assert found.sensitivity.value == pytest.approx(expected["sensitivity"], rel=1e-10)
        assert found.specificity.value == pytest.approx(expected["specificity"], rel=1e-10)


@pytest.mark.parametrize("rule", ["youden", "closest"])
def test_rules_on_a_simulated_study_equal_pROC(  # noqa: N802
    rule: str, simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    found = operating_point(simulated["truth"], simulated["score_a"], rule=rule, replicates=0)
    assert (found.threshold, found.sensitivity.value, found.specificity.value) == pytest.approx(
        [in_r["best"][rule][key] for key in ("threshold", "sensitivity", "specificity")], rel=1e-10
    )


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=3, max_size=25),
    st.sampled_from(["youden", "closest", "sensitivity>=0.8", "specificity >= 0.75", "cost"]),
)
def test_no_other_threshold_serves_the_rule_better(rows: list[tuple[int, int]], rule: str) -> None:
    truth, score = np.array([*rows, (0, 1), (1, 5)]).T
    found = operating_point(truth, score, rule=rule, replicates=0, false_negative_cost=4, prevalence=0.2)

    def quality(threshold: float) -> float:
        se, sp = (score[truth == 1] >= threshold).mean(), (score[truth == 0] < threshold).mean()
        return {
            "youden": se + sp,
            "closest": -((1 - se) ** 2) - (1 - sp) ** 2,
            "cost": -(0.2 * 4 * (1 - se) + 0.8 * (1 - sp)),
            "sensitivity>=0.8": sp if se >= 0.8 else -1,
            "specificity >= 0.75": se if sp >= 0.75 else -1,
        }[rule]

    assert quality(found.threshold) == pytest.approx(max(quality(t) for t in [*range(10)]))
    assert found.sensitivity.value == pytest.approx((score[truth == 1] >= found.threshold).mean())
    assert found.specificity.value == pytest.approx((score[truth == 0] < found.threshold).mean())


def test_ties_are_decided_for_sensitivity() -> None:
    # Thresholds 2.5 and 4.5 both reach 5/3; the first keeps every malignant nodule.
    assert operating_point(TRUTH, SCORE, replicates=0).threshold == 2.5


def test_a_dear_false_negative_lowers_the_threshold() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    score = truth + rng.normal(size=300)
    cheap, dear = (
        operating_point(truth, score, rule="cost", false_negative_cost=cost, replicates=0).threshold
        for cost in (0.2, 20)
    )
    assert dear < cheap - 1


def test_thresholds_are_finite_and_comparable_even_at_the_ends() -> None:
    everything = operating_point([1, 0, 1], [0.2, 0.9, 0.3], rule="sensitivity>=1", replicates=0)
    nothing = operating_point([1, 0, 1], [0.2, 0.9, 0.3], rule="specificity>=1", replicates=0)
    assert everything.threshold == 0.2
    assert 0.9 < nothing.threshold < 0.9000001
    constant = operating_point([0, 1], [5, 5], replicates=50)
    assert math.isfinite(constant.threshold) and constant.sensitivity.value == 1


def test_optimism_correction_moves_towards_what_the_threshold_really_achieves() -> None:
    # Scores are normal, one standard deviation apart, so that the truth about any threshold is known.
    apparent, corrected, real = np.zeros(60), np.zeros(60), np.zeros(60)
    for seed in range(60):
        truth = np.repeat([0, 1], 30)
        score = np.random.default_rng(seed).normal(size=60) + truth
        found = operating_point(truth, score, replicates=100, seed=seed)
        apparent[seed] = found.sensitivity.value + found.specificity.value - 1
        corrected[seed] = found.corrected_sensitivity.value + found.corrected_specificity.value - 1
        real[seed] = stats.norm.sf(found.threshold - 1) + stats.norm.cdf(found.threshold) - 1
    optimism = (apparent - real).mean()
    assert optimism > 0.08
    assert abs((corrected - real).mean()) < 0.6 * optimism


def test_intervals_hold_the_point_and_follow_the_seed() -> None:
    rng = np.random.default_rng(5)
    truth, cluster = rng.integers(0, 2, 120), np.repeat(np.arange(40), 3)
    score = truth + rng.normal(size=40)[cluster]
    found = operating_point(truth, score, cluster=cluster, replicates=300, seed=1)
    assert found.threshold_low <= found.threshold <= found.threshold_high
    assert found.sensitivity.low <= found.sensitivity.value <= found.sensitivity.high
    assert found == operating_point(truth, score, cluster=cluster, replicates=300, seed=1)
    assert (found.n, found.clusters) == (120, 40)


def test_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    truth, score, order = rng.integers(0, 2, 50), rng.integers(0, 9, 50), rng.permutation(50)
    assert operating_point(truth, score) == operating_point(truth[order], score[order])


def test_without_replicates_nothing_is_pretended() -> None:
    found = operating_point(TRUTH, SCORE, replicates=0)
    assert math.isnan(found.threshold_low) and math.isnan(found.sensitivity.low)
    assert math.isnan(found.corrected_sensitivity.value)


@pytest.mark.parametrize("rule", ["", "sensitivity>=1.5", "sensitivity>0.9", "ppv>=0.5", "sensitivity>=-1", "Youden"])
def test_unknown_rules_are_refused(rule: str) -> None:
    with pytest.raises(StatisticsError, match="Expected `rule` to be youden"):
        operating_point(TRUTH, SCORE, rule=rule)


def test_costs_must_make_sense() -> None:
    for options in ({"prevalence": 0}, {"prevalence": 30}, {"false_negative_cost": -1}):
        with pytest.raises(StatisticsError, match="prevalence between 0 and 1"):
            operating_point(TRUTH, SCORE, rule="cost", **options)
