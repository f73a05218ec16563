"""The correction for partial verification against a published study and the likelihood of the whole table."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import correct_verification, diagnostic_table

# Hepatic scintigraphy, the example of Begg & Greenes (Biometrics 1983), after Drum & Christacopoulos (J Nucl Med 1972):
# of 429 positive calls 231 were verified diseased and 32 healthy, of 221 negative ones 27 and 54; corrected, the
# sensitivity falls from 0.90 to 0.84 and the specificity rises from 0.63 to 0.74.
HEPATIC = (231, 32, 166, 27, 54, 140)


def study(cells: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat([1, 0, np.nan, 1, 0, np.nan], cells), np.repeat([1, 1, 1, 0, 0, 0], cells)


def _log_likelihood(parameters: np.ndarray) -> float:
    """Of the six cells, from the log odds of sensitivity, specificity and prevalence."""
    se, sp, pi = expit(parameters)
    joint = (pi * se, (1 - pi) * (1 - sp), pi * (1 - se), (1 - pi) * sp)
    shares = (joint[0], joint[1], joint[0] + joint[1], joint[2], joint[3], joint[2] + joint[3])
    return float(np.dot(HEPATIC, np.log(shares)))


def test_corrected_values_equal_the_published_ones() -> None:
    found = correct_verification(*study(HEPATIC))
    assert (found.sensitivity.value, found.specificity.value) == pytest.approx((0.84, 0.74), abs=0.005)
    assert (found.verified_sensitivity.value, found.verified_specificity.value) == pytest.approx((231 / 258, 54 / 86))
    assert (found.ppv.value, found.npv.value) == pytest.approx((231 / 263, 54 / 81))
    assert (found.positive_calls, found.negative_calls) == ((231, 32, 166), (27, 54, 140))
    assert found.assumption in str(found) and "verified 263 of 429 positive and 81 of 221 negative" in str(found)


def test_values_and_standard_errors_are_those_of_the_maximum_of_the_likelihood() -> None:
    found = correct_verification(*study(HEPATIC))
    prevalence = 429 / 650 * 231 / 263 + 221 / 650 * 27 / 81
    at = logit([found.sensitivity.value, found.specificity.value, prevalence])
    step, axes = 1e-4, np.eye(3)
    slope = [_log_likelihood(at + step * e) - _log_likelihood(at - step * e) for e in axes]
    assert slope == pytest.approx([0, 0, 0], abs=1e-6)
    bend = np.array(
        [
            [sum(i * j * _log_likelihood(at + step * (i * a + j * b)) for i in (1, -1) for j in (1, -1)) for b in axes]
            for a in axes
        ]
    ) / (4 * step**2)
    se = np.sqrt(np.diag(np.linalg.inv(-bend)))
    for estimate, centre, error in zip((found.sensitivity, found.specificity), at, se, strict=False):
        assert (estimate.low, estimate.high) == pytest.approx(
            (expit(centre - 1.959964 * error), expit(centre + 1.959964 * error)), rel=1e-4
        )
        assert estimate.se == pytest.approx(error * estimate.value * (1 - estimate.value), rel=1e-4)


def test_bootstrap_agrees_with_the_formula() -> None:
    formula, drawn = (correct_verification(*study(HEPATIC), interval=name) for name in ("logit", "bootstrap"))
    for one, other in ((formula.sensitivity, drawn.sensitivity), (formula.specificity, drawn.specificity)):
        assert one.value == other.value
        assert (one.low, one.high, one.se) == pytest.approx((other.low, other.high, other.se), abs=0.012)


def test_full_verification_corrects_nothing() -> None:
    truth, call = study((30, 6, 0, 4, 50, 0))
    found, plain = correct_verification(truth, call), diagnostic_table(truth, call)
    assert found.sensitivity.value == pytest.approx(plain.sensitivity.value)
    assert found.specificity.value == pytest.approx(plain.specificity.value)
    assert found.verified_sensitivity == plain.sensitivity


def test_exchanging_the_classes_exchanges_the_rates() -> None:
    truth, call = study(HEPATIC)
    one, other = correct_verification(truth, call), correct_verification(1 - truth, 1 - call)
    for a, b in ((one.sensitivity, other.specificity), (one.specificity, other.sensitivity)):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))


@pytest.mark.parametrize("interval", ["logit", "bootstrap"])
def test_patients_counted_twice_widen_the_interval(interval: str) -> None:
    truth, call = study(HEPATIC)
    twice = [np.tile(column, 2) for column in (truth, call)]
    naive = correct_verification(*twice, interval=interval)
    found = correct_verification(*twice, cluster=np.tile(np.arange(650), 2), interval=interval)
    alone = correct_verification(truth, call, interval=interval)
    assert found.sensitivity.value == pytest.approx(naive.sensitivity.value)
    assert found.sensitivity.se == pytest.approx(math.sqrt(2) * naive.sensitivity.se, rel=0.1)
    assert found.sensitivity.se == pytest.approx(alone.sensitivity.se, rel=0.1 if interval == "bootstrap" else 1e-9)
    assert (found.sensitivity.clusters, found.verified_sensitivity.clusters) == (650, 258)


def test_no_missed_disease_among_the_verified_gives_a_limit_below_one() -> None:
    found = correct_verification(*study((20, 5, 10, 0, 8, 40)))
    assert found.sensitivity.value == 1 and found.sensitivity.high == 1
    assert 0.2 < found.sensitivity.low < 0.9
    assert "0.5 added to each verified cell" in found.sensitivity.method
    drawn = correct_verification(*study((20, 5, 10, 0, 8, 40)), interval="bootstrap", replicates=50)
    assert drawn.sensitivity == found.sensitivity and "bootstrap" in drawn.specificity.method


def test_missing_truth_may_be_none() -> None:
    found = correct_verification([1, 0, None, 0, 1, None], [1, 1, 1, 0, 0, 0])
    assert found.positive_calls == (1, 1, 1)


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([1, None], [1, 0], "verified nodule among the negative calls, got none of 1"),
        ([None, None], [0, 0], "among the positive calls, got none of 0"),
        ([2, 0], [1, 0], "`truth` to hold only 0 and 1, got 2"),
        ([1, 0], [1, 0, 1], "predicted with 3"),
        (["x", 0], [1, 0], "`truth` to hold numbers"),
    ],
)
def test_bad_input_gets_one_sentence(truth: list, predicted: list, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        correct_verification(truth, predicted)
