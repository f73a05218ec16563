"""The score test of predictive values: a published example, McNemar's chi-square, and the edges."""

import math

import numpy as np
import pytest

from thyrosight.statistics import compare_proportions, mcnemar
from thyrosight.statistics.proportions.readings import readings_of, weighted_score

# The example `Paired1` of the R package DTComPair, as its README prints it: truth, first call, second call, nodules.
PAIRED1 = [
    (1, 1, 1, 319), (1, 0, 1, 22), (1, 1, 0, 78), (1, 0, 0, 32),
    (0, 1, 1, 31), (0, 0, 1, 22), (0, 1, 0, 53), (0, 0, 0, 155),
]  # fmt: skip


def paired1() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(PAIRED1)
    truth, a, b = (np.repeat(table[:, column], table[:, 3]) for column in range(3))
    return truth, a, b


@pytest.mark.parametrize(
    ("quantity", "values", "statistic", "p"),
    [
        ("ppv", (0.82536383, 0.86548223), 5.46588745, 0.01939120),
        ("npv", (0.7662338, 0.6540881), 16.53540, 4.775012e-05),
    ],
)
def test_predictive_values_equal_pv_wgs_of_dtcompair(
    quantity: str, values: tuple[float, float], statistic: float, p: float
) -> None:
    found = compare_proportions(*paired1(), quantity=quantity, method="score")
    assert (found.a.value, found.b.value) == pytest.approx(values, rel=1e-7)
    assert (found.statistic, found.p) == pytest.approx((statistic, p), rel=2e-6)


@pytest.mark.parametrize(("quantity", "ratio", "se"), [("ppv", 1.04860694, 0.01991247), ("npv", 0.8536403, 0.03783679)])
def test_gee_has_the_variance_of_relative_predictive_values(quantity: str, ratio: float, se: float) -> None:
    # pv.rpv of DTComPair (Moskowitz & Pepe 2006): second to first, with the standard error of its logarithm.
    found = compare_proportions(*paired1(), quantity=quantity)
    assert found.b.value / found.a.value == pytest.approx(ratio, rel=1e-7)
    # By the delta method both come from the same variances and covariance of the two shares.
    a, b = found.a, found.b
    covariance = (a.se**2 + b.se**2 - found.se**2) / 2
    variance = (a.se / a.value) ** 2 + (b.se / b.value) ** 2 - 2 * covariance / (a.value * b.value)
    assert math.sqrt(variance) == pytest.approx(se, rel=1e-5)


def test_for_sensitivity_it_is_mcnemars_chi_square() -> None:
    found = compare_proportions(*paired1(), quantity="sensitivity", method="score")
    assert (found.statistic, found.p) == pytest.approx(mcnemar(78, 22, method="mcnemar-chi-square"), rel=1e-9)


def test_without_variance() -> None:
    ones = np.ones(4, dtype=np.int64)
    assert weighted_score(readings_of(ones, (ones, ones), "ppv", np.arange(4))) == (0.0, 1.0)
