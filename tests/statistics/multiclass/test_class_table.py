"""The confusion matrix of several classes against scikit-learn."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from thyrosight.errors import StatisticsError
from thyrosight.statistics import diagnostic_table, gee_proportion, multiclass_table, proportion_interval

STUDY = pd.read_csv(Path(__file__).parents[1] / "reference" / "multiclass.csv")
TRUTH = STUDY["truth"].to_numpy().astype(str)
SCORES = STUDY[["a", "b", "c"]].to_numpy()
PREDICTED = np.array(list("abc"))[SCORES.argmax(axis=1)]


def test_measures_equal_scikit_learn() -> None:
    found = multiclass_table(TRUTH, PREDICTED, replicates=50)
    assert np.array_equal(found.confusion, confusion_matrix(TRUTH, PREDICTED))
    expected = {
        "accuracy": accuracy_score(TRUTH, PREDICTED),
        "balanced_accuracy": balanced_accuracy_score(TRUTH, PREDICTED),
        "macro_precision": precision_score(TRUTH, PREDICTED, average="macro"),
        "macro_f1": f1_score(TRUTH, PREDICTED, average="macro"),
        "weighted_precision": precision_score(TRUTH, PREDICTED, average="weighted"),
        "weighted_f1": f1_score(TRUTH, PREDICTED, average="weighted"),
    }
    assert {name: item.value for name, item in found.averages().items()} == pytest.approx(expected)
    recall = [table.sensitivity.value for table in found.by_class]
    assert recall == pytest.approx(recall_score(TRUTH, PREDICTED, average=None).tolist())
    assert [table.ppv.value for table in found.by_class] == pytest.approx(
        precision_score(TRUTH, PREDICTED, average=None).tolist()
    )


@pytest.mark.parametrize("score", [precision_score, recall_score, f1_score])
def test_micro_averages_and_weighted_recall_are_the_accuracy_as_the_text_says(score) -> None:
    accuracy = multiclass_table(TRUTH, PREDICTED, replicates=0).accuracy.value
    assert score(TRUTH, PREDICTED, average="micro") == pytest.approx(accuracy)
    assert recall_score(TRUTH, PREDICTED, average="weighted") == pytest.approx(accuracy)


def test_exchanging_truth_and_call_turns_the_matrix_and_exchanges_the_measures() -> None:
    one, other = multiclass_table(TRUTH, PREDICTED, replicates=0), multiclass_table(PREDICTED, TRUTH, replicates=0)
    assert np.array_equal(one.confusion, np.transpose(other.confusion))
    assert one.confusion != other.confusion
    assert one.balanced_accuracy.value == pytest.approx(other.macro_precision.value)


def test_patients_are_kept_together_throughout() -> None:
    patient = np.tile(np.arange(60), 4)
    truth, called = np.tile(TRUTH, 4), np.tile(PREDICTED, 4)
    found, naive = multiclass_table(truth, called, cluster=patient), multiclass_table(truth, called)
    assert found.accuracy == gee_proportion(truth == called, patient)
    assert naive.accuracy == proportion_interval(int((truth == called).sum()), 240, method="wilson")
    assert found.by_class[1] == diagnostic_table(truth == "b", called == "b", cluster=patient)
    for name in ("balanced_accuracy", "macro_precision", "macro_f1", "weighted_precision", "weighted_f1"):
        assert getattr(found, name).se == pytest.approx(2 * getattr(naive, name).se, rel=0.1), name


def test_classes_never_called_or_never_there_leave_averages_undefined_with_the_reason() -> None:
    uncalled = multiclass_table(["a", "b", "c"], ["a", "b", "b"], replicates=20)
    assert math.isnan(uncalled.macro_precision.value) and uncalled.macro_precision.method == "nothing was called c"
    assert uncalled.balanced_accuracy.value == pytest.approx(2 / 3)
    absent = multiclass_table([1, 2], [1.0, 3.0], replicates=20)
    assert absent.classes == ("1", "2", "3") and absent.balanced_accuracy.method == "no nodule is 3"


def test_order_of_classes_is_that_given_and_the_text_holds_the_matrix() -> None:
    found = multiclass_table(TRUTH, PREDICTED, classes=["c", "a", "b"], replicates=10)
    assert found.classes == ("c", "a", "b")
    assert found.confusion[0][0] == multiclass_table(TRUTH, PREDICTED, replicates=0).confusion[2][2]
    assert str(found).splitlines()[0].split() == ["true", "c", "a", "b"]


@pytest.mark.parametrize(
    ("truth", "predicted", "options", "message"),
    [
        (["a", "b"], ["a"], {}, "predicted with 1"),
        (["a", None], ["a", "b"], {}, "`truth` to be given, but position 1"),
        (["a", "a"], ["a", "a"], {}, "at least two classes"),
        (["a", "b"], ["a", "x"], {"classes": ["a", "b"]}, "`predicted` to hold only the classes 'a', 'b', got 'x'"),
    ],
)
def test_bad_input_gets_one_sentence(truth: list, predicted: list, options: dict, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        multiclass_table(truth, predicted, **options)
