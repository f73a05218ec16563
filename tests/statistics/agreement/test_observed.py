"""Plain agreement, prevalence and bias."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import cohen_kappa, observed_agreement, prevalence_and_bias


def _from_table(both: int, only_first: int, only_second: int, neither: int) -> tuple[list[int], list[int]]:
    cells = [(1, 1)] * both + [(1, 0)] * only_first + [(0, 1)] * only_second + [(0, 0)] * neither
    first, second = zip(*cells, strict=True)
    return list(first), list(second)


def test_indices_by_their_definition() -> None:
    # Byrt, Bishop & Carlin 1993: (a - d) / n, (b - c) / n and 2 po - 1; the table 80, 15, 5, 0 has kappa below 0.
    first, second = _from_table(80, 15, 5, 0)
    found = prevalence_and_bias(first, second)
    assert found.prevalence_index == pytest.approx(0.8)
    assert found.bias_index == pytest.approx(-0.1)
    assert found.adjusted_kappa.value == pytest.approx(0.6)
    assert cohen_kappa(first, second).value < 0
    assert prevalence_and_bias(second, first).bias_index == pytest.approx(0.1)
    # kappa from its adjusted form (their equation): (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2)
    adjusted, prevalence, bias = found.adjusted_kappa.value, found.prevalence_index, found.bias_index
    expected = (adjusted - prevalence**2 + bias**2) / (1 - prevalence**2 + bias**2)
    assert cohen_kappa(first, second).value == pytest.approx(expected)


def test_agreement_of_two_readers_has_wilsons_interval() -> None:
    # statsmodels 0.14 proportion_confint(8, 10, method="wilson"): 0.4901625, 0.9433178.
    table = np.array(_from_table(5, 1, 1, 3)).T
    found = observed_agreement(table)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4901625, 0.9433178), abs=1e-6)


def test_several_readers_count_pairs() -> None:
    # Pairs that agree: 3 of 3, 1 of 3, 1 of 1 (a reading is missing); the last case was read once.
    table = [["a", "a", "a"], ["a", "b", "b"], ["b", None, "b"], [None, None, "a"]]
    found = observed_agreement(table)
    assert found.value == pytest.approx((1 + 1 / 3 + 1) / 3)
    assert found.n == 3
    clustered = observed_agreement(table * 2, cluster=list("pqrspqrs"))
    assert (clustered.value, clustered.se) == pytest.approx((found.value, found.se))
    assert clustered.clusters == 3


def test_edges() -> None:
    alike = observed_agreement([["a"] * 3, ["b"] * 3])
    assert alike.value == 1
    assert math.isnan(alike.low)
    with pytest.raises(StatisticsError, match="two categories"):
        prevalence_and_bias([1, 2, 3], [1, 2, 3])
    with pytest.raises(StatisticsError, match="one length"):
        prevalence_and_bias([1, 2], [1, 2, 1])
    with pytest.raises(StatisticsError, match="two cases"):
        observed_agreement([[1, None], [2, 2]])
