"""Expected precision: against formulas and simulated data with clusters, and that numbers of patients keep it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    auc,
    effective_cases,
    expected_auc_interval,
    expected_share_interval,
    patients_for_auc_width,
    proportion_interval,
)

SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=30)


@given(SIZES, st.floats(0, 1))
def test_cases_are_worth_between_what_counting_groups_and_images_would_say(
    sizes: list[int], correlation: float
) -> None:
    worth = effective_cases(sizes, correlation=correlation)
    assert worth <= sum(sizes) + 1e-9
    assert worth >= effective_cases(sizes, correlation=1) - 1e-9
    assert effective_cases(sizes, correlation=1) <= len(sizes) + 1e-9


@given(SIZES, st.floats(0, 1), st.integers(1, 10))
def test_testing_everyone_equally_often_adds_nothing(sizes: list[int], correlation: float, times: int) -> None:
    once = effective_cases(sizes, correlation=correlation)
    assert effective_cases(sizes, correlation=correlation, times=[times] * len(sizes)) == pytest.approx(once)


def test_the_design_effect_is_that_of_kish() -> None:
    assert effective_cases([4] * 30, correlation=0.3) == pytest.approx(120 / (1 + 3 * 0.3))


def test_an_expected_share_has_the_interval_that_wilson_gives_to_that_share() -> None:
    found, own = expected_share_interval(0.9, cases=40), proportion_interval(36, 40, method="wilson")
    assert (found.low, found.high) == pytest.approx((own.low, own.high))


def test_the_expected_width_of_an_auc_is_that_of_clustered_data() -> None:
    """120 simulated cohorts of 60 patients with 3 images each, whose scores correlate by 0.6 within a patient."""
    random, patients, images, share = np.random.default_rng(4), 60, 3, 0.6
    widths, areas = [], []
    for _ in range(120):
        truth = np.repeat(np.arange(patients) % 3 == 0, images)
        own = np.repeat(random.normal(size=patients), images)
        score = 1.4657 * truth + np.sqrt(share) * own + np.sqrt(1 - share) * random.normal(size=truth.size)
        found = auc(truth.astype(int), score, cluster=np.repeat(np.arange(patients), images))
        widths.append(found.high - found.low)
        areas.append(found.value)
    # An AUC is a mean of ranks, whose correlation is somewhat below that of the scores.
    worth = {label: effective_cases([images] * count, correlation=share) for label, count in (("yes", 20), ("no", 40))}
    expected = expected_auc_interval(0.85, positives=worth["yes"], negatives=worth["no"])
    assert np.mean(areas) == pytest.approx(0.85, abs=0.01)
    assert expected.high - expected.low == pytest.approx(np.mean(widths), rel=0.1)


@given(st.floats(0.55, 0.97), st.floats(0.03, 0.3), st.floats(0.1, 0.9))
def test_the_patients_asked_for_give_the_width_and_fewer_do_not(area: float, width: float, prevalence: float) -> None:
    def wide(positives: int, negatives: int) -> float:
        found = expected_auc_interval(area, positives=positives, negatives=negatives)
        return found.high - found.low

    size = patients_for_auc_width(area, width=width, prevalence=prevalence)
    assert wide(size.positives, size.negatives) <= width
    if size.positives > 2:
        fewer = size.positives - 1
        assert wide(fewer, max(1, int(np.ceil(fewer * (1 - prevalence) / prevalence - 1e-9)))) > width


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: effective_cases([2, 3], correlation=1.2), "correlation"),
        (lambda: effective_cases([2, 3], correlation=0.5, times=[0, 0]), "at least one case"),
        (lambda: effective_cases([2, -3], correlation=0.5), "0 or more"),
        (lambda: expected_share_interval(0.9, cases=0.5), "at least one case"),
        (lambda: expected_share_interval(1.0, cases=5), "strictly between"),
        (lambda: expected_auc_interval(0.8, positives=0.5, negatives=9), "at least one patient"),
        (lambda: patients_for_auc_width(0.8, width=0), "width"),
    ],
)
def test_impossible_numbers_are_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StatisticsError, match=words):
        call()
