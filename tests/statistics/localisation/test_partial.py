"""Figures of merit where not every reader searched every case."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.statistics.localisation.studies import part_of, study
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    compare_localisation_readers,
    localisation_merit,
    marked_cases,
)

Tables = tuple[dict[str, Any], dict[str, Any]]
NAMES = {"test": "test", "reader": "reader"}


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
    marks, lesions = study(tables, cases=60, patients=30)
    options = {"metric": metric, "cluster": cluster, **NAMES}
    plain = compare_localisation_readers(marks, lesions, **options)
    found = compare_localisation_readers(marks, lesions, searched=_searches(2, 3, lesions), **options)
    assert found.to_dict() == plain.to_dict()
    assert found.design == "factorial"


@pytest.fixture
def incomplete(tables: Callable[..., Tables]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Marks, lesions and searches where each reader searched four in five cases with each test, others each time."""
    marks, lesions = study(tables, cases=80, patients=40)
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
        own = part_of(searched, f"t{t}", r)["case"]
        there = [case in set(own) for case in lesions["case"]]
        some = {name: [v for v, k in zip(column, there, strict=True) if k] for name, column in lesions.items()}
        alone = localisation_merit(marked_cases(part_of(marks, f"t{t}", r), some, cluster="patient"))
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
        own = set(part_of(searched, f"t{t}", 0)["case"])
        there = [name for name in patients if any(patient[case] == name for case in own)]
        values = []
        for left in there:
            keep = {case for case in own if patient[case] != left}
            some = {
                name: [v for v, case in zip(column, lesions["case"], strict=True) if case in keep]
                for name, column in lesions.items()
            }
            part = part_of(marks, f"t{t}", 0)
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
