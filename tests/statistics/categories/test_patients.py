"""Categories of nodules that share patients: against GEE of statsmodels, and what repeating must not change."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import categorisation, compare_categorisations


def test_equals_gee_of_statsmodels_on_real_nodules(real_data: Path) -> None:
    # statsmodels 0.15.0, GEE with Independence(): fit and compare_score_test of mal on echo_strength, patients `id`.
    table = pd.read_csv(real_data / "tables" / "nodules_shengjing.csv")
    found = categorisation(table["mal"], table["echo_strength"], cluster=table["id"])
    assert (found.n, found.clusters) == (1232, 724)
    assert found.linear_trend.statistic == pytest.approx(24.758814401937112, rel=1e-8)
    assert found.cochran_armitage.statistic == pytest.approx(20.783132389101954, rel=1e-8)
    assert found.class_likelihood_ratio.statistic == pytest.approx(21.574742655361742, rel=1e-8)
    assert (found.class_likelihood_ratio.df, found.class_likelihood_ratio.p) == (4, pytest.approx(0.0002435124236))
    limits = [
        (0.136392, 0.566766),
        (0.348072, 0.808216),
        (0.442734, 0.597927),
        (0.229831, 0.856268),
        (0.667542, 0.714333),
    ]
    assert [(rate.low, rate.high) for rate in found.malignancy_rate] == [
        pytest.approx(pair, abs=5e-7) for pair in limits
    ]
    # Model and robust variance of its slope: 0.004970812667551748 and 0.004634776379723618.
    plain = categorisation(table["mal"], table["echo_strength"])
    effect = 0.004634776379723618 / 0.004970812667551748
    assert found.likelihood_ratio.statistic == pytest.approx(plain.likelihood_ratio.statistic / effect, rel=1e-7)
    assert (found.aic, found.class_aic) == (plain.aic, plain.class_aic)
    assert "AIC takes nodules as independent" in found.note and plain.clusters is None


def test_each_nodule_twice_says_no_more_than_once() -> None:
    rng = np.random.default_rng(11)
    category = rng.integers(1, 5, 120)
    malignant = (rng.random(120) < 0.1 + 0.15 * category).astype(int)
    once = categorisation(malignant, category, cluster=np.arange(120))
    twice = categorisation(np.tile(malignant, 2), np.tile(category, 2), cluster=np.tile(np.arange(120), 2))
    for name in ("likelihood_ratio", "linear_trend", "cochran_armitage", "class_likelihood_ratio"):
        assert getattr(twice, name).statistic == pytest.approx(getattr(once, name).statistic, rel=1e-7)
    assert [rate.se for rate in twice.malignancy_rate] == pytest.approx([rate.se for rate in once.malignancy_rate])
    doubled, single = categorisation(np.tile(malignant, 2), np.tile(category, 2)), categorisation(malignant, category)
    assert doubled.linear_trend.statistic == pytest.approx(2 * single.linear_trend.statistic, rel=1e-6)


def test_tests_err_as_often_as_they_say_where_independence_errs_more() -> None:
    """Patients with five nodules of one category and mostly one outcome; 300 samples under no association."""
    rng = np.random.default_rng(12)
    names = ("likelihood_ratio", "linear_trend", "cochran_armitage", "class_likelihood_ratio")
    errors = dict.fromkeys((*names, "independent"), 0)
    for _ in range(300):
        patient = np.repeat(np.arange(80), 5)
        category = rng.integers(1, 4, 80)[patient]
        malignant = (rng.random(400) < rng.beta(0.6, 1.4, 80)[patient]).astype(int)
        found = categorisation(malignant, category, cluster=patient)
        for name in names:
            errors[name] += getattr(found, name).p < 0.05
        errors["independent"] += categorisation(malignant, category).likelihood_ratio.p < 0.05
    assert all(3 <= errors[name] <= 30 for name in names), errors  # 15 are promised
    assert errors["independent"] > 45


def test_categories_that_part_the_classes_keep_what_is_defined() -> None:
    found = categorisation([0, 0, 1, 1, 1], [3, 3, 4, 4, 5], cluster=["a", "a", "b", "c", "c"])
    assert np.isnan(found.linear_trend.statistic) and np.isnan(found.likelihood_ratio.statistic)
    assert found.cochran_armitage.p < 1 and found.note.startswith("the categories part all benign")


def test_two_systems_are_described_with_their_patients() -> None:
    rng = np.random.default_rng(13)
    patient, category = rng.integers(0, 40, 100), rng.integers(1, 4, 100)
    malignant = (rng.random(100) < 0.2 * category).astype(int)
    both = compare_categorisations(malignant, category, rng.integers(1, 4, 100), cluster=patient, replicates=100)
    assert both.a == categorisation(malignant, category, cluster=patient)


@pytest.mark.parametrize(
    ("cluster", "said"), [([1, 1, 1, 1], "at least two patients"), ([1, 2], "malignant with 4 and cluster with 2")]
)
def test_unfit_patients_are_refused(cluster: list[int], said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        categorisation([0, 1, 0, 1], [1, 1, 2, 2], cluster=cluster)
