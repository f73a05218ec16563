"""Divisions at 0 or 1 within a mean: by how much they widen its interval, by hand and in what is printed."""

import numpy as np
import pytest

from thyrosight.statistics import DivisionOutcome, difference_over_divisions, mean_over_divisions
from thyrosight.statistics.resampling.border import WIDENED, border_reach


def division(name: str, called: list[int], *, negative: int = 6) -> DivisionOutcome:
    """Cancers of one patient each that were called so, and as many negatives, none of which was."""
    truth = [1] * len(called) + [0] * negative
    predicted = called + [0] * negative
    return DivisionOutcome(
        truth=truth, score=[float(c) for c in predicted], predicted=predicted,
        cluster=[f"{name}{place}" for place in range(len(truth))],
    )  # fmt: skip


def limit(patients: int) -> float:
    return float(1 - 0.025 ** (1 / patients))


def test_each_border_counts_its_patients_and_its_share_of_the_mean() -> None:
    parts = [division("a", [1] * 6), division("b", [1] * 4), division("c", [0] * 5), division("d", [1, 0, 1, 0])]
    observed = {"recall": np.array([1.0, 1.0, 0.0, 0.5]), "specificity": np.ones(4)}
    below, above = border_reach(parts, observed, "recall", confidence=0.95)
    assert (below, above) == (pytest.approx(limit(10) / 2), pytest.approx(limit(5) / 4))
    inner = border_reach(parts[3:], {"recall": np.array([0.5])}, "recall", confidence=0.95)
    assert inner == (0, 0)
    both = border_reach(parts, observed, "balanced_accuracy", confidence=0.95)
    assert both == (pytest.approx((below + limit(24)) / 2), pytest.approx(above / 2))
    some = border_reach(parts[:2], {"recall": np.array([1.0, np.nan])}, "recall", confidence=0.95)
    assert some[0] == pytest.approx(limit(6)), "a division that does not define the measure has no share"


def test_a_mean_of_all_and_none_is_not_certain() -> None:
    """A sensitivity of 1, 0.9 and 0 on 13 patients stood as 0.633 (0.583 to 0.667)."""
    parts = [division("a", [1] * 6, negative=12), division("b", [0] * 6), division("c", [1] * 9 + [0])]
    found = mean_over_divisions(parts, replicates=500)
    recall = found["recall"]
    assert recall.value == pytest.approx(1.9 / 3)
    assert recall.low < 0.6 - limit(6) / 3 and recall.high > 0.63 + limit(6) / 3
    assert recall.method.endswith(WIDENED)
    assert recall.low >= 0 and recall.high <= 1
    assert WIDENED not in mean_over_divisions([division("c", [1] * 9 + [0], negative=12)], replicates=200)["f1"].method


def test_a_difference_and_its_p_value_agree() -> None:
    """Two networks of which one is perfect in a division: interval and P value hold the same against zero."""
    generator = np.random.default_rng(3)
    truth = [0] * 12 + [1] * 12
    noise = generator.normal(0, 1, (4, 24))
    names = [f"p{place}" for place in range(24)]

    def parts(strength: float, perfect: bool) -> list[DivisionOutcome]:
        scores = [np.array(truth) * strength + own for own in noise[:3]]
        scores += [np.array(truth, dtype=float) if perfect else np.array(truth) * strength + noise[3]]
        return [
            DivisionOutcome(truth=truth, score=s.tolist(), predicted=(s > 0.5).astype(int).tolist(), cluster=names)
            for s in scores
        ]

    for strength in (0.2, 0.6, 1.0, 1.5):
        found = difference_over_divisions(parts(1.0, True), parts(strength, False), replicates=1000)
        assert found.method.endswith(WIDENED)
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05), strength
        plain = difference_over_divisions(parts(1.0, False), parts(strength, False), replicates=1000)
        assert WIDENED not in plain.method
