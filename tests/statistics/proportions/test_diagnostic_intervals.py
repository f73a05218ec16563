"""Intervals of measures that are not plain proportions, against textbook formulas and in empty cells."""

import math

import numpy as np
import pytest

from thyrosight.statistics import DiagnosticTable, diagnostic_table


def _table(tp: int, fn: int, fp: int, tn: int, **options: object) -> DiagnosticTable:
    return diagnostic_table(
        np.repeat([1, 1, 0, 0], [tp, fn, fp, tn]), np.repeat([1, 0, 1, 0], [tp, fn, fp, tn]), **options
    )


def test_likelihood_ratio_interval_by_hand() -> None:
    table = _table(290, 33, 29, 18)
    ratio = (290 / 323) / (29 / 47)
    se = math.sqrt(1 / 290 - 1 / 323 + 1 / 29 - 1 / 47)  # Simel, Samsa & Matchar 1991
    found = table.positive_likelihood_ratio
    assert (found.value, found.low, found.high) == pytest.approx(
        (ratio, ratio * math.exp(-1.959964 * se), ratio * math.exp(1.959964 * se)), rel=1e-6
    )


def test_balanced_accuracy_with_wald_limits_is_the_textbook_wald_interval() -> None:
    table = _table(290, 33, 29, 18, interval="wald")
    se = 0.5 * math.hypot(table.sensitivity.se, table.specificity.se)
    assert table.balanced_accuracy.se == pytest.approx(se)
    assert table.balanced_accuracy.low == pytest.approx(table.balanced_accuracy.value - 1.959964 * se)


def test_predictive_values_at_another_prevalence_follow_bayes() -> None:
    table = _table(290, 33, 29, 18, prevalence=0.1)
    se, sp = 290 / 323, 18 / 47
    assert table.adjusted_ppv.value == pytest.approx(0.1 * se / (0.1 * se + 0.9 * (1 - sp)))
    assert table.adjusted_npv.value == pytest.approx(0.9 * sp / (0.9 * sp + 0.1 * (1 - se)))
    assert table.adjusted_npv.low < table.adjusted_npv.value < table.adjusted_npv.high
    assert _table(2, 1, 1, 2).adjusted_ppv.method == "no prevalence given"


def test_empty_cells_keep_an_honest_width() -> None:
    table = _table(5, 0, 0, 5)
    assert table.positive_likelihood_ratio.value == math.inf
    assert 0 < table.positive_likelihood_ratio.low < 1
    assert table.negative_likelihood_ratio.value == 0 and table.negative_likelihood_ratio.high > 0.5
    assert math.isnan(table.mcc.low) and "no interval" in table.mcc.method
    drawn = _table(5, 0, 0, 5, interval="bootstrap")
    assert drawn.sensitivity.low == pytest.approx(0.025 ** (1 / 5)), "every sample repeats 5 of 5: Clopper-Pearson"


def test_a_share_that_one_patient_decides_leaves_the_ratio_open() -> None:
    # The only benign nodule, called malignant, is one patient's: nothing bounds the share of benign nodules so called.
    table = _table(1, 1, 1, 0, cluster=[0, 0, 1], prevalence=0.2)
    assert (table.negative_likelihood_ratio.low, table.negative_likelihood_ratio.high) == (0, math.inf)
    assert (table.adjusted_npv.low, table.adjusted_npv.value, table.adjusted_npv.high) == (0, 0, 1)
