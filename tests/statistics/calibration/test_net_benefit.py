"""Net benefit and biopsies avoided against arithmetic and invariants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import biopsies_avoided, decision_curve

cases = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=40).filter(
    lambda pairs: 0 < sum(y for y, _ in pairs) < len(pairs)
)


def test_net_benefit_by_hand() -> None:
    # 900 cases, 200 cancers; at 0.2 the model marks 180 cancers and 300 others: 180/900 - 300/900 * 0.25.
    truth = [1] * 200 + [0] * 700
    probability = [0.3] * 180 + [0.1] * 20 + [0.3] * 300 + [0.1] * 400
    point = decision_curve(truth, probability, [0.2]).points[0]
    assert point.model.value == pytest.approx(180 / 900 - 300 / 900 * 0.25)
    assert point.treat_all.value == pytest.approx(200 / 900 - 700 / 900 * 0.25)
    # 400 benign cases spared, less 20 missed cancers at the price of 4 biopsies each.
    assert point.interventions_avoided.value == pytest.approx((400 - 20 * 4) / 900)


@settings(max_examples=60, deadline=None)
@given(cases, st.floats(0.01, 0.99))
def test_net_benefit_by_counts(pairs: list[tuple[int, float]], threshold: float) -> None:
    truth, probability = np.array([y for y, _ in pairs]), np.array([p for _, p in pairs])
    point = decision_curve(truth, probability, [threshold]).points[0]
    chosen, odds, n = probability >= threshold, threshold / (1 - threshold), len(pairs)
    expected = (chosen & (truth == 1)).sum() / n - (chosen & (truth == 0)).sum() / n * odds
    assert point.model.value == pytest.approx(expected, abs=1e-9)
    assert point.model.value <= truth.mean() + 1e-12
    mirrored = decision_curve(truth[::-1], probability[::-1], [threshold]).points[0]
    assert mirrored.model.se == pytest.approx(point.model.se, rel=1e-6, abs=1e-9)
    single = decision_curve(truth, probability, [threshold], cluster=np.arange(n)).points[0]
    assert (single.model.low, single.model.high) == pytest.approx((point.model.low, point.model.high))
    for found in (point.model, point.interventions_avoided):
        assert found.low < found.value < found.high  # so few cases are never certain


def test_a_model_that_spares_nobody_may_spare_others() -> None:
    # Of 12 cancers and 28 others, each a patient, none falls below the threshold: at most 26.5 and 12.3 % may.
    truth, risk = [1] * 12 + [0] * 28, [0.4] * 40
    point = decision_curve(truth, risk, [0.2]).points[0]
    missed, spared = (1 - 0.025 ** (1 / n) for n in (12, 28))
    avoided = point.interventions_avoided
    assert (avoided.value, avoided.low) == (0, pytest.approx(-0.3 * missed / 0.25))
    assert avoided.high == pytest.approx(0.7 * spared)
    assert point.model.value == point.treat_all.value
    none = decision_curve(truth, risk, [0.5]).points[0].model  # acts on nobody: the odds are even
    assert (none.value, none.low, none.high) == (0, pytest.approx(-0.7 * spared), pytest.approx(0.3 * missed))


def test_a_model_that_spares_nobody_counts_patients() -> None:
    truth, risk, patient = [1] * 12 + [0] * 28, [0.4] * 40, [*np.arange(12) // 3, *np.arange(28) // 2 + 4]
    found = decision_curve(truth, risk, [0.2], cluster=patient).points[0].interventions_avoided
    once = decision_curve(truth[::2], risk[::2], [0.2]).points[0].interventions_avoided
    assert found.high == pytest.approx(once.high)
    assert found.low == pytest.approx(-0.3 * (1 - 0.025 ** (1 / 4)) / 0.25)


def test_copies_of_a_patient_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    risk = rng.random(80)
    truth = (rng.random(80) < risk).astype(int)
    once = decision_curve(truth, risk, [0.3]).points[0].model
    patient = np.repeat(np.arange(80), 3)
    thrice = decision_curve(np.repeat(truth, 3), np.repeat(risk, 3), [0.3], cluster=patient).points[0].model
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))


def test_biopsies_avoided_by_hand() -> None:
    truth = [0, 0, 1, 0, 1, 1, 1, 0]
    score = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    none_missed = biopsies_avoided(truth, score, miss_rate=0, replicates=200)
    assert (none_missed.threshold, none_missed.missed.value) == (0.3, 0)
    assert (none_missed.avoided.value, none_missed.benign_avoided.value) == (2 / 8, 2 / 4)
    quarter = biopsies_avoided(truth, score, miss_rate=0.25, replicates=200)
    assert (quarter.threshold, quarter.missed.value, quarter.benign_avoided.value) == (0.5, 0.25, 0.75)
    assert quarter.avoided.low <= quarter.avoided.value <= quarter.avoided.high


def test_no_missed_cancer_of_few_is_no_certainty() -> None:
    """A bootstrap that chooses anew never misses more than it may: 0.000 (0.000 to 0.045) of 15 cancers stood there."""
    truth, score = [0] * 25 + [1] * 15, [*range(25), *range(25, 40)]
    found = biopsies_avoided(truth, score, miss_rate=0.05, replicates=200)
    assert (found.missed.value, found.missed.low) == (0, 0)
    assert found.missed.high == pytest.approx(1 - 0.025 ** (1 / 15))
    assert (found.benign_avoided.value, found.benign_avoided.low) == (1, pytest.approx(0.025 ** (1 / 25)))
    patients = np.arange(40) // 5
    found = biopsies_avoided(truth, score, miss_rate=0.05, replicates=200, cluster=patients)
    assert found.missed.high == pytest.approx(1 - 0.025 ** (1 / 3))
    assert (found.missed.n, found.missed.clusters) == (15, 8)


@settings(max_examples=60, deadline=None)
@given(cases, st.floats(0, 0.9))
def test_threshold_keeps_to_the_miss_rate_and_no_higher_one_does(
    pairs: list[tuple[int, float]], miss_rate: float
) -> None:
    truth, score = np.array([y for y, _ in pairs]), np.array([p for _, p in pairs])
    found = biopsies_avoided(truth, score, miss_rate=miss_rate, replicates=20)
    positives = score[truth == 1]
    assert (positives < found.threshold).mean() == pytest.approx(found.missed.value)
    assert found.missed.value <= miss_rate + 1e-9
    assert (score < found.threshold).mean() == pytest.approx(found.avoided.value)
    higher = np.unique(score[score > found.threshold])
    if higher.size:
        assert (positives < higher[0]).mean() > miss_rate
    # Ranks alone matter.
    other = biopsies_avoided(truth, np.exp(3 * score) - 5, miss_rate=miss_rate, replicates=20)
    if len(np.unique(np.exp(3 * score) - 5)) == len(np.unique(score)):
        assert (other.avoided.value, other.avoided.low) == (found.avoided.value, found.avoided.low)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="strictly between"):
        decision_curve([0, 1], [0.1, 0.2], [0.0])
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        decision_curve([0, 0], [0.1, 0.2], [0.5])
    with pytest.raises(StatisticsError, match="miss_rate"):
        biopsies_avoided([0, 1], [0.1, 0.2], miss_rate=1)
