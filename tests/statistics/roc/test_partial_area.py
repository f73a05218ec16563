"""Partial areas against R's pROC."""

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc, partial_auc

# pROC 1.18, auc(roc, partial.auc = , partial.auc.focus = , partial.auc.correct = FALSE and TRUE) on asah, s100b
PROC = [
    ("specificity", (0.9, 1), 0.03275745257453, 0.6460918556554),
    ("specificity", (0.8, 0.95), 0.0650406504065, 0.6763453348819),
    ("sensitivity", (0.9, 1), 0.0137635501355, 0.5461239480816),
    ("sensitivity", (0.8, 0.95), 0.04489075203252, 0.5995838172667),
]


@pytest.mark.parametrize(("axis", "ends", "raw", "standardised"), PROC)
def test_raw_and_standardised_area_equal_pROC(  # noqa: N802
    axis: str, ends: tuple[float, float], raw: float, standardised: float, real_data: Path
) -> None:
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    found = partial_auc(table["outcome"] == "Poor", table["s100b"], **{axis: ends}, replicates=0)
    assert found.raw.value == pytest.approx(raw, rel=1e-10)
    assert found.standardised.value == pytest.approx(standardised, rel=1e-10)


def test_reference_file_agrees(real_data: Path, reference: Callable[[str], Any]) -> None:
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    expected = reference("asah_proc")["s100b_partial_auc_spec_0.9_1"]
    found = partial_auc(table["outcome"] == "Poor", table["s100b"], specificity=(0.9, 1), replicates=200)
    assert found.raw.value == pytest.approx(expected, rel=1e-10)
    assert 0 < found.raw.low < expected < found.raw.high < 0.1


@pytest.mark.parametrize("number", range(4))
def test_partial_areas_of_a_simulated_study_equal_pROC(  # noqa: N802
    number: int, simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    expected = in_r["partial"][number]
    ends = {expected["axis"]: (expected["from"], expected["to"])}
    found = partial_auc(simulated["truth"], simulated["score_a"], **ends, replicates=0)
    assert found.raw.value == pytest.approx(expected["raw"], rel=1e-10)
    assert found.standardised.value == pytest.approx(expected["standardised"], rel=1e-10)


def test_parts_add_up_to_the_whole_area_along_either_axis() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    score = truth + rng.integers(0, 4, 80)
    whole = auc(truth, score).value
    for axis in ("specificity", "sensitivity"):
        cuts = [0, 0.13, 0.5, 0.77, 1]
        parts = [partial_auc(truth, score, **{axis: ends}, replicates=0) for ends in pairwise(cuts)]
        assert sum(part.raw.value for part in parts) == pytest.approx(whole)


def test_perfect_and_useless_scores_have_standardised_areas_of_one_and_one_half() -> None:
    perfect = partial_auc([0, 0, 1, 1], [1, 2, 3, 4], specificity=(0.8, 1), replicates=0)
    useless = partial_auc([0, 0, 1, 1], [1, 1, 1, 1], sensitivity=(0.8, 1), replicates=0)
    assert perfect.standardised.value == pytest.approx(1)
    assert useless.standardised.value == pytest.approx(0.5)
    assert math.isnan(useless.raw.low)


def test_whole_range_has_the_interval_of_the_area() -> None:
    rng = np.random.default_rng(1)
    truth, cluster = rng.integers(0, 2, 100), rng.integers(0, 40, 100)
    score = truth + rng.normal(size=100)
    part = partial_auc(truth, score, specificity=(0, 1), cluster=cluster, replicates=300, seed=2)
    whole = auc(truth, score, cluster=cluster, method="bootstrap", replicates=300, seed=2)
    assert (part.raw.low, part.raw.high) == pytest.approx((whole.low, whole.high))


@pytest.mark.parametrize(
    "options",
    [{}, {"specificity": (0.9, 1), "sensitivity": (0.9, 1)}, {"specificity": (0.9, 0.9)}, {"sensitivity": (80, 100)}],
)
def test_a_range_is_needed_and_only_one(options: dict) -> None:
    with pytest.raises(StatisticsError, match="Expected a range of"):
        partial_auc([0, 1], [1, 2], **options)
