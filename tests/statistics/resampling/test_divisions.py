"""Means over repeated divisions: golden values by hand, and an interval that holds what it promises."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, roc_auc_score

from thyrosight.errors import StatisticsError
from thyrosight.statistics import DivisionOutcome, difference_over_divisions, mean_over_divisions


def _division(seed: int, *, clusters: int = 60, separation: float = 1.0, bias: float = 0.0) -> DivisionOutcome:
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), rng.integers(1, 4, clusters))
    truth = (cluster % 3 == 0).astype(int)
    score = rng.normal(separation * truth, 1) + bias
    return DivisionOutcome(
        truth=truth.tolist(),
        score=score.tolist(),
        predicted=(score > 0.5).astype(int).tolist(),
        cluster=[f"patient {c}" for c in cluster],
    )


def test_values_are_the_mean_and_standard_deviation_of_scikit_learns_measures() -> None:
    divisions = [_division(seed) for seed in range(4)]
    found = mean_over_divisions(divisions, replicates=200)
    expected = {
        "auc": [roc_auc_score(d.truth, d.score) for d in divisions],
        "balanced_accuracy": [balanced_accuracy_score(d.truth, d.predicted) for d in divisions],
        "precision": [precision_score(d.truth, d.predicted) for d in divisions],
        "f1": [f1_score(d.truth, d.predicted) for d in divisions],
    }
    for name, values in expected.items():
        assert found[name].value == pytest.approx(np.mean(values), rel=1e-12)
        assert found[name].spread == pytest.approx(np.std(values, ddof=1), rel=1e-9)
        assert found[name].low < found[name].value < found[name].high


def test_repeating_a_division_narrows_the_spread_but_not_the_interval() -> None:
    one = mean_over_divisions([_division(1)], replicates=1000)["auc"]
    ten = mean_over_divisions([_division(1)] * 10, replicates=1000)["auc"]
    assert ten.spread == pytest.approx(0, abs=1e-12)
    assert np.isnan(one.spread)
    assert (ten.low, ten.high) == pytest.approx((one.low, one.high)), "the same patients ten times are no more patients"


def test_order_of_rows_changes_nothing() -> None:
    division = _division(3)
    order = np.random.default_rng(0).permutation(len(division.truth))
    shuffled = DivisionOutcome(
        truth=[division.truth[i] for i in order],
        score=[division.score[i] for i in order],
        predicted=[division.predicted[i] for i in order],
        cluster=[division.cluster[i] for i in order],
    )
    one, other = (mean_over_divisions([item], replicates=200) for item in (division, shuffled))
    for name, mean in one.items():
        assert (other[name].value, other[name].low, other[name].high) == pytest.approx(
            (mean.value, mean.low, mean.high)
        )


def test_undefined_measures_are_left_out_and_counted() -> None:
    nobody = DivisionOutcome(truth=[1, 0, 1], score=[0.2, 0.1, 0.3], predicted=[0, 0, 0], cluster=["a", "b", "c"])
    somebody = DivisionOutcome(truth=[1, 0, 1], score=[0.2, 0.1, 0.3], predicted=[1, 0, 0], cluster=["a", "b", "c"])
    precision = mean_over_divisions([nobody, somebody], replicates=200)["precision"]
    assert precision.divisions == 1
    assert precision.value == 1.0


def test_where_nobody_was_judged_differently_somebody_else_may_be() -> None:
    """20 of 60 patients are positive: 0 of 20 pairs may be at most 1 - 0.025 ** (1 / 20) of all (Clopper-Pearson)."""
    divisions = [_division(seed) for seed in range(3)]
    found = difference_over_divisions(divisions, divisions, replicates=400)
    limit = 1 - 0.025 ** (1 / 20)
    assert (found.difference, found.p) == (0, 1)
    assert (found.low, found.high) == pytest.approx((-limit, limit))
    of_calls = difference_over_divisions(divisions, divisions, measure="accuracy", replicates=400)
    assert of_calls.high == pytest.approx(1 - 0.025 ** (1 / 60))


def test_a_much_better_classifier_is_found_better() -> None:
    weak = [_division(seed, separation=0.2) for seed in range(3)]
    strong = [_division(seed, separation=3) for seed in range(3)]
    found = difference_over_divisions(strong, weak, replicates=400)
    assert found.low > 0.1
    assert found.p < 0.02


def test_classifiers_tested_on_other_images_are_refused() -> None:
    with pytest.raises(StatisticsError, match="same images of the same divisions"):
        difference_over_divisions([_division(1)], [_division(2)])
    with pytest.raises(StatisticsError, match="at least one division"):
        mean_over_divisions([])
    with pytest.raises(StatisticsError, match="accuracies"):
        difference_over_divisions([_division(1)], [_division(1)], measure="accuracies")


def test_means_of_all_seven_measures_of_diagnosis() -> None:
    truth, cluster = [1, 1, 1, 1, 0, 0, 0, 0], [str(number) for number in range(8)]
    score = [0.9, 0.8, 0.7, 0.2, 0.6, 0.3, 0.2, 0.1]
    one = DivisionOutcome(truth=truth, score=score, predicted=[1, 1, 1, 0, 1, 0, 0, 0], cluster=cluster)
    two = DivisionOutcome(truth=truth, score=score, predicted=[1, 1, 1, 1, 0, 0, 0, 0], cluster=cluster)
    names = ("sensitivity", "ppv", "npv", "positive_likelihood_ratio", "negative_likelihood_ratio")
    found = mean_over_divisions([one, two], at_operating_point=names, replicates=200)
    assert set(found) == {"auc", *names}
    assert [found[name].value for name in names[:3]] == [0.875, 0.875, 0.875]
    assert found["positive_likelihood_ratio"].value == float("inf")
    assert found["positive_likelihood_ratio"].to_dict()["value"] is None
    assert found["negative_likelihood_ratio"].value == pytest.approx((0.25 / 0.75) / 2)
    with pytest.raises(StatisticsError, match="no measure 'sens'"):
        mean_over_divisions([one], at_operating_point=("sens",), replicates=200)


def test_divisions_that_each_call_all_alike_get_an_interval_of_some_width() -> None:
    """A draw in 3,000 lacks a class of some division, so that not all draws are the same."""
    parts = [
        DivisionOutcome(
            truth=[0, 1] * 6, score=[0.1, 0.2] * 6, predicted=[int(part < 2)] * 12,
            cluster=[f"p{part}-{place}" for place in range(12)],
        )
        for part in range(5)
    ]  # fmt: skip
    found = mean_over_divisions(parts, replicates=2000)
    for name, value in (("recall", 0.4), ("specificity", 0.6)):
        assert found[name].value == pytest.approx(value)
        assert found[name].low < value - 0.1 < value + 0.1 < found[name].high
        assert found[name].method.startswith("exact")
