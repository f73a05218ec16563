"""Which candidate is best, and how sure that is."""

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import DivisionOutcome, best_of, mean_over_divisions


def outcome(score: np.ndarray, truth: np.ndarray, patient: np.ndarray) -> DivisionOutcome:
    return DivisionOutcome(
        truth=truth.tolist(),
        score=score.tolist(),
        predicted=(score > 0).astype(int).tolist(),
        cluster=[f"p{number}" for number in patient],
    )


def drawn(seed: int, shift: float, *, patients: int = 40, noise: int = 0) -> list[DivisionOutcome]:
    """Two divisions of patients with two images each; `noise` chooses the scores, `seed` the patients."""
    result = []
    for division in range(2):
        generator = np.random.default_rng((seed, division))
        patient = np.repeat(np.arange(patients) + 100 * division, 2)
        truth = np.repeat(generator.integers(0, 2, patients), 2)
        own = np.random.default_rng((noise, seed, division))
        result.append(outcome(shift * truth + own.standard_normal(truth.size), truth, patient))
    return result


def test_a_clearly_better_candidate_is_best_in_nearly_every_draw() -> None:
    found = best_of({"weak": drawn(1, 0.3, noise=1), "strong": drawn(1, 3.0, noise=2)}, replicates=500)
    assert found.best == "strong"
    assert found.share["strong"] > 0.99
    assert found.likely == ("strong",)
    assert found.folds == {"weak": 0, "strong": 2}
    assert sum(found.share.values()) == pytest.approx(1)
    means = mean_over_divisions(drawn(1, 3.0, noise=2), replicates=200)
    assert found.auc["strong"] == pytest.approx(means["auc"].value)


def test_alike_candidates_stay_likely_together() -> None:
    candidates = {f"depth {noise}": drawn(2, 1.0, noise=noise) for noise in range(5)}
    found = best_of(candidates, replicates=500)
    assert len(found.likely) >= 2
    assert sum(found.share[name] for name in found.likely) >= 0.95
    assert max(found.auc, key=lambda name: found.auc[name]) == found.best


def test_the_same_seed_gives_the_same_shares_and_the_order_of_candidates_no_other_best() -> None:
    candidates = {f"depth {noise}": drawn(3, 1.0, noise=noise) for noise in range(3)}
    again = dict(reversed(candidates.items()))
    assert best_of(candidates, replicates=300) == best_of(candidates, replicates=300)
    assert best_of(candidates, replicates=300).share == best_of(again, replicates=300).share


def test_candidates_tested_on_other_images_are_refused() -> None:
    with pytest.raises(StatisticsError, match="same images; other was not"):
        best_of({"one": drawn(1, 1.0), "other": drawn(4, 1.0)}, replicates=200)
    with pytest.raises(StatisticsError, match="at least one candidate"):
        best_of({}, replicates=200)


def test_candidates_that_are_always_equal_share_every_draw() -> None:
    """The first of two equal candidates was best in all draws before, so that a tie was told as a sure choice."""
    truth, cluster = [0, 1] * 12, [str(number) for number in range(24)]
    score = np.random.default_rng(2).normal(truth).tolist()
    part = [DivisionOutcome(truth, score, truth, cluster)]
    found = best_of({"one": part, "other": part}, replicates=100)
    assert found.share == {"one": 0.5, "other": 0.5}
    assert found.likely == ("one", "other") and found.best == "one"
