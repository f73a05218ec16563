"""Measures of a two-by-two table against scikit-learn and a published table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from thyrosight.statistics.proportions.confusion import cell_of, measures


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40))
def test_measures_equal_scikit_learns(rows: list[tuple[int, int]]) -> None:
    truth, predicted = np.array([*rows, (0, 0), (0, 1), (1, 0), (1, 1)]).T
    found = measures(np.bincount(cell_of(truth, predicted), minlength=4))
    expected = {
        "sensitivity": metrics.recall_score(truth, predicted),
        "specificity": metrics.recall_score(1 - truth, 1 - predicted),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "ppv": metrics.precision_score(truth, predicted),
        "npv": metrics.precision_score(1 - truth, 1 - predicted),
        "f1": metrics.f1_score(truth, predicted),
        "mcc": metrics.matthews_corrcoef(truth, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "positive", "negative"),
    [(0.5725, 0.8708, 4.43, 0.49), (0.8478, 0.8023, 4.29, 0.19), (0.9514, 0.3430, 1.45, 0.14)],
)
def test_likelihood_ratios_of_the_lymph_node_paper(
    sensitivity: float, specificity: float, positive: float, negative: float
) -> None:
    # Zhao et al., Frontiers in Oncology 2023 (Y-Net), Table 3
    found = measures([sensitivity, 1 - sensitivity, 1 - specificity, specificity])
    assert round(float(found["positive_likelihood_ratio"]), 2) == positive
    assert round(float(found["negative_likelihood_ratio"]), 2) == negative


def test_predictive_values_at_the_prevalence_of_the_data_are_the_plain_ones() -> None:
    found = measures([290, 33, 29, 18], prevalence=323 / 370)
    assert found["adjusted_ppv"] == pytest.approx(290 / 319)
    assert found["adjusted_npv"] == pytest.approx(18 / 51)


def test_undefined_measures_are_nan_and_tables_stack() -> None:
    found = measures([[0, 0, 3, 4], [5, 0, 0, 5], [0, 3, 0, 4]], prevalence=0.1)
    assert np.isnan(found["sensitivity"]).tolist() == [True, False, False]
    assert np.isnan(found["mcc"]).tolist() == [True, False, True]
    assert found["positive_likelihood_ratio"][1] == np.inf
    assert np.isnan(found["positive_likelihood_ratio"][2])
    assert found["f1"].tolist() == [0, 1, 0]
    assert np.isnan(measures([0, 0, 0, 0])["accuracy"])
    assert np.isnan(measures([5, 1, 1, 5])["adjusted_ppv"])
