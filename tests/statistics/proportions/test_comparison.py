"""Two readers on the same nodules: closed form against fitted model, arithmetic by hand, and the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.proportions.comparison import QUANTITIES, compare_proportions
from thyrosight.statistics.regression.gee import fit_clustered_logistic


def _study(seed: int = 0, patients: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    truth = rng.integers(0, 2, patient.size)
    effect = rng.normal(size=patients)[patient]
    a, b = ((truth + effect * 0.5 + rng.normal(size=patient.size) > cut).astype(int) for cut in (0.4, 0.6))
    return truth, a, b, patient


def test_proportions_are_those_of_the_table() -> None:
    truth, a, b, patient = _study()
    expected = {
        "sensitivity": a[truth == 1].mean(),
        "specificity": 1 - a[truth == 0].mean(),
        "accuracy": (a == truth).mean(),
        "ppv": truth[a == 1].mean(),
        "npv": 1 - truth[a == 0].mean(),
    }
    for quantity in QUANTITIES:
        assert compare_proportions(truth, a, b, quantity=quantity, cluster=patient).a.value == pytest.approx(
            expected[quantity], abs=1e-15
        )


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_p_value_is_that_of_the_reader_coefficient(quantity: str, correlation: str) -> None:
    truth, a, b, patient = _study(seed=4)
    chosen = {
        "sensitivity": (truth == 1, truth == 1),
        "specificity": (truth == 0, truth == 0),
        "accuracy": (truth >= 0, truth >= 0),
        "ppv": (a == 1, b == 1),
        "npv": (a == 0, b == 0),
    }[quantity]
    right = np.concatenate([(call == truth)[rows] for call, rows in zip((a, b), chosen, strict=True)]).astype(int)
    reader = np.repeat([0.0, 1.0], [chosen[0].sum(), chosen[1].sum()])
    clusters = np.unique(np.concatenate([patient[chosen[0]], patient[chosen[1]]]), return_inverse=True)[1]
    fit = fit_clustered_logistic(
        right, np.column_stack([np.ones(right.size), reader]), clusters, correlation=correlation
    )
    z = -fit.coefficients[1] / math.sqrt(fit.covariance[1, 1])
    result = compare_proportions(truth, a, b, quantity=quantity, cluster=patient, correlation=correlation)
    assert result.statistic == pytest.approx(z, rel=1e-5)
    assert result.clusters == clusters.max() + 1


def test_without_clusters_the_variance_is_that_of_paired_proportions() -> None:
    # Working independence with nodules as clusters: (b + c - (b - c)^2 / n) / n^2, as in the Wald form of McNemar.
    truth, a, b, _ = _study(seed=2)
    wald, score = (
        compare_proportions(truth, a, b, quantity="accuracy", method=method) for method in ("gee", "mcnemar-exact")
    )
    assert wald.se == pytest.approx(score.se, rel=1e-12)
    assert wald.difference == pytest.approx(score.difference, abs=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(QUANTITIES))
def test_order_of_rows_and_of_readers(seed: int, quantity: str) -> None:
    truth, a, b, patient = _study(seed=seed)
    order = np.random.default_rng(seed).permutation(truth.size)
    one = compare_proportions(truth, a, b, quantity=quantity, cluster=patient)
    two = compare_proportions(truth[order], a[order], b[order], quantity=quantity, cluster=patient[order])
    swapped = compare_proportions(truth, b, a, quantity=quantity, cluster=patient)
    assert two.p == pytest.approx(one.p, rel=1e-9) and two.se == pytest.approx(one.se, rel=1e-9)
    assert (swapped.difference, swapped.p) == pytest.approx((-one.difference, one.p), abs=1e-12)


def test_identical_readers_do_not_differ() -> None:
    truth, a, _, patient = _study()
    for correlation in ("independence", "exchangeable"):
        result = compare_proportions(truth, a, a, quantity="npv", cluster=patient, correlation=correlation)
        assert (result.difference, result.p) == pytest.approx((0, 1), abs=1e-9)


def test_a_perfect_reader_is_compared_exactly() -> None:
    """Wald's test of the difference gave 0.0098 for 5 nodules of 5 patients, of which the sign test says 0.0625."""
    truth = np.repeat([1, 0], 20)
    b = truth.copy()
    b[:5] = 0
    result = compare_proportions(truth, truth, b, quantity="sensitivity")
    assert result.p == pytest.approx(2 * 0.5**5) and math.isnan(result.statistic)
    assert "as a proportion is 0 or 1" in result.method
    assert result.a.low == pytest.approx(0.025 ** (1 / 20))
    below, above = math.hypot(1 - result.a.low, result.b.high - 0.75), result.b.value - result.b.low
    assert (result.low, result.high) == (pytest.approx(0.25 - below), pytest.approx(0.25 + above))
    twice = [np.repeat(x, 2) for x in (truth, truth, b)]
    again = compare_proportions(*twice, quantity="sensitivity", cluster=np.repeat(np.arange(40), 2))
    assert (again.p, again.low) == (pytest.approx(result.p), pytest.approx(result.low))


