"""Two readers on the same cases: pairing, the relation to DeLong's test, and what must be refused."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import MarkedCases, compare_auc, compare_localisation, marked_cases

Tables = tuple[dict[str, Any], dict[str, Any]]


def _two(tables: Callable[..., Tables], **options: Any) -> tuple[MarkedCases, MarkedCases]:
    """Two readers of the same lesions, the first of them the better one."""
    marks, lesions = tables(21, **options)
    worse = dict(marks)
    rng = np.random.default_rng(0)
    worse["confidence"] = (np.array(marks["confidence"]) + 2 * rng.normal(size=len(marks["case"]))).tolist()
    cluster = "patient" if "patients" in options else None
    return marked_cases(marks, lesions, cluster=cluster), marked_cases(worse, lesions, cluster=cluster)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_the_other_way_round_only_the_sign_changes(tables: Callable[..., Tables], method: str) -> None:
    one, two = _two(tables, cases=80, patients=40)
    there = compare_localisation(one, two, method=method, replicates=500)
    back = compare_localisation(two, one, method=method, replicates=500)
    assert (
        there.difference.value == pytest.approx(there.a.value - there.b.value) == pytest.approx(-back.difference.value)
    )
    assert (there.difference.low, there.p) == pytest.approx((-back.difference.high, back.p))
    assert there.difference.clusters == 40


def test_both_ways_agree_on_the_error(tables: Callable[..., Tables]) -> None:
    one, two = _two(tables, cases=120)
    jackknife, bootstrap = (
        compare_localisation(one, two, method=method, replicates=2000) for method in ("jackknife", "bootstrap")
    )
    assert bootstrap.difference.se == pytest.approx(jackknife.difference.se, rel=0.15)
    # Without pairing the error would be that of independent figures.
    assert jackknife.difference.se < math.hypot(jackknife.a.se, jackknife.b.se)


def test_a_reader_against_herself(tables: Callable[..., Tables]) -> None:
    one, _ = _two(tables, cases=60)
    for method in ("jackknife", "bootstrap"):
        result = compare_localisation(one, one, method=method, replicates=100)
        assert (result.difference.value, result.p) == (0, 1)


def test_ratings_of_whole_cases_are_delongs_test() -> None:
    rng = np.random.default_rng(9)
    truth, case = np.arange(400) % 2, [f"c{number}" for number in range(400)]
    lesion = ["1" if flag else None for flag in truth]
    base = rng.normal(size=400) + truth
    scores = base + 0.6 * rng.normal(size=400), base + rng.normal(size=400)
    readers = [
        marked_cases({"case": case, "lesion": lesion, "confidence": s}, {"case": case, "lesion": lesion})
        for s in scores
    ]
    found, delong = compare_localisation(*readers), compare_auc(truth, *scores)
    assert found.difference.value == pytest.approx(delong.difference)
    assert found.difference.se == pytest.approx(delong.se, rel=0.02)
    assert found.p == pytest.approx(delong.p, rel=0.1)


def test_few_patients_give_no_p_value(tables: Callable[..., Tables]) -> None:
    one, two = _two(tables, cases=24, patients=8)
    result = compare_localisation(one, two)
    assert math.isnan(result.p) and not math.isnan(result.difference.low)
    assert "patients with a lesion are too few (below 10) for a bootstrap or a P value" in result.notes[0]
    assert "no P value" in str(result)
    other = compare_localisation(one, two, metric="sensitivity", rate=0.5, replicates=100)
    assert len(other.notes) == 1  # lesion-free patients play no part in it


def test_other_cases_lesions_or_patients_are_refused(by_hand: MarkedCases) -> None:
    nothing: dict[str, Any] = {"case": [], "lesion": [], "confidence": []}
    case = ["a", "a", "b", "f", "g", "h"]
    for lesions, message in (
        (
            {"case": [*case, "i"], "lesion": ["1", "2", "1", "", "", "", ""]},
            "the same cases, but case i is of one alone",
        ),
        ({"case": case, "lesion": ["1", "3", "1", "", "", ""]}, "but lesion 2 of case a is of one alone"),
        (
            {"case": case, "lesion": ["1", "2", "1", "", "", ""], "patient": list("xxxyyy")},
            "their patients are not the same",
        ),
    ):
        other = marked_cases(nothing, lesions, cluster="patient" if "patient" in lesions else None)
        with pytest.raises(StatisticsError, match=message):
            compare_localisation(by_hand, other)
