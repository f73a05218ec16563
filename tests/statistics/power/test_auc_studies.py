"""Sample sizes against arithmetic, the inverse check and simulated studies."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    auc,
    auc_difference_power,
    auc_power,
    auc_standard_error,
    patients_for_auc,
    patients_for_auc_difference,
)


def test_hanley_and_mcneil_by_hand() -> None:
    # Equation 1 at area 0.893 with 51 abnormal and 58 normal cases, the paper's example (which prints 0.032).
    q1, q2 = 0.893 / 1.107, 2 * 0.893**2 / 1.893
    variance = (0.893 * 0.107 + 50 * (q1 - 0.893**2) + 57 * (q2 - 0.893**2)) / (51 * 58)
    found = auc_standard_error(0.893, positives=51, negatives=58, method="hanley-mcneil")
    assert found == pytest.approx(math.sqrt(variance))
    assert found == pytest.approx(0.032, abs=6e-4)


def test_null_variance_is_that_of_the_rank_sum() -> None:
    # Without discrimination Var(AUC) = (m + n + 1) / (12 m n); Hanley and McNeil's formula is exact there.
    found = auc_standard_error(0.5, positives=20, negatives=30, method="hanley-mcneil")
    assert found == pytest.approx(math.sqrt(51 / (12 * 20 * 30)))


@pytest.mark.parametrize("area", [0.7, 0.85, 0.95])
def test_binormal_variance_is_that_of_simulated_areas(area: float) -> None:
    rng = np.random.default_rng(2)
    shift = math.sqrt(2) * stats.norm.ppf(area)
    truth = np.repeat([1, 0], [40, 80])
    areas = [auc(truth, rng.normal(size=120) + shift * truth).value for _ in range(1500)]
    exact = auc_standard_error(area, positives=40, negatives=80, method="binormal")
    assert exact == pytest.approx(np.std(areas), rel=0.06)
    assert auc_standard_error(area, positives=40, negatives=80) > exact


def test_obuchowski_variance_from_the_binormal_parameters() -> None:
    # With b = 1: f^2 (1 + 1/R + a^2/2) + g^2 (1 + R) / (2 R), f = exp(-a^2/4) / sqrt(4 pi), g = a f / 2.
    a, ratio = math.sqrt(2) * stats.norm.ppf(0.8), 1.5
    f = math.exp(-(a**2) / 4) / math.sqrt(4 * math.pi)
    variance = f**2 * (1 + 1 / ratio + a**2 / 2) + (a * f / 2) ** 2 * (1 + ratio) / (2 * ratio)
    # The published formula rounds 1 / (32 pi) = 0.00995 to 0.0099.
    assert auc_standard_error(0.8, positives=40, negatives=60) == pytest.approx(math.sqrt(variance / 40), rel=3e-3)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.55, 0.97), st.floats(0.05, 0.95), st.sampled_from(["obuchowski", "hanley-mcneil", "binormal"]))
def test_the_number_returned_is_the_least_that_has_the_power(area: float, prevalence: float, method: str) -> None:
    size = patients_for_auc(area, prevalence=prevalence, method=method)
    assert size.power >= 0.8
    assert size.power == pytest.approx(
        auc_power(area, positives=size.positives, negatives=size.negatives, method=method)
    )
    assert size.negatives >= size.positives * (1 - prevalence) / prevalence - 1e-6
    if size.positives > 2:
        fewer = size.positives - 1
        negatives = max(1, math.ceil(fewer * (1 - prevalence) / prevalence - 1e-9))
        assert auc_power(area, positives=fewer, negatives=negatives, method=method) < 0.8


def test_power_of_no_difference_would_be_the_significance() -> None:
    assert auc_power(0.7000001, positives=50, negatives=50, null=0.7) == pytest.approx(0.05, abs=1e-3)


def test_correlated_scores_need_fewer_patients() -> None:
    free = patients_for_auc_difference(0.8, 0.88, correlation=0.0)
    tied = patients_for_auc_difference(0.8, 0.88, correlation=0.6)
    assert tied.total < 0.5 * free.total
    assert tied.power >= 0.8
    swapped = auc_difference_power(0.88, 0.8, positives=70, negatives=70, correlation=0.6)
    assert swapped == pytest.approx(auc_difference_power(0.8, 0.88, positives=70, negatives=70, correlation=0.6))


def test_power_is_that_of_proc() -> None:
    # pROC 1.18.0: power.roc.test(auc = 0.75, ncases = 30, ncontrols = 30, sig.level = 0.05, method = "obuchowski").
    assert auc_power(0.75, positives=30, negatives=30) == pytest.approx(0.945743, abs=2e-5)
    # power.roc.test(auc = 0.8, power = 0.8, sig.level = 0.05, kappa = 1): 12.74 patients of each kind.
    assert patients_for_auc(0.8).positives == 13


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="strictly between"):
        patients_for_auc(1.0)
    with pytest.raises(StatisticsError, match="differ"):
        auc_power(0.5, positives=10, negatives=10)
    with pytest.raises(StatisticsError, match="correlation"):
        auc_difference_power(0.7, 0.8, positives=10, negatives=10, correlation=1.0)
    with pytest.raises(StatisticsError, match="at least one patient"):
        auc_standard_error(0.7, positives=0, negatives=10)
    with pytest.raises(StatisticsError, match="suffices"):
        patients_for_auc(0.500001)
    with pytest.raises(StatisticsError, match="prevalence"):
        patients_for_auc(0.9, prevalence=0)