def test_two_perfect_readers_may_differ_elsewhere() -> None:
    """The difference stood without an interval."""
    truth = np.repeat([1, 0], 12)
    for quantity in ("sensitivity", "accuracy"):
        result = compare_proportions(truth, truth, truth, quantity=quantity)
        assert (result.difference, result.p) == (0, 1)
        assert result.low == -result.high == pytest.approx(result.a.low - 1)


def test_a_predictive_value_of_1_is_tested_by_the_larger_p_value() -> None:
    truth, a = np.repeat([1, 0], [12, 12]), np.repeat([1, 0], [12, 12])
    b = np.repeat([1, 0], [16, 8])
    result = compare_proportions(truth, a, b, quantity="ppv")
    score = compare_proportions(truth, a, b, quantity="ppv", method="score")
    assert result.p == pytest.approx(score.p)
    assert result.low < 0.25 < result.high


def test_a_difference_of_all_against_none_is_tested_exactly() -> None:
    result = compare_proportions([1, 1, 0], [1, 1, 0], [0, 0, 0], quantity="sensitivity")
    assert (result.difference, result.p) == (1, 0.5)
    assert result.low < 1 == result.high


@pytest.mark.parametrize(
    ("quantity", "truth", "a", "b", "reason"),
    [
        ("sensitivity", [0, 0], [1, 0], [1, 0], "sensitivity of the first reader is undefined: no nodule is malignant"),
        ("specificity", [1, 1], [1, 0], [1, 0], "no nodule is benign"),
        ("ppv", [1, 0], [1, 0], [0, 0], "ppv of the second reader is undefined: no nodule was called malignant"),
        ("npv", [1, 0], [1, 1], [0, 0], "npv of the first reader is undefined: no nodule was called benign"),
    ],
)
def test_empty_denominators_are_named(quantity: str, truth: list[int], a: list[int], b: list[int], reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        compare_proportions(truth, a, b, quantity=quantity)


def test_unfit_requests_are_refused() -> None:
    with pytest.raises(StatisticsError, match="cannot compare PPV"):
        compare_proportions([1, 0], [1, 0], [0, 1], quantity="ppv", method="mcnemar-exact")
    with pytest.raises(StatisticsError, match="takes nodules as independent"):
        compare_proportions([1, 0], [1, 0], [0, 1], quantity="accuracy", method="mcnemar-exact", cluster=[1, 1])
    with pytest.raises(StatisticsError, match="at least two patients"):
        compare_proportions([1, 0], [1, 0], [0, 1], quantity="accuracy", cluster=[1, 1])
    with pytest.raises(StatisticsError, match="predicted_b with 3"):
        compare_proportions([1, 0], [1, 0], [0, 1, 1], quantity="accuracy")
