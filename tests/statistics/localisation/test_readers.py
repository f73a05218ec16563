"""Reader studies of marks: the published analysis of ratings as a special case, and the jackknife by brute force."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    compare_localisation,
    compare_localisation_readers,
    localisation_merit,
    marked_cases,
)

Tables = tuple[dict[str, Any], dict[str, Any]]
NAMES = {"test": "test", "reader": "reader"}


def _study(tables: Callable[..., Tables], *, tests: int = 2, readers: int = 3, **options: Any) -> Tables:
    """Readers who mark the same lesions of the same cases; each has the marks of the draw with other ratings."""
    first, lesions = tables(31, **options)
    rng = np.random.default_rng(5)
    marks: dict[str, list[Any]] = {"case": [], "lesion": [], "confidence": [], "test": [], "reader": []}
    for test in range(tests):
        for reader in range(readers):
            size = len(first["case"])
            kept = rng.random(size) < 0.85
            noise = (0.3 + 2 * test) * rng.normal(size=size)
            for name in ("case", "lesion"):
                marks[name] += [value for value, keep in zip(first[name], kept, strict=True) if keep]
            marks["confidence"] += (np.array(first["confidence"]) + noise)[kept].tolist()
            marks["test"] += [f"t{test}"] * int(kept.sum())
            marks["reader"] += [reader] * int(kept.sum())
    return marks, lesions


def _part(marks: dict[str, list[Any]], test: str, reader: int) -> dict[str, list[Any]]:
    own = [t == test and r == reader for t, r in zip(marks["test"], marks["reader"], strict=True)]
    return {name: [v for v, keep in zip(column, own, strict=True) if keep] for name, column in marks.items()}


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
    marks, lesions = _study(tables, cases=60, patients=30)
    result = compare_localisation_readers(marks, lesions, cluster="patient", **NAMES)
    for t, test in enumerate(result.tests):
        for r, reader in enumerate(result.readers):
            alone = localisation_merit(marked_cases(_part(marks, test, reader), lesions, cluster="patient"))
            found = result.reader_estimates[t][r]
            assert (found.value, found.se) == pytest.approx((alone.value, alone.se), rel=1e-9)
    for difference in result.reader_differences:
        both = [
            marked_cases(_part(marks, test, difference.reader), lesions, cluster="patient") for test in result.tests
        ]
        paired = compare_localisation(*both)
        assert difference.estimate.value == pytest.approx(paired.difference.value)
        assert difference.estimate.se == pytest.approx(paired.difference.se, rel=1e-9)
    assert result.test_estimates[0].clusters == 30 and result.cases == 60
    assert result.test_estimates[0].value > result.test_estimates[1].value  # the second test adds noise


def test_a_study_of_few_patients_says_so(tables: Callable[..., Tables]) -> None:
    marks, lesions = _study(tables, cases=16)
    notes = compare_localisation_readers(marks, lesions, **NAMES).notes
    assert any("cases with a lesion: the variance over so few is rough" in note for note in notes)


def test_unfit_studies_are_refused(tables: Callable[..., Tables]) -> None:
    marks, lesions = _study(tables)
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


def _searches(tests: int, readers: int, lesions: dict[str, Any]) -> dict[str, list[Any]]:
    """A row for each reader, test and case."""
    every = [
        (f"t{t}", r, case) for t in range(tests) for r in range(readers) for case in dict.fromkeys(lesions["case"])
    ]
    return {name: [row[place] for row in every] for place, name in enumerate(("test", "reader", "case"))}


def _kept(table: dict[str, list[Any]], keep: Callable[[tuple[Any, ...]], bool]) -> dict[str, list[Any]]:
    """The rows of a table for whose test, reader and case something holds."""
    rows = [keep(row) for row in zip(table["test"], table["reader"], table["case"], strict=True)]
    return {name: [value for value, there in zip(column, rows, strict=True) if there] for name, column in table.items()}


@pytest.mark.parametrize("metric", ["wafroc", "wafroc1", "lroc"])
@pytest.mark.parametrize("cluster", [None, "patient"])
def test_searches_of_everything_change_nothing(tables: Callable[..., Tables], metric: str, cluster: str | None) -> None:
    marks, lesions = _study(tables, cases=60, patients=30)
    options = {"metric": metric, "cluster": cluster, **NAMES}
    plain = compare_localisation_readers(marks, lesions, **options)
    found = compare_localisation_readers(marks, lesions, searched=_searches(2, 3, lesions), **options)
    assert found.to_dict() == plain.to_dict()
    assert found.design == "factorial"


@pytest.fixture
def incomplete(tables: Callable[..., Tables]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Marks, lesions and searches where each reader searched four in five cases with each test, others each time."""
    marks, lesions = _study(tables, cases=80, patients=40)
    place = {case: number for number, case in enumerate(dict.fromkeys(lesions["case"]))}

    def keep(row: tuple[Any, ...]) -> bool:
        return (place[row[2]] + 3 * int(row[1]) + 7 * int(row[0][1])) % 5 > 0

    return _kept(marks, keep), lesions, _kept(_searches(2, 3, lesions), keep)


