"""Intervals of figures of merit: the jackknife by brute force, the bootstrap, and figures without spread."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import MarkedCases, auc, localisation_merit, marked_cases

Tables = tuple[dict[str, Any], dict[str, Any]]


def _without(table: dict[str, Any], cases: set[str]) -> dict[str, Any]:
    rows = [row for row, case in enumerate(table["case"]) if case not in cases]
    return {name: [column[row] for row in rows] for name, column in table.items()}


def test_the_jackknife_leaves_whole_patients_out(tables: Callable[..., Tables]) -> None:
    marks, lesions = tables(11, cases=24, patients=8)
    found = localisation_merit(marked_cases(marks, lesions, cluster="patient"))
    owner = dict(zip(lesions["case"], lesions["patient"], strict=True))
    left_out = []
    for patient in sorted(set(lesions["patient"])):
        kept = [_without(table, {case for case, own in owner.items() if own == patient}) for table in (marks, lesions)]
        left_out.append(localisation_merit(marked_cases(kept[0], kept[1])).value)
    variance = 7 / 8 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2)
    assert found.se == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert found.clusters == 8
    # The interval is that of the logit, by the delta method, of the t distribution.
    spread = stats.t.isf(0.025, 7) * found.se / (found.value * (1 - found.value))
    middle = math.log(found.value / (1 - found.value))
    assert (found.low, found.high) == pytest.approx([1 / (1 + math.exp(-middle - s)) for s in (-spread, spread)])


def test_an_roc_study_has_nearly_delongs_error() -> None:
    rng = np.random.default_rng(4)
    truth = np.arange(300) % 2
    score = rng.normal(size=300) + truth
    case = [f"c{number}" for number in range(300)]
    lesion = [str(flag) if flag else None for flag in truth]
    marked = marked_cases({"case": case, "lesion": lesion, "confidence": score}, {"case": case, "lesion": lesion})
    for metric in ("wafroc", "afroc", "inferred-roc", "lroc"):
        found, roc = localisation_merit(marked, metric=metric), auc(truth, score)
        assert found.value == pytest.approx(roc.value, rel=1e-12)
        assert found.se == pytest.approx(roc.se, rel=0.02)
    drawn = localisation_merit(marked, method="bootstrap", replicates=1000)
    assert drawn.se == pytest.approx(roc.se, rel=0.1) and drawn.clusters is None


def test_figures_of_0_and_1_have_exact_limits() -> None:
    case = [f"c{number}" for number in range(12)]
    lesions = {"case": case, "lesion": ["1"] * 7 + [None] * 5, "patient": [f"p{number // 2}" for number in range(12)]}
    marks = {"case": case[:7], "lesion": ["1"] * 7, "confidence": range(7)}
    alone = localisation_merit(marked_cases(marks, lesions))
    assert (alone.value, alone.high) == (1, 1) and alone.low == pytest.approx(0.025 ** (1 / 5))
    together = localisation_merit(marked_cases(marks, lesions, cluster="patient"))
    assert together.low == pytest.approx(0.025 ** (1 / 3))  # six patients make three pairs of different ones
    assert "exact interval of 3 independent pairs of patients" in together.method
    none = localisation_merit(
        marked_cases({"case": case[:1], "lesion": [None], "confidence": [1]}, lesions), metric="pcl"
    )
    assert (none.low, none.value) == (0, 0) and none.high == pytest.approx(1 - 0.025 ** (1 / 7))


def test_few_cases_have_no_interval_rather_than_a_wrong_one() -> None:
    lesions = {"case": ["a", "b", "c"], "lesion": ["1", "1", None]}
    marks = {"case": ["a", "b", "c"], "lesion": ["1", "1", None], "confidence": [1, 3, 2]}
    found = localisation_merit(marked_cases(marks, lesions))
    assert math.isnan(found.low) and "without one of them the figure is undefined" in found.method


def test_a_rate_of_false_marks_is_read_from_the_curve(by_hand: MarkedCases) -> None:
    found = localisation_merit(by_hand, metric="sensitivity", rate=0.6, replicates=100)
    assert found.value == pytest.approx(2 / 3) and found.n == 3


def test_the_jackknife_of_a_jump_is_refused(by_hand: MarkedCases) -> None:
    with pytest.raises(StatisticsError, match="The jackknife does not hold for 'cpm'"):
        localisation_merit(by_hand, metric="cpm", method="jackknife")
    with pytest.raises(StatisticsError, match="Expected `method` to be one of"):
        localisation_merit(by_hand, method="delong")
