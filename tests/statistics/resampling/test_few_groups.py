"""Few patients and results without variation: exact intervals from statsmodels and by hand, and what they hold."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    LEAST_GROUPS,
    DivisionOutcome,
    difference_over_divisions,
    exact_limits,
    exact_measures,
    groups_of_classes,
    mean_over_divisions,
    too_few,
    unseen_share,
    verdict_of,
)
from thyrosight.statistics.resampling.few_groups import difference_limits, pairs_tested_together


def _perfect(negative: int, positive: int, *, images: int = 1, start: int = 0) -> DivisionOutcome:
    """Every image of so many patients judged right with full separation."""
    truth = np.repeat([0, 1], [negative * images, positive * images])
    cluster = np.repeat(np.arange(negative + positive), images) + start
    return DivisionOutcome(
        truth=truth.tolist(),
        score=(truth + np.linspace(0, 0.5, truth.size)).tolist(),
        predicted=truth.tolist(),
        cluster=[f"p{number}" for number in cluster],
    )


def _drawn(random: np.random.Generator, groups: int, *, separation: float) -> list[DivisionOutcome]:
    """Two classifiers that are as good as each other, on the same patients."""
    truth = np.repeat([0, 1], groups)
    shared, cluster = random.normal(size=2 * groups), [str(number) for number in range(2 * groups)]
    scores = [separation * truth + 0.7 * shared + 0.7 * random.normal(size=2 * groups) for _ in range(2)]
    return [
        DivisionOutcome(truth.tolist(), score.tolist(), (score > separation / 2).astype(int).tolist(), cluster)
        for score in scores
    ]


@given(st.integers(0, 1000).map(lambda n: n / 1000), st.integers(1, 200), st.sampled_from([0.9, 0.95]))
def test_limits_are_those_of_statsmodels_with_a_share_of_a_success(value: float, units: int, level: float) -> None:
    expected = proportion_confint(value * units, units, alpha=1 - level, method="beta")
    low, high = exact_limits(value, units, confidence=level)
    assert low == pytest.approx(0 if value == 0 else expected[0], abs=1e-9)
    assert high == pytest.approx(1 if value == 1 else expected[1], abs=1e-9)
    assert low <= value + 1e-12 and value <= high + 1e-12


def test_a_perfect_result_says_what_so_few_patients_allow() -> None:
    """12 patients of each class, two images each: 0.025 ** (1 / 12) for shares of a class and for the AUC's pairs."""
    found = mean_over_divisions([_perfect(12, 12, images=2)] * 2, replicates=300)
    limit = 0.025 ** (1 / 12)
    for name in ("auc", "recall", "specificity", "precision"):
        assert (found[name].value, found[name].high) == (1, 1)
        assert found[name].low == pytest.approx(limit)
        assert "every bootstrap sample gives the same" in found[name].method
    assert found["accuracy"].low == pytest.approx(0.025 ** (1 / 24))
    assert found["f1"].low == pytest.approx(2 * limit / (1 + limit))
    assert found["balanced_accuracy"].low == pytest.approx(1 - math.hypot(1 - limit, 1 - limit) / 2)


def test_two_perfect_classifiers_may_differ_in_other_patients() -> None:
    part = [_perfect(12, 15)]
    other = [DivisionOutcome(part[0].truth, [2 * s for s in part[0].score], part[0].predicted, part[0].cluster)]
    found = difference_over_divisions(part, other, replicates=300)
    assert (found.difference, found.p) == (0, 1)
    assert (-found.low, found.high) == pytest.approx((unseen_share(12), unseen_share(12)))


@pytest.mark.parametrize(("negative", "positive"), [(2, 2), (9, 40), (40, 9)])
def test_below_the_floor_there_is_no_p_value_and_no_bootstrap(negative: int, positive: int) -> None:
    """Four patients gave P = 0.011 before."""
    good = [_perfect(negative, positive)]
    bad = [DivisionOutcome(good[0].truth, good[0].score[::-1], [0] * len(good[0].truth), good[0].cluster)]
    found = difference_over_divisions(good, bad, replicates=300)
    assert math.isnan(found.p) and "too few (below 10) for a bootstrap" in found.method
    mean = mean_over_divisions(bad, replicates=300)
    assert all("too few (below 10)" in item.method for item in mean.values())
    assert mean["accuracy"].low < mean["accuracy"].value < mean["accuracy"].high
    share = negative / (negative + positive)
    assert (mean["accuracy"].low, mean["accuracy"].high) == pytest.approx(exact_limits(share, negative + positive))


