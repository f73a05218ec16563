"""O/E against a Poisson GEE of geepack, Spiegelhalter's z against rms."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import observed_expected_ratio, spiegelhalter_test


@pytest.mark.parametrize("unit", ["cases", "patients"])
def test_ratio_is_that_of_a_poisson_gee(simulated: pd.DataFrame, in_r_calibration: dict[str, Any], unit: str) -> None:
    # geepack 1.3.9: geeglm(truth ~ 1 + offset(log(risk)), family = poisson); its robust variance has no k / (k - 1).
    cluster = simulated["patient"] if unit == "patients" else None
    found = observed_expected_ratio(simulated["truth"], in_r_calibration["risk"], cluster=cluster)
    golden = in_r_calibration["observed_expected"][unit]
    k = golden["clusters"]
    se_log = golden["se_log"] * math.sqrt(k / (k - 1))
    assert found.value == pytest.approx(golden["ratio"])
    assert found.se == pytest.approx(golden["ratio"] * se_log)
    assert math.log(found.high / found.value) == pytest.approx(stats.t.ppf(0.975, k - 1) * se_log)
    assert found.low * found.high == pytest.approx(found.value**2)


def test_edges() -> None:
    none = observed_expected_ratio([0, 0], [0.1, 0.2])
    assert none.value == 0 and math.isnan(none.high)
    one = observed_expected_ratio([0, 1], [0.1, 0.2], cluster=["p", "p"])
    assert one.value == pytest.approx(1 / 0.3) and math.isnan(one.low)
    assert observed_expected_ratio([1, 1], [0.5, 1.0]).value == pytest.approx(4 / 3)
    with pytest.raises(StatisticsError, match="only 0"):
        observed_expected_ratio([0, 1], [0.0, 0.0])


def test_spiegelhalter_is_that_of_rms(simulated: pd.DataFrame, in_r_calibration: dict[str, Any]) -> None:
    # rms 6.5.0, val.prob: S:z and S:p.
    z, p = spiegelhalter_test(simulated["truth"], in_r_calibration["risk"])
    assert (z, p) == pytest.approx((in_r_calibration["val_prob"]["S:z"], in_r_calibration["val_prob"]["S:p"]))


def test_spiegelhalter_counts_patients_once() -> None:
    rng = np.random.default_rng(3)
    risk = rng.random(200)
    truth = (rng.random(200) < risk).astype(int)
    z, _ = spiegelhalter_test(truth, risk, cluster=np.arange(200))
    copied, _ = spiegelhalter_test(np.repeat(truth, 4), np.repeat(risk, 4), cluster=np.repeat(np.arange(200), 4))
    assert copied == pytest.approx(z)
    assert spiegelhalter_test(np.repeat(truth, 4), np.repeat(risk, 4))[0] == pytest.approx(
        2 * spiegelhalter_test(truth, risk)[0]
    )


def test_spiegelhalter_is_undefined_where_no_risk_can_tell() -> None:
    assert all(map(math.isnan, spiegelhalter_test([0, 1, 1], [0.0, 1.0, 0.5])))


def test_wrong_order_of_columns_is_refused() -> None:
    with pytest.raises(StatisticsError, match="0 and 1"):
        observed_expected_ratio([0.2, 0.7], [0, 1])
    with pytest.raises(StatisticsError, match="one length"):
        spiegelhalter_test([0, 1], [0.2])
