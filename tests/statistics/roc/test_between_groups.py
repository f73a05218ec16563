"""Areas of groups of cases compared: two independent groups by hand, patients in both, and what cannot be tested."""

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, auc_between_groups, clustered_association_test, clustered_mean_test


def cases(count: int, *, skill: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = (random.random(count) < 0.4).astype(int)
    return truth, skill * truth + random.normal(size=count)


def test_two_independent_groups_differ_by_their_own_standard_errors() -> None:
    women, men = cases(300, skill=1.6, seed=1), cases(240, skill=0.7, seed=2)
    truth, score = (np.concatenate(pair) for pair in zip(women, men, strict=True))
    found = auc_between_groups(truth, score, ["F"] * 300 + ["M"] * 240, cluster=range(540))
    areas = [auc(*own) for own in (women, men)]
    errors = [area.se / (area.value * (1 - area.value)) for area in areas]
    distance = np.subtract(*(np.log(area.value / (1 - area.value)) for area in areas))
    assert found.statistic == pytest.approx(distance**2 / np.sum(np.square(errors)), rel=0.02)
    assert (found.df, found.n) == (1, 540)
    assert found.p == pytest.approx(stats.chi2.sf(found.statistic, 1))
    assert found.p < 0.001
    alike = auc_between_groups(
        np.tile(women[0], 2), np.tile(women[1], 2), ["F"] * 300 + ["M"] * 300, cluster=range(600)
    )
    assert alike.statistic == pytest.approx(0, abs=1e-9) and alike.p == pytest.approx(1)


def test_three_groups_have_two_degrees_of_freedom_whatever_their_order() -> None:
    truth, score = cases(450, skill=1.0, seed=3)
    names = np.array(["a", "b", "c"])[np.arange(450) % 3]
    found = auc_between_groups(truth, score, names, cluster=range(450))
    turned = auc_between_groups(truth, score, np.array(["z", "y", "x"])[np.arange(450) % 3], cluster=range(450))
    assert found.df == 2 and found.statistic == pytest.approx(turned.statistic)


def test_copies_of_a_patient_add_nothing() -> None:
    truth, score = cases(200, skill=1.0, seed=4)
    names, patient = ["F", "M"] * 100, np.arange(200)
    once = auc_between_groups(truth, score, names, cluster=patient)
    twice = auc_between_groups(np.tile(truth, 2), np.tile(score, 2), names * 2, cluster=np.tile(patient, 2))
    assert twice.statistic == pytest.approx(once.statistic)
    assert auc_between_groups(np.tile(truth, 2), np.tile(score, 2), names * 2, cluster=range(400)).statistic > 1.9 * (
        once.statistic
    )


@pytest.mark.parametrize(
    ("truth", "category", "said"),
    [
        ([0, 1, 0, 1], "FFFF", "at least two categories"),
        ([0, 0, 0, 1], "FFMM", "Category F holds one class only"),
        ([0, 1, 0, 1], "FFMM", "In category F the classes are perfectly separated"),
    ],
)
def test_what_has_no_test_is_told(truth: list[int], category: str, said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        auc_between_groups(truth, [1, 2, 3, 4], list(category), cluster=range(4))


def test_means_of_a_binary_outcome_are_shares() -> None:
    random = np.random.default_rng(5)
    level, patient = random.integers(0, 3, 120), np.arange(120) // 2
    outcome = (random.random(120) < 0.3 + 0.2 * level).astype(int)
    shares = clustered_association_test(level, outcome, cluster=patient)
    means = clustered_mean_test(level, outcome, cluster=patient)
    assert (shares.statistic, shares.p) == (means.statistic, means.p)
    moved = clustered_mean_test(level, 5 + 3 * outcome, cluster=patient)
    assert moved.statistic == pytest.approx(means.statistic)
    with pytest.raises(StatisticsError, match="outcome"):
        clustered_association_test(level, 5 + outcome, cluster=patient)
