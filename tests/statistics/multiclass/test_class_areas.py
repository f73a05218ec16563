"""Areas of several classes against R's pROC and scikit-learn."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, multiclass_auc

STUDY = pd.read_csv(Path(__file__).parents[1] / "reference" / "multiclass.csv")
TRUTH = STUDY["truth"].to_numpy().astype(str)
SCORES = STUDY[["a", "b", "c"]].to_numpy()


# pROC 1.18.0: multiclass.roc(truth, scores)$auc, and the mean of both auc(roc()) within each pair of classes
IN_PROC = 0.798888888888889
PAIRS_IN_PROC = {("a", "b"): 0.800555555555556, ("a", "c"): 0.833888888888889, ("b", "c"): 0.762222222222222}


def test_hand_and_tills_measure_and_its_pairs_equal_pROC() -> None:  # noqa: N802
    found = multiclass_auc(TRUTH, SCORES, replicates=0)
    assert found.hand_till.value == pytest.approx(IN_PROC, rel=1e-12)
    assert {(p.first, p.second): p.area.value for p in found.pairs} == pytest.approx(PAIRS_IN_PROC, rel=1e-12)
    assert math.isnan(found.hand_till.low)


def test_averages_equal_scikit_learn() -> None:
    found = multiclass_auc(TRUTH, SCORES, replicates=0)
    for name, options in (
        ("hand_till", {"multi_class": "ovo", "average": "macro"}),
        ("macro", {"multi_class": "ovr", "average": "macro"}),
        ("weighted", {"multi_class": "ovr", "average": "weighted"}),
    ):
        assert getattr(found, name).value == pytest.approx(roc_auc_score(TRUTH, SCORES, **options), rel=1e-12)


def test_each_class_against_the_rest_is_the_area_of_two_classes() -> None:
    patient = np.arange(60) // 3
    found = multiclass_auc(TRUTH, SCORES, cluster=patient, replicates=300, seed=4)
    for i, name in enumerate("abc"):
        alone = auc(name == TRUTH, SCORES[:, i], cluster=patient, method="bootstrap", replicates=300, seed=4)
        area = found.one_against_rest[i]
        assert (area.value, area.low, area.high) == pytest.approx((alone.value, alone.low, alone.high))
    assert found.counts == (30, 15, 15) and found.macro.clusters == 20


@given(st.permutations([0, 1, 2]))
def test_order_of_classes_changes_only_the_order(order: list[int]) -> None:
    names = [("a", "b", "c")[i] for i in order]
    found, plain = (
        multiclass_auc(TRUTH, SCORES[:, order], classes=names, replicates=0),
        multiclass_auc(TRUTH, SCORES, replicates=0),
    )
    assert found.hand_till.value == pytest.approx(plain.hand_till.value)
    assert [a.value for a in found.one_against_rest] == [plain.one_against_rest[i].value for i in order]


def test_two_classes_have_the_area_of_two_classes() -> None:
    truth, score = np.repeat([0, 1], 20), np.random.default_rng(0).normal(size=40)
    found = multiclass_auc(truth, np.stack([-score, score], axis=1), replicates=0)
    assert found.hand_till.value == pytest.approx(auc(truth, score).value)


def test_samples_without_a_rare_class_are_left_out_and_counted() -> None:
    truth = np.array(["a"] * 20 + ["b"] * 20 + ["c"])
    scores = np.random.default_rng(1).random((41, 3))
    found = multiclass_auc(truth, scores, replicates=200)
    assert "undefined" in found.hand_till.method and "undefined" not in found.pairs[0].area.method
    assert "c (1) against the rest" in str(found)


@pytest.mark.parametrize(
    ("truth", "scores", "classes", "message"),
    [
        (["a", "b"], [[1, 2]], None, "shape \\(2, 2\\)"),
        (["a", "b"], [[1, 2], [1, math.nan]], None, "missing at position 1"),
        (["a", "b"], [["x", "y"], ["x", "y"]], None, "`scores` to hold numbers"),
        (["a", "a"], [[1], [2]], None, "at least two classes, got only 'a'"),
        (["a", "b"], [[1, 2, 3]] * 2, ["a", "b", "c"], "none is 'c'"),
        (["a", "d"], [[1, 2]] * 2, ["a", "b"], "got 'd'"),
        (["a", "b"], [[1, 2]] * 2, ["a", "a"], "every class once"),
    ],
)
def test_bad_input_gets_one_sentence(truth: list, scores: list, classes: list | None, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        multiclass_auc(truth, scores, classes=classes)
