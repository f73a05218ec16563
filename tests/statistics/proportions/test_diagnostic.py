"""The diagnostic table against the micronodule paper, and where cells or classes are empty."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import diagnostic_table, gee_proportion, proportion_interval

# Rho et al., micronodules (ResNet-101), Table 2: counts and printed figures in per cent, with 95 % intervals
CNN = (
    (290, 33, 29, 18),
    {
        "sensitivity": (89.8, 86.5, 93.1),
        "specificity": (38.3, 24.4, 52.2),
        "accuracy": (83.2, 79.4, 87.0),
        "ppv": (90.9, 87.8, 94.1),
        "npv": (35.3, 22.2, 48.4),
    },
)
RADIOLOGISTS = (
    (282, 41, 35, 12),
    {
        "sensitivity": (87.3, 83.7, 90.9),
        "specificity": (25.5, 13.1, 38.0),
        "accuracy": (79.5, 75.3, 83.6),
        "ppv": (89.0, 85.5, 92.4),
        "npv": (22.6, 11.4, 33.9),
    },
)


def calls(tp: int, fn: int, fp: int, tn: int) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat([1, 1, 0, 0], [tp, fn, fp, tn]), np.repeat([1, 0, 1, 0], [tp, fn, fp, tn])


@pytest.mark.parametrize(("cells", "printed"), [CNN, RADIOLOGISTS], ids=["CNN", "radiologists"])
def test_wald_intervals_equal_the_micronodule_paper(cells: tuple, printed: dict) -> None:
    table = diagnostic_table(*calls(*cells), interval="wald")
    assert (table.true_positive, table.false_negative, table.false_positive, table.true_negative) == cells
    for name, figures in printed.items():
        found = getattr(table, name)
        assert [100 * x for x in (found.value, found.low, found.high)] == pytest.approx(figures, abs=0.0501)


@pytest.mark.parametrize("interval", ["wilson", "clopper-pearson", "agresti-coull", "jeffreys"])
def test_proportions_take_the_interval_asked_for(interval: str) -> None:
    table = diagnostic_table(*calls(20, 3, 4, 30), interval=interval, confidence=0.9)
    assert table.sensitivity == proportion_interval(20, 23, method=interval, confidence=0.9)
    assert table.npv == proportion_interval(30, 33, method=interval, confidence=0.9)


def _clustered(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(150), 4)
    easy = rng.normal(size=150)[cluster]
    truth = (rng.random(600) < 0.4).astype(int)
    return truth, ((2 * truth - 1) * (0.8 + 1.5 * easy) + rng.normal(size=600) > 0).astype(int), cluster


def test_clustered_intervals_are_gee_and_agree_with_the_bootstrap() -> None:
    truth, predicted, cluster = _clustered()
    formula = diagnostic_table(truth, predicted, cluster=cluster, prevalence=0.2)
    drawn = diagnostic_table(truth, predicted, cluster=cluster, prevalence=0.2, interval="bootstrap", replicates=8000)
    naive = diagnostic_table(truth, predicted, prevalence=0.2)
    assert formula.sensitivity == gee_proportion(predicted[truth == 1], cluster[truth == 1])
    for name, estimate in formula.estimates().items():
        other = drawn.estimates()[name]
        assert estimate.value == pytest.approx(other.value)
        # A ratio of odds is skewed: its standard error on its own scale is a first approximation.
        near = 0.15 if name == "diagnostic_odds_ratio" else 0.07
        assert estimate.se == pytest.approx(other.se, rel=near), name
        assert estimate.high - estimate.low == pytest.approx(other.high - other.low, rel=0.07), name
        assert estimate.se > 1.1 * naive.estimates()[name].se, f"{name}: correlated calls hold less information"


def test_clusters_of_one_equal_no_clusters() -> None:
    truth, predicted, _ = _clustered(3)
    plain = diagnostic_table(truth, predicted, interval="gee", prevalence=0.3)
    single = diagnostic_table(truth, predicted, cluster=np.arange(600), prevalence=0.3)
    for name, estimate in plain.estimates().items():
        other = single.estimates()[name]
        assert (other.value, other.low, other.high, other.se) == pytest.approx(
            (estimate.value, estimate.low, estimate.high, estimate.se), rel=1e-9
        )


@given(
    st.tuples(*[st.integers(0, 6)] * 4).filter(any),
    st.sampled_from(["wald", "wilson", "clopper-pearson", "agresti-coull", "jeffreys", "gee", "bootstrap", "clusters"]),
)
def test_every_table_gets_right_values_or_nan_with_a_reason(cells: tuple, interval: str) -> None:
    truth, predicted = calls(*cells)
    options = {"cluster": np.arange(truth.size) // 2} if interval == "clusters" else {"interval": interval}
    table = diagnostic_table(truth, predicted, prevalence=0.3, replicates=50, **options)
    for name, estimate in table.estimates().items():
        if math.isnan(estimate.value):
            assert math.isnan(estimate.low) and math.isnan(estimate.high)
            assert estimate.method in (
                "no positive in truth",
                "no negative in truth",
                "nothing was called positive",
                "nothing was called negative",
                "prediction does not vary",
            )
        elif not math.isnan(estimate.low) and interval != "bootstrap":
            assert estimate.low <= estimate.value + 1e-12 and estimate.value <= estimate.high + 1e-12, name
    tp, fn, fp, tn = cells
    assert math.isnan(table.sensitivity.value) == (tp + fn == 0)
    assert math.isnan(table.specificity.value) == (fp + tn == 0)
    assert math.isnan(table.ppv.value) == (tp + fp == 0)


def test_diagnostic_odds_ratio_equals_epiR() -> None:  # noqa: N802
    # epiR 2.0.57: epi.tests(c(670, 202, 74, 640)), rows test + and -, columns disease + and -
    found = diagnostic_table(*calls(670, 74, 202, 640)).diagnostic_odds_ratio
    expected = (28.686111854428685, 21.518191656635157, 38.24173640869370)
    assert (found.value, found.low, found.high) == pytest.approx(expected, rel=1e-10)
    assert found.method == "log scale, Woolf"


@pytest.mark.parametrize(
    ("cells", "expected"),
    # metafor 3.8.1: escalc("OR", ai = 18, bi = 0, ci = 3, di = 20, add = 0.5, to = "only0"), exp(yi) and sqrt(vi)
    [((18, 0, 3, 20), (216.71428571428598, 1.54549306940317)), ((0, 5, 3, 20), (0.532467532467532, 1.586289051635088))],
)
def test_one_empty_cell_adds_a_half_to_each_and_says_so(cells: tuple, expected: tuple[float, float]) -> None:
    for cluster in (None, np.arange(sum(cells))):
        found = diagnostic_table(*calls(*cells), cluster=cluster).diagnostic_odds_ratio
        assert (found.value, found.se / found.value) == pytest.approx(expected, rel=1e-12)
        assert "0.5 added to each cell, as one is empty" in found.method


def test_rare_replicates_with_an_empty_cell_are_corrected_too() -> None:
    found = diagnostic_table(*calls(6, 1, 1, 6), interval="bootstrap", replicates=500).diagnostic_odds_ratio
    assert found.value == 36 and math.isfinite(found.high)
    assert "0.5 added to each cell where one is empty" in found.method


@pytest.mark.parametrize("interval", ["gee", "bootstrap"])
def test_order_of_rows_changes_nothing(interval: str) -> None:
    truth, predicted, cluster = _clustered(5)
    order = np.random.default_rng(0).permutation(600)
    for labels in (None, cluster):
        moved = None if labels is None else labels[order]
        one = diagnostic_table(truth, predicted, cluster=labels, interval=interval, replicates=100)
        other = diagnostic_table(truth[order], predicted[order], cluster=moved, interval=interval, replicates=100)
        for name, estimate in one.estimates().items():
            same = other.estimates()[name]
            assert (estimate.low, estimate.high) == pytest.approx((same.low, same.high), nan_ok=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"truth": [0, 1], "predicted": [0, 1, 1]}, "predicted with 3"),
        ({"truth": [0, 1], "predicted": [0.2, 0.9]}, "`predicted` to hold only 0 and 1, got 0.2"),
        (
            {"truth": [0, 1], "predicted": [0, 1], "cluster": [1, 1], "interval": "wald"},
            "wald interval ignores clusters",
        ),
        ({"truth": [0, 1], "predicted": [0, 1], "interval": "exact"}, "'wald', 'wilson'"),
        ({"truth": [0, 1], "predicted": [0, 1], "prevalence": 20}, "`prevalence` between 0 and 1"),
    ],
)
def test_bad_input_gets_one_sentence(arguments: dict, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        diagnostic_table(**arguments)


def test_table_prints_and_becomes_json() -> None:
    table = diagnostic_table(*calls(3, 4, 0, 7))
    assert str(table).startswith("TP 3, FN 4, FP 0, TN 7\nsensitivity: 0.429")
    assert table.to_dict()["positive_likelihood_ratio"]["value"] is None
    assert table.to_dict()["true_negative"] == 7
