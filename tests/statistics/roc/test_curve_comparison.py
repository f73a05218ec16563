"""Two ROC curves compared by a part of them, against R's pROC."""

import math

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    compare_partial_auc,
    compare_sensitivity_at_specificity,
    compare_specificity_at_sensitivity,
    partial_auc,
)

# pROC 1.18.0 on the simulated study: roc.test(roc_a, roc_b, method = "bootstrap", boot.n = 10000), curves made with
# partial.auc = c(1, 0.8), partial.auc.focus and partial.auc.correct: areas, and D of the plain and corrected areas
PROC = {
    "specificity": ((0.1122794117647058, 0.0738492647058823), (0.756331699346405, 0.649581290849673), 1.93),
    "sensitivity": ((0.1163235294117647, 0.0662299465240642), (0.767565359477124, 0.628416518122400), 2.99),
}


@pytest.mark.parametrize("axis", ["specificity", "sensitivity"])
def test_partial_areas_and_their_test_equal_pROC(axis: str, simulated: pd.DataFrame) -> None:  # noqa: N802
    raw, standardised, statistic = PROC[axis]
    found = compare_partial_auc(
        simulated["truth"], simulated["score_a"], simulated["score_b"], **{axis: (0.8, 1)}, replicates=2000
    )
    assert (found.raw.a.value, found.raw.b.value) == pytest.approx(raw, rel=1e-10)
    assert (found.standardised.a.value, found.standardised.b.value) == pytest.approx(standardised, rel=1e-10)
    assert found.raw.statistic == pytest.approx(statistic, rel=0.05)
    assert found.standardised.statistic == pytest.approx(found.raw.statistic)
    assert found.raw.p == pytest.approx(math.erfc(found.raw.statistic / math.sqrt(2)))
    assert (found.axis, found.range) == (axis, (0.8, 1.0))


@pytest.mark.parametrize(
    ("compare", "values", "statistic"),
    # pROC 1.18.0: roc.test(roc_a, roc_b, method = "specificity", specificity = 0.9) and "sensitivity", boot.n = 5000
    [
        (compare_sensitivity_at_specificity, (0.71875, 0.4021875), 2.101),
        (compare_specificity_at_sensitivity, (0.582352941176471, 0.423529411764706), 1.373),
    ],
)
def test_rates_and_their_test_equal_pROC(  # noqa: N802
    compare, values: tuple[float, float], statistic: float, simulated: pd.DataFrame
) -> None:
    found = compare(simulated["truth"], simulated["score_a"], simulated["score_b"], replicates=2000)
    assert (found.a.value, found.b.value) == pytest.approx(values, rel=1e-10)
    assert found.statistic == pytest.approx(statistic, rel=0.06)


def test_exchanging_the_scores_changes_the_sign() -> None:
    rng = np.random.default_rng(0)
    truth, patient = rng.integers(0, 2, 120), rng.integers(0, 50, 120)
    a, b = truth + rng.normal(size=120), 0.5 * truth + rng.normal(size=120)
    one = compare_partial_auc(truth, a, b, specificity=(0.7, 1), cluster=patient, replicates=200)
    other = compare_partial_auc(truth, b, a, specificity=(0.7, 1), cluster=patient, replicates=200)
    assert one.raw.difference == pytest.approx(-other.raw.difference)
    assert (one.raw.low, one.raw.p) == pytest.approx((-other.raw.high, other.raw.p))
    assert one.raw.a.value == partial_auc(truth, a, specificity=(0.7, 1), replicates=0).raw.value
    assert one.raw.clusters == np.unique(patient).size


def test_equal_scores_differ_by_nothing_without_a_test() -> None:
    truth = np.arange(60) % 2
    score = truth + np.random.default_rng(1).normal(size=60)
    found = compare_sensitivity_at_specificity(truth, score, 2 * score, replicates=50)
    assert found.difference == 0 and math.isnan(found.p)
    assert found.method.endswith("no test: the difference does not vary")


def test_few_patients_give_an_interval_but_no_p_value() -> None:
    rng = np.random.default_rng(2)
    truth = np.repeat([1, 0], [9, 60])
    a, b = truth + rng.normal(size=69), truth + rng.normal(size=69)
    found = compare_specificity_at_sensitivity(truth, a, b, sensitivity=0.7, replicates=100)
    assert math.isnan(found.p) and found.low < found.difference < found.high
    assert "fewer than 10 patients of a class" in str(found) and "no P value" in str(found)


def test_bad_input_gets_one_sentence() -> None:
    with pytest.raises(StatisticsError, match="Expected a range of"):
        compare_partial_auc([0, 1], [1, 2], [2, 1])
    with pytest.raises(StatisticsError, match="score_b with 3"):
        compare_partial_auc([0, 1], [1, 2], [2, 1, 3], specificity=(0.8, 1))
    with pytest.raises(StatisticsError, match="`specificity` between 0 and 1"):
        compare_sensitivity_at_specificity([0, 1], [1, 2], [2, 1], specificity=1)
