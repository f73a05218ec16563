"""The clustered test of association: near Pearson's without clusters, right about clusters, defined at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import chi_square_test, clustered_association_test, contingency_table


def test_independent_observations_give_about_pearsons_chi_square() -> None:
    generator = np.random.default_rng(3)
    category = generator.integers(0, 4, 4000)
    outcome = (generator.random(4000) < 0.2 + 0.02 * category).astype(int)
    found = clustered_association_test(category, outcome, cluster=np.arange(4000))
    pearson = chi_square_test(contingency_table(category, outcome))
    assert found.statistic == pytest.approx(pearson.statistic, rel=0.05)
    assert found.df == pearson.df == 3


def test_every_observation_twice_says_no_more_than_once() -> None:
    """The same observation repeated within its cluster: the statistic stays, where Pearson's doubles."""
    generator = np.random.default_rng(4)
    category, outcome = generator.integers(0, 3, 90), generator.integers(0, 2, 90)
    once = clustered_association_test(category, outcome, cluster=np.arange(90))
    twice = clustered_association_test(np.tile(category, 2), np.tile(outcome, 2), cluster=np.tile(np.arange(90), 2))
    assert twice.statistic == pytest.approx(once.statistic)
    doubled = chi_square_test(contingency_table(np.tile(category, 2), np.tile(outcome, 2))).statistic
    assert doubled == pytest.approx(2 * chi_square_test(contingency_table(category, outcome)).statistic)


def test_it_errs_as_often_as_it_says_where_pearson_errs_more() -> None:
    """Clusters of five with one category and mostly one outcome; 600 samples under no association."""
    generator = np.random.default_rng(5)
    found, pearson = [], []
    for _ in range(600):
        patient = np.repeat(np.arange(80), 5)
        category = generator.integers(0, 2, 80)[patient]
        outcome = (generator.random(400) < generator.beta(0.6, 1.4, 80)[patient]).astype(int)
        found.append(clustered_association_test(category, outcome, cluster=patient).p < 0.05)
        pearson.append(chi_square_test(contingency_table(category, outcome)).p < 0.05)
    assert 0.025 < np.mean(found) < 0.075  # 0.05 with 2.8 standard errors of 600 samples
    assert np.mean(pearson) > 0.15


def test_a_category_without_the_outcome_does_no_harm() -> None:
    category = ["a"] * 30 + ["b"] * 30 + ["c"] * 5
    outcome = [1] * 10 + [0] * 20 + [1] * 10 + [0] * 20 + [0] * 5
    found = clustered_association_test(category, outcome, cluster=range(65))
    assert found.df == 2
    assert 0 < found.p < 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 5)), min_size=6, max_size=40))
def test_names_of_categories_and_order_of_rows_do_not_matter(rows: list[tuple[int, int, int]]) -> None:
    category, outcome, cluster = (np.array(column) for column in zip(*rows, strict=True))
    try:
        found = clustered_association_test(category, outcome, cluster=cluster)
    except StatisticsError:
        return
    again = clustered_association_test((category * 7 + 1) % 20, outcome, cluster=cluster)
    turned = clustered_association_test(category[::-1], outcome[::-1], cluster=cluster[::-1])
    assert turned.statistic == pytest.approx(found.statistic, abs=1e-8)
    assert again.df == found.df
    assert again.statistic == pytest.approx(found.statistic, abs=1e-6)


def test_what_cannot_be_tested_is_said() -> None:
    with pytest.raises(StatisticsError, match="at least two categories"):
        clustered_association_test(["a"] * 4, [0, 1, 0, 1], cluster=range(4))
    with pytest.raises(StatisticsError, match="at least two clusters"):
        clustered_association_test(["a", "b"], [0, 1], cluster=[1, 1])
    with pytest.raises(StatisticsError, match="outcome"):
        clustered_association_test(["a", "b"], [0, 2], cluster=[1, 2])
