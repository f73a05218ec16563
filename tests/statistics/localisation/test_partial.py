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
        assert found.clusters == alone.clusters


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


LESIONS = {"case": list("abcfgh"), "lesion": ["1", "1", "1", None, None, None]}
"""Three cases with a lesion, three without."""
BY_HAND: dict[str, list[Any]] = {
    "reader": ["R1", "R1", "R2", "R2", "R1", "R1", "R1", "R2", "R2", "R2"],
    "test": ["I"] * 4 + ["II"] * 6,
    "case": list("afchabfbcg"),
    "lesion": ["1", "", "1", "", "1", "1", "", "1", "1", ""],
    "confidence": [0.9, 0.5, 0.6, 0.7, 0.9, 0.8, 0.85, 0.9, 0.8, 0.85],
}
OF_HAND = {name: [row[place] for row in (
    (reader, test, case) for test in ("I", "II") for reader, own in (("R1", "abfg"), ("R2", "bcgh")) for case in own
)] for place, name in enumerate(("reader", "test", "case"))}  # fmt: skip


def test_two_readers_who_share_two_of_six_cases_by_hand() -> None:
    """R1 searched a, b, f, g and R2 b, c, g, h with both tests.

    Test I. R1 hits a (0.9), misses b, and marks f (0.5): a beats both, b loses to f and ties with g, 2.5 of 4. Without
    each case: 0.25, 1, 0.75, 0.5. R2 misses b, hits c (0.6), and marks h (0.7): b ties with g and loses to h, c beats g
    and loses to h, 1.5 of 4; without each: 0.5, 0.25, 0, 0.75. Test II. R1 hits a and b with f between them, 3 of 4;
    without each: 0.5, 1, 1, 0.5. R2 hits b and c with g between them; without b, c, g and h: 0.5, 1, 1, 0.5.
    """
    fixed = compare_localisation_readers(BY_HAND, LESIONS, searched=OF_HAND, readers="fixed", **NAMES)
    values = [[one.value for one in row] for row in fixed.reader_estimates]
    assert values == [[0.625, 0.375], [0.75, 0.75]]
    errors = [[one.se for one in row] for row in fixed.reader_estimates]
    assert errors == [[pytest.approx((3 / 4 * 0.3125) ** 0.5)] * 2, [pytest.approx((3 / 4 * 0.25) ** 0.5)] * 2]
    # Deviations in case of both: b 0.375 and 0.125, g -0.125 and -0.375.
    shared = 3 / 4 * (0.375 * 0.125 + 0.125 * 0.375)
    assert fixed.test_estimates[0].se == pytest.approx(((3 / 4 * 0.3125 + shared) / 2) ** 0.5)
    # Half of test I less test II, case by case from a to h, readers summed.
    of_case = [-0.0625, 0.25, -0.1875, -0.0625, -0.25, 0.3125]
    assert fixed.differences[0].estimate.value == pytest.approx(-0.25)
    assert fixed.differences[0].estimate.se == pytest.approx((3 / 4 * sum(one**2 for one in of_case)) ** 0.5)
    # All six cases, unless it is said that R1 searched four: a beats three, b and c tie with g and h.
    plain = compare_localisation_readers(BY_HAND, LESIONS, readers="fixed", **NAMES)
    assert plain.reader_estimates[0][0].value == pytest.approx(5 / 9)


def test_cases_that_nobody_searched_are_left_out_and_unknown_ones_refused() -> None:
    more = {"case": [*LESIONS["case"], "x", "y"], "lesion": [*LESIONS["lesion"], "1", None]}
    alone, found = (
        compare_localisation_readers(BY_HAND, table, searched=OF_HAND, readers="fixed", **NAMES)
        for table in (LESIONS, more)
    )
    assert found.reader_estimates == alone.reader_estimates and found.cases == 6
    assert found.notes == ("2 cases that nobody searched were left out.", *alone.notes)
    less = {name: column[:-1] for name, column in LESIONS.items()}
    with pytest.raises(StatisticsError, match="Case h was searched but has no row in the table of lesions"):
        compare_localisation_readers(BY_HAND, less, searched=OF_HAND, **NAMES)
