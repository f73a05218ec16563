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
    assert (single.model.low, single.model.high) == pytest.approx(
        (point.model.low, point.model.high),
        nan_ok=True,  # all cases alike have none
    )


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