def test_values_are_those_of_the_cases_that_were_searched(incomplete: Any) -> None:
    marks, lesions, searched = incomplete
    result = compare_localisation_readers(marks, lesions, searched=searched, cluster="patient", **NAMES)
    assert result.design.startswith("unbalanced")
    assert "96 of 480 searches are missing: a reader has searched 64 of 80 cases with a test" in result.notes[0]
    for t, r in np.ndindex(2, 3):
        own = _part(searched, f"t{t}", r)["case"]
        there = [case in set(own) for case in lesions["case"]]
        some = {name: [v for v, k in zip(column, there, strict=True) if k] for name, column in lesions.items()}
        alone = localisation_merit(marked_cases(_part(marks, f"t{t}", r), some, cluster="patient"))
        found = result.reader_estimates[t][r]
        assert (found.value, found.se, found.n) == (pytest.approx(alone.value), pytest.approx(alone.se), 64)


def test_the_covariance_of_two_units_is_that_of_the_patients_of_both(incomplete: Any) -> None:
    """The variance of a reader's difference, by leaving out patients one by one from tables."""
    marks, lesions, searched = incomplete
    result = compare_localisation_readers(
        marks, lesions, searched=searched, cluster="patient", readers="fixed", **NAMES
    )
    patient = dict(zip(lesions["case"], lesions["patient"], strict=True))
    patients = list(dict.fromkeys(lesions["patient"]))
    deviations = np.zeros((2, len(patients)))
    for t in range(2):
        own = set(_part(searched, f"t{t}", 0)["case"])
        there = [name for name in patients if any(patient[case] == name for case in own)]
        values = []
        for left in there:
            keep = {case for case in own if patient[case] != left}
            some = {
                name: [v for v, case in zip(column, lesions["case"], strict=True) if case in keep]
                for name, column in lesions.items()
            }
            part = _part(marks, f"t{t}", 0)
            part = {n: [v for v, case in zip(c, part["case"], strict=True) if case in keep] for n, c in part.items()}
            values.append(localisation_merit(marked_cases(part, some)).value)
        scale = np.sqrt((len(there) - 1) / len(there))
        for name, value in zip(there, values, strict=True):
            deviations[t, patients.index(name)] = scale * (value - np.mean(values))
    own_difference = next(one for one in result.reader_differences if one.reader == 0)
    assert own_difference.estimate.se == pytest.approx(np.linalg.norm(deviations[0] - deviations[1]))


def test_a_reader_may_mark_nothing_where_searches_are_known_and_use_one_test_alone(incomplete: Any) -> None:
    marks, lesions, searched = incomplete
    silent = _kept(marks, lambda row: row[:2] != ("t0", 1))
    with pytest.raises(StatisticsError, match="say with `searched` who searched what"):
        compare_localisation_readers(silent, lesions, **NAMES)
    found = compare_localisation_readers(silent, lesions, searched=searched, **NAMES)
    assert found.reader_estimates[0][1].value == pytest.approx(0.5, abs=0.5)
    nested = compare_localisation_readers(
        *(_kept(marks, lambda row: (row[0] == "t0") == (row[1] < 2)), lesions),
        searched=_kept(searched, lambda row: (row[0] == "t0") == (row[1] < 2)), readers="fixed", **NAMES,
    )  # fmt: skip
    assert nested.design == "readers nested in tests"
    with pytest.raises(StatisticsError, match="search with every test, or each with one"):
        compare_localisation_readers(
            _kept(marks, lambda row: row[:2] != ("t0", 1)), lesions,
            searched=_kept(searched, lambda row: row[:2] != ("t0", 1)), **NAMES,
        )  # fmt: skip


def test_marks_where_nothing_was_searched_are_refused(incomplete: Any) -> None:
    marks, lesions, searched = incomplete
    case = marks["case"][0]
    with pytest.raises(StatisticsError, match="which was not searched"):
        compare_localisation_readers(marks, lesions, searched=_kept(searched, lambda row: row[2] != case), **NAMES)
    with pytest.raises(StatisticsError, match="who searched nothing"):
        compare_localisation_readers(marks, lesions, searched=_kept(searched, lambda row: row[1] != 2), **NAMES)