def test_from_the_floor_on_there_are_both() -> None:
    one, other = _drawn(np.random.default_rng(1), LEAST_GROUPS, separation=1.0)
    found = difference_over_divisions([one], [other], replicates=300)
    assert 0 < found.p <= 1 and "bootstrap" in found.method
    assert too_few(LEAST_GROUPS, LEAST_GROUPS) == ""


def test_groups_count_once_however_many_images_and_divisions() -> None:
    parts = [_perfect(3, 2, images=4), _perfect(3, 2, images=4, start=2)]
    assert groups_of_classes(parts) == (5, 4)
    assert groups_of_classes([_perfect(3, 2, images=4)] * 5) == (3, 2)


def test_pairs_are_the_most_that_stood_in_one_test_part() -> None:
    assert pairs_tested_together([_perfect(7, 4, images=3)]) == 4
    assert pairs_tested_together([_perfect(7, 4), _perfect(7, 4, start=100)]) == 8
    both = DivisionOutcome(truth=[0, 1, 0, 1], score=[1, 2, 3, 4], predicted=[0] * 4, cluster=["a", "a", "b", "b"])
    assert pairs_tested_together([both]) == 1, "each patient has both classes, and stands in one pair only"
    apart = [DivisionOutcome([0, 1, 1], [0, 1, 1], [0] * 3, ["n1", "p1", "p2"]),
             DivisionOutcome([0, 0, 1], [0, 1, 1], [0] * 3, ["n1", "n2", "p1"])]  # fmt: skip
    assert pairs_tested_together(apart) == 2, "n1 with p2, n2 with p1"


def test_differences_follow_the_paper_of_zou_and_donner() -> None:
    """Example of section 3.1: 56 of 70 against 48 of 80 by MOVER of Wilson limits is 0.052 to 0.334 (Newcombe 1998,
    method 10, example a)."""
    first, second = (proportion_confint(*counts, method="wilson") for counts in ((56, 70), (48, 80)))
    assert difference_limits(0.8, first, 0.6, second) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("groups", [3, 6])
def test_exact_intervals_of_few_groups_hold_what_they_promise(groups: int) -> None:
    """Percentile bootstrap intervals hold 61 and 86 % here."""
    random = np.random.default_rng(groups)
    truths = {"auc": stats.norm.cdf(1.2 / math.sqrt(2 * 0.98)), "recall": stats.norm.cdf(0.6 / math.sqrt(0.98))}
    held = dict.fromkeys(truths, 0)
    for _ in range(300):
        limits = exact_measures([_drawn(random, groups, separation=1.2)[0]], list(truths))
        for name, truth in truths.items():
            held[name] += limits[name][0] <= truth <= limits[name][1]
    assert min(held.values()) >= 0.94 * 300


def test_likelihood_ratios_need_both_limits_at_half_the_error() -> None:
    truth, predicted = [1] * 6 + [0] * 6, [1] * 5 + [0] + [0] * 4 + [1] * 2
    part = DivisionOutcome(truth, [float(x) for x in predicted], predicted, [str(number) for number in range(12)])
    sensitivity, specificity = exact_limits(5 / 6, 6, confidence=0.975), exact_limits(4 / 6, 6, confidence=0.975)
    found = exact_measures([part], ["positive_likelihood_ratio", "negative_likelihood_ratio", "mcc"])
    assert found["positive_likelihood_ratio"] == pytest.approx(
        (sensitivity[0] / (1 - specificity[0]), sensitivity[1] / (1 - specificity[1]))
    )
    assert found["negative_likelihood_ratio"] == pytest.approx(
        ((1 - sensitivity[1]) / specificity[1], (1 - sensitivity[0]) / specificity[0])
    )
    assert math.isnan(found["mcc"][0]), "no limit is known"


def test_the_four_verdicts_are_told_by_where_the_interval_lies() -> None:
    places = [-0.1, -0.01, 0.01, 0.1]
    found = {(low, high): verdict_of(low, high, margin=0.05) for low, high in combinations(places, 2)}
    assert found[-0.01, 0.01] == "practically equal"
    assert {said for limits, said in found.items() if limits != (-0.01, 0.01)} == {"cannot be told"}
    assert verdict_of(0.051, 0.3, margin=0.05) == "better" and verdict_of(-0.3, -0.051, margin=0.05) == "worse"
    assert verdict_of(0.051, 0.3, margin=0.05, p=0.2) == "cannot be told", "not once corrected for other comparisons"
    assert verdict_of(math.nan, math.nan, margin=0.05) == "cannot be told"
    with pytest.raises(StatisticsError, match="above 0"):
        verdict_of(0, 1, margin=0)
