"""Two category systems: which figures must agree, mirror or stay put."""

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.categories.comparison import compare_categorisations


def _study(seed: int, n: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    malignant = (risk + rng.normal(size=n) > 0).astype(int)
    good, poor = (np.digitize(risk + noise * rng.normal(size=n), [-1, 0, 1]) + 2 for noise in (0.3, 2.0))
    return malignant, good, poor, rng.integers(0, 60, n)


@pytest.mark.parametrize("method", ["bootstrap", "vuong"])
def test_the_better_system_is_found_and_changing_places_mirrors(method: str) -> None:
    malignant, good, poor, patient = _study(1)
    one = compare_categorisations(malignant, good, poor, cluster=patient, method=method)
    two = compare_categorisations(malignant, poor, good, cluster=patient, method=method)
    assert one.aic_difference.high < 0 and one.p < 0.05
    assert two.aic_difference.value == pytest.approx(-one.aic_difference.value)
    assert (two.aic_difference.low, two.p) == pytest.approx((-one.aic_difference.high, one.p), rel=1e-6)
    assert one.aic_difference.clusters == np.unique(patient).size


@pytest.mark.parametrize("method", ["bootstrap", "vuong"])
def test_a_system_does_not_differ_from_itself_renamed(method: str) -> None:
    malignant, good, _, _ = _study(2)
    result = compare_categorisations(malignant, good, good * 10.0, method=method)
    assert result.aic_difference.value == pytest.approx(0, abs=1e-8)
    assert result.p == pytest.approx(1, abs=1e-3) and abs(result.aic_difference.high) < 1e-6


def test_bootstrap_and_vuong_agree_on_the_spread() -> None:
    malignant, good, poor, _ = _study(3, n=800)
    spreads = [
        compare_categorisations(malignant, good, poor, method=method).aic_difference.se
        for method in ("bootstrap", "vuong")
    ]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.1)


def test_the_same_seed_gives_the_same_interval() -> None:
    malignant, good, poor, patient = _study(4)
    results = [
        compare_categorisations(malignant, good, poor, cluster=patient, replicates=300, seed=s) for s in (5, 5, 6)
    ]
    assert results[0] == results[1] and results[0].aic_difference.low != results[2].aic_difference.low


def test_one_patient_cannot_be_compared() -> None:
    with pytest.raises(StatisticsError, match="at least two patients"):
        compare_categorisations([1, 0], [4, 5], [4, 5], cluster=["p", "p"])
