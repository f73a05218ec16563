"""The difference in net benefit against the two curves and by hand."""

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_net_benefit, decision_curve


def _two(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, 120), rng.random(120), rng.random(120)


def test_difference_is_that_of_the_curves() -> None:
    truth, new, old = _two()
    levels = [0.1, 0.35, 0.8]
    found = compare_net_benefit(truth, new, old, levels)
    first, second = (decision_curve(truth, risk, levels).points for risk in (new, old))
    for item, a, b in zip(found, first, second, strict=True):
        assert item.difference.value == pytest.approx(a.model.value - b.model.value)
        avoided = a.interventions_avoided.value - b.interventions_avoided.value
        assert item.interventions_avoided.value == pytest.approx(avoided)
        assert item.weighted_nri.value == pytest.approx(item.difference.value / item.threshold)


def test_by_hand() -> None:
    # At 0.2 a false positive costs a quarter: the new model gains 1 true positive and 2 false positives in 10 cases.
    truth = [1] * 4 + [0] * 6
    old = [0.9, 0.2, 0.1, 0.1] + [0.1] * 6  # a risk at the threshold is acted on
    new = [0.9, 0.9, 0.9, 0.1] + [0.9] * 2 + [0.1] * 4
    found = compare_net_benefit(truth, new, old, [0.2])[0].difference
    assert found.value == pytest.approx((1 - 2 * 0.25) / 10)
    gains = np.array([0, 0, 1, 0, -0.25, -0.25, 0, 0, 0, 0])
    assert found.se == pytest.approx(gains.std(ddof=1) / np.sqrt(10))


def test_the_same_model_twice_and_patients() -> None:
    truth, new, old = _two()
    assert compare_net_benefit(truth, new, new, [0.3])[0].difference.se == 0
    patient = np.arange(120) // 3
    assert compare_net_benefit(truth, new, old, [0.3], cluster=patient)[0].difference.clusters == 40


def test_models_that_call_all_alike_may_differ_elsewhere() -> None:
    found = compare_net_benefit([1] * 12 + [0] * 28, [0.4] * 40, [0.3] * 40, [0.2])[0]
    positives, negatives = (share * (1 - 0.025 ** (1 / n)) for share, n in ((0.3, 12), (0.7, 28)))
    reach = positives + negatives * 0.25
    assert (found.difference.low, found.difference.high) == pytest.approx((-reach, reach))
    assert found.weighted_nri.high == pytest.approx(reach / 0.2)
    assert found.interventions_avoided.high == pytest.approx(reach / 0.25)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="strictly between"):
        compare_net_benefit([0, 1], [0.1, 0.2], [0.1, 0.2], [0])
    with pytest.raises(StatisticsError, match="`new`"):
        compare_net_benefit([0, 1], [0.1, 2], [0.1, 0.2], [0.5])
