"""Odds ratios against tables worked by hand, geepack, and data that separate."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.odds_ratios import logistic_regression, univariate_logistic_regressions


def _grouped(counts: dict[str, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and levels from {level: (events, others)}."""
    outcome = np.concatenate([np.repeat([1, 0], pair) for pair in counts.values()])
    return outcome, np.repeat(list(counts), [sum(pair) for pair in counts.values()])


MARGIN = {"smooth": (17, 124), "extrathyroidal": (4, 45), "irregular": (0, 25), "lobulated": (2, 13)}


@given(st.lists(st.integers(1, 80), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_two_by_two_table_gives_woolfs_interval(cells: list[int]) -> None:
    a, b, c, d = cells
    outcome, level = _grouped({"no": (c, d), "yes": (a, b)})
    (ratio,) = logistic_regression(outcome, {"x": level}).odds_ratios
    se = math.sqrt(sum(1 / cell for cell in cells))
    assert ratio.estimate.value == pytest.approx(a * d / (b * c), rel=1e-6)
    assert ratio.coefficient_se == pytest.approx(se, rel=1e-5)
    assert ratio.estimate.high / ratio.estimate.value == pytest.approx(math.exp(1.959963985 * se), rel=1e-5)


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_gee_on_a_simulated_study_equals_geepack(
    correlation: str, simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    expected = in_r["model"][correlation]
    result = logistic_regression(
        simulated["truth"],
        {name: simulated[name] for name in ("sex", "age", "score_a")},
        reference={"sex": "F"},
        cluster=simulated["patient"],
        correlation=correlation,
    )
    assert result.intercept == pytest.approx(expected["coefficient"]["(Intercept)"], rel=1e-6)
    for ratio, name in zip(result.odds_ratios, ("sexM", "age", "score_a"), strict=True):
        assert ratio.coefficient == pytest.approx(expected["coefficient"][name], rel=1e-6)
        assert ratio.coefficient_se == pytest.approx(expected["robust_se"][name], rel=1e-6)
        assert ratio.p == pytest.approx(expected["p"][name], rel=1e-4)


def test_gee_equals_geepack_with_named_levels(real_data: Path, reference: Callable[[str], Any]) -> None:
    with (real_data / "readers" / "respiratory.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {name: [row[name] for row in rows] for name in rows[0]}
    predictors = {"treat": table["treat"], "sex": table["sex"]} | {
        name: [float(value) for value in table[name]] for name in ("age", "baseline")
    }
    expected = reference("respiratory_gee")
    for correlation in ("independence", "exchangeable"):
        result = logistic_regression(
            [int(value) for value in table["outcome"]],
            predictors,
            reference={"treat": "A", "sex": "F"},
            cluster=[f"{center}/{number}" for center, number in zip(table["center"], table["id"], strict=True)],
            correlation=correlation,
        )
        fitted = expected[correlation]
        assert result.intercept == pytest.approx(fitted["coef"]["(Intercept)"], rel=1e-6)
        for ratio, name in zip(result.odds_ratios, ("treatP", "sexM", "age", "baseline"), strict=True):
            assert ratio.coefficient == pytest.approx(fitted["coef"][name], rel=1e-6)
            assert ratio.coefficient_se == pytest.approx(fitted["robust_se"][name], rel=1e-6)
            assert ratio.p == pytest.approx(fitted["p"][name], rel=1e-4)
        assert result.clusters == 111


def test_a_level_without_events_is_zero_and_the_others_stay_as_they_are() -> None:
    with_irregular = logistic_regression(*_as_margin(MARGIN), reference={"margin": "smooth"})
    without = {level: pair for level, pair in MARGIN.items() if level != "irregular"}
    plain = logistic_regression(*_as_margin(without), reference={"margin": "smooth"})
    ratios = {ratio.level: ratio for ratio in with_irregular.odds_ratios}
    assert ratios["irregular"].estimate.value == 0
    assert math.isnan(ratios["irregular"].estimate.low) and math.isnan(ratios["irregular"].p)
    assert with_irregular.separated == ("margin: irregular against smooth",)
    assert "Perfect separation" in with_irregular.note and "penalty='firth'" in str(with_irregular)
    for ratio in plain.odds_ratios:
        assert ratios[ratio.level].estimate.value == pytest.approx(ratio.estimate.value, rel=1e-7)
    assert with_irregular.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)


def _as_margin(counts: dict[str, tuple[int, int]]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    outcome, level = _grouped(counts)
    return outcome, {"margin": level}


def test_a_separated_reference_takes_every_level_along_but_not_other_predictors() -> None:
    outcome, predictors = _as_margin(MARGIN)
    predictors["size"] = np.random.default_rng(0).normal(size=outcome.size)
    against_irregular = logistic_regression(outcome, predictors, reference={"margin": "irregular"})
    against_smooth = logistic_regression(outcome, predictors, reference={"margin": "smooth"})
    assert len(against_irregular.separated) == 3 and math.isinf(against_irregular.intercept)
    sizes = [result.odds_ratios[-1] for result in (against_irregular, against_smooth)]
    assert sizes[0].estimate.value == pytest.approx(sizes[1].estimate.value, rel=1e-6)
    assert sizes[0].p == pytest.approx(sizes[1].p, rel=1e-5)


def test_complete_separation_leaves_nothing_to_estimate() -> None:
    result = logistic_regression([0, 0, 1, 1], {"x": [1, 2, 3, 4], "y": [1, 0, 0, 1]})
    assert result.odds_ratios[0].estimate.value == math.inf
    assert math.isnan(result.odds_ratios[1].estimate.value)  # either sign separates
    assert result.log_likelihood == 0
    assert result.to_dict()["odds_ratios"][0]["estimate"]["value"] is None


def test_firth_on_a_table_adds_half_to_every_cell() -> None:
    outcome, predictors = _as_margin({"smooth": (17, 124), "irregular": (0, 25)})
    (ratio,) = logistic_regression(outcome, predictors, reference={"margin": "smooth"}, penalty="firth").odds_ratios
    assert ratio.estimate.value == pytest.approx((0.5 * 124.5) / (25.5 * 17.5), rel=1e-5)
    assert ratio.estimate.low < ratio.estimate.value < ratio.estimate.high < 2


def test_several_predictors_adjust_for_each_other() -> None:
    # Within each stratum the odds ratio is 4; crudely it is not.
    strata = {("a", 0): (4, 16), ("a", 1): (20, 20), ("b", 0): (32, 16), ("b", 1): (8, 1)}
    outcome = np.concatenate([np.repeat([1, 0], pair) for pair in strata.values()])
    sizes = [sum(pair) for pair in strata.values()]
    predictors: dict[str, Any] = {
        "site": np.repeat([site for site, _ in strata], sizes),
        "taller": np.repeat([taller for _, taller in strata], sizes),
    }
    adjusted = logistic_regression(outcome, predictors).odds_ratios[1].estimate.value
    crude = univariate_logistic_regressions(outcome, predictors)[1].odds_ratios[0].estimate.value
    assert adjusted == pytest.approx(4, rel=1e-6)
    assert crude == pytest.approx((28 * 32) / (21 * 36), rel=1e-6)


def test_univariate_options_reach_the_predictor_they_name() -> None:
    outcome, level = _grouped(MARGIN)
    grade = np.random.default_rng(1).integers(1, 4, outcome.size)
    results = univariate_logistic_regressions(
        outcome, {"margin": level, "grade": grade}, reference={"margin": "lobulated"}, categorical=["grade"]
    )
    assert {ratio.reference for ratio in results[0].odds_ratios} == {"lobulated"}
    assert [(ratio.level, ratio.reference) for ratio in results[1].odds_ratios] == [("2", "1"), ("3", "1")]
    with pytest.raises(StatisticsError, match="No predictor 'shape'"):
        univariate_logistic_regressions(outcome, {"margin": level}, reference={"shape": "wider"})


def test_gee_refuses_separated_data_by_name() -> None:
    outcome, predictors = _as_margin(MARGIN)
    with pytest.raises(StatisticsError, match="separated by margin: irregular against smooth"):
        logistic_regression(outcome, predictors, reference={"margin": "smooth"}, cluster=np.arange(outcome.size))


@pytest.mark.parametrize(
    ("outcome", "options", "message"),
    [
        ([1, 1, 1, 1], {}, "`outcome` to hold both 0 and 1"),
        ([1, 0, 1], {}, "outcome with 3 and x with 4"),
        ([1, 0, 1, 0], {"penalty": "ridge"}, "`penalty` to be one of 'firth'"),
        ([1, 0, 1, 0], {"penalty": "firth", "cluster": [1, 1, 2, 2]}, "Firth's penalty is for independent"),
        ([1, 0, 1, 0], {"reference": {"x": 9}}, "Predictor 'x' has no level 9, only '1.0', '2.0'"),
    ],
)
def test_unfit_requests_are_refused(outcome: list[int], options: dict[str, Any], message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        logistic_regression(outcome, {"x": [1.0, 2.0, 2.0, 1.0]}, **options)
