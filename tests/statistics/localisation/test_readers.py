"""Reader studies of marks: the published analysis of ratings as a special case, and the jackknife by brute force."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.statistics.localisation.studies import part_of, study
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    compare_localisation,
    compare_localisation_readers,
    localisation_merit,
    marked_cases,
)

Tables = tuple[dict[str, Any], dict[str, Any]]
NAMES = {"test": "test", "reader": "reader"}


@pytest.mark.parametrize(
    ("readers", "cases", "expected"),
    [
        ("random", "random", (4.456319, 15.25967, 0.05166569)),
        ("fixed", "random", (5.475953, np.inf, 0.01928)),
        ("random", "fixed", (8.704, 4, 0.04195875)),
    ],
)
@pytest.mark.parametrize("metric", ["wafroc", "inferred-roc", "lroc"])
def test_ratings_as_marks_equal_rjafroc(
    real_data: Path, metric: str, readers: str, cases: str, expected: tuple[float, float, float]
) -> None:
    # RJafroc prints these for its data set 02 (Van Dyke), jackknife covariance: a rating is a mark on the one lesion.
    with (real_data / "readers" / "vandyke.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lesion = ["1" if float(row["truth"]) else None for row in rows]
    marks = {
        "case": [row["case"] for row in rows],
        "lesion": lesion,
        "confidence": [float(row["rating"]) for row in rows],
        "test": [row["treatment"] for row in rows],
        "reader": [row["reader"] for row in rows],
    }
    of_case = dict(zip(marks["case"], lesion, strict=True))
    lesions = {"case": list(of_case), "lesion": list(of_case.values())}
    result = compare_localisation_readers(marks, lesions, metric=metric, readers=readers, cases=cases, **NAMES)
    assert result.global_test is not None
    assert (result.global_test.f, result.global_test.df2) == pytest.approx(expected[:2], rel=1e-6)
    assert result.global_test.p == pytest.approx(expected[2], rel=5e-4 if readers == "fixed" else 1e-6)
    assert "jackknife covariance over cases" in result.method


def test_covariances_are_those_of_the_readers_alone(tables: Callable[..., Tables]) -> None:
    marks, lesions = study(tables, cases=60, patients=30)
    result = compare_localisation_readers(marks, lesions, cluster="patient", **NAMES)
    for t, test in enumerate(result.tests):
        for r, reader in enumerate(result.readers):
            alone = localisation_merit(marked_cases(part_of(marks, test, reader), lesions, cluster="patient"))
            found = result.reader_estimates[t][r]
            assert (found.value, found.se) == pytest.approx((alone.value, alone.se), rel=1e-9)
    for difference in result.reader_differences:
        both = [
            marked_cases(part_of(marks, test, difference.reader), lesions, cluster="patient") for test in result.tests
        ]
        paired = compare_localisation(*both)
        assert difference.estimate.value == pytest.approx(paired.difference.value)
        assert difference.estimate.se == pytest.approx(paired.difference.se, rel=1e-9)
    assert result.test_estimates[0].clusters == 30 and result.cases == 60
    assert result.test_estimates[0].value > result.test_estimates[1].value  # the second test adds noise


def test_a_study_of_few_patients_says_so(tables: Callable[..., Tables]) -> None:
    marks, lesions = study(tables, cases=16)
    notes = compare_localisation_readers(marks, lesions, **NAMES).notes
    assert any("cases with a lesion are too few (below 10) for a" in note for note in notes)


def test_unfit_studies_are_refused(tables: Callable[..., Tables]) -> None:
    marks, lesions = study(tables)
    for options, message in (
        ({"metric": "cpm"}, "Expected `metric` to be one of 'wafroc'"),
        ({"reader": "radiologist"}, "No column 'radiologist' among .* of the marks"),
        ({"readers": "fixed", "cases": "fixed"}, "nothing varies"),
        ({"readers": "some"}, "Expected `readers` to be one of 'random', 'fixed'"),
    ):
        with pytest.raises(StatisticsError, match=message):
            compare_localisation_readers(marks, lesions, **(NAMES | options))  # type: ignore[arg-type]
    marks["reader"] = [9 if (t, r) == ("t1", 2) else r for t, r in zip(marks["test"], marks["reader"], strict=True)]
    with pytest.raises(StatisticsError, match="Reader 9 has no mark with test t0"):
        compare_localisation_readers(marks, lesions, **NAMES)
