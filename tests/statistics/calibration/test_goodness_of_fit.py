"""Hosmer-Lemeshow against its formula in R, where groups come from cut() at quantiles."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import hosmer_lemeshow


@pytest.mark.parametrize(("name", "count"), [("ten", 10), ("four", 4)])
def test_groups_and_statistic_are_those_of_r(
    simulated: pd.DataFrame, in_r_calibration: dict[str, Any], name: str, count: int
) -> None:
    golden = in_r_calibration["hosmer_lemeshow"][name]
    found = hosmer_lemeshow(simulated["truth"], in_r_calibration["risk"], groups=count)
    assert [group.observed for group in found.groups] == golden["observed"]
    assert [group.n for group in found.groups] == golden["n"]
    assert [group.expected for group in found.groups] == pytest.approx(golden["expected"])
    assert (found.statistic, found.df, found.p) == pytest.approx((golden["statistic"], count, golden["p_new_cases"]))
    own = hosmer_lemeshow(simulated["truth"], in_r_calibration["risk"], groups=count, fitted=True)
    assert (own.df, own.p) == pytest.approx((count - 2, golden["p_own_cases"]))


def test_what_it_does_not_say_is_said() -> None:
    found = hosmer_lemeshow(np.arange(40) % 2, np.linspace(0.1, 0.9, 40))
    assert "does not show calibration" in found.notes[0]
    assert "10 of 10 groups expect fewer than 5" in found.notes[1]


def test_many_cases_reject_what_few_do_not() -> None:
    rng = np.random.default_rng(5)
    risk = rng.uniform(0.1, 0.9, 400)
    truth = (rng.random(400) < np.clip(risk + 0.02, 0, 1)).astype(int)
    once = hosmer_lemeshow(truth, risk)
    fifty = hosmer_lemeshow(np.tile(truth, 50), np.tile(risk, 50))
    assert fifty.statistic == pytest.approx(50 * once.statistic, rel=0.05)


def test_equal_risks_share_a_group() -> None:
    found = hosmer_lemeshow([0, 1, 0, 1, 1, 1], [0.2, 0.2, 0.2, 0.8, 0.8, 0.5], groups=3)
    assert [group.n for group in found.groups] == [4, 2]
    certain = hosmer_lemeshow([0, 0, 1, 1, 0, 1], [0, 0, 0.4, 0.6, 1, 1], groups=3)
    assert math.isnan(certain.p) and "Undefined" in certain.notes[1]
    constant = hosmer_lemeshow([0, 1], [0.5, 0.5], groups=3, fitted=True)
    assert math.isnan(constant.p)


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="at least 3"):
        hosmer_lemeshow([0, 1], [0.1, 0.2], groups=2)
    with pytest.raises(StatisticsError, match="both 0 and 1"):
        hosmer_lemeshow([0, 0], [0.1, 0.2])
