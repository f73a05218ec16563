"""Readings of a reader study: checks, and recognition of the design."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_numbers,
    as_truth,
    require_choice,
    require_same_length,
)

_Number = TypeVar("_Number", np.int64, np.float64)

FACTORIAL = "factorial"
NESTED_IN_READERS = "cases nested in readers"
NESTED_IN_TESTS = "cases nested in tests"
MISSING = ("refuse", "drop-case")


@dataclass(frozen=True, eq=False, slots=True)
class ReaderStudy:
    """Readings as an array over tests, readers and cases.

    Attributes:
        ratings: shape (tests, readers, cases); NaN where a nested case was not read.
        truth: 0 or 1 per case.
        cluster: code of each case's cluster, or None.
        tests: names.
        readers: names.
        design: "factorial", "cases nested in readers" or "cases nested in tests".
        cases: names.
        dropped: truth of each case that was left out because a reading of it is missing.
    """

    ratings: Floats
    truth: Integers
    cluster: Integers | None
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    design: str
    cases: tuple[Any, ...] = ()
    dropped: tuple[int, ...] = ()

    def blocks(self) -> list[tuple[Integers, Integers]]:
        """Return the parts that share cases: flat numbers of the (test, reader) units and the cases they read."""
        units = np.arange(self.ratings[..., 0].size).reshape(self.ratings.shape[:2])
        groups = {
            FACTORIAL: [units.ravel()],
            NESTED_IN_READERS: list(units.T),
            NESTED_IN_TESTS: list(units),
        }[self.design]
        read = ~np.isnan(self.ratings.reshape(units.size, -1))
        return [(group, np.flatnonzero(read[group[0]])) for group in groups]


def read_study(
    data: Mapping[str, npt.ArrayLike],
    *,
    test: str,
    reader: str,
    case: str,
    truth: str,
    rating: str,
    cluster: str | None = None,
    missing: str = "refuse",
) -> ReaderStudy:
    """Arrange the columns of a long table, one row per reading, and find the design.

    With `missing="drop-case"` a case of which a reading is missing (no row, or a rating of NaN) is left out for all
    readers and tests.

    Raises:
        StatisticsError: a missing column or value, a duplicate reading, a case with two truths or two clusters, or
            readings that fit none of the designs; every case has a reading missing.
    """
    require_choice(missing, MISSING, name="missing")
    columns = {name: _column(data, name) for name in (test, reader, case, truth, rating)}
    require_same_length(**columns)
    (tests, test_names), (readers, reader_names), (cases, case_names) = (
        as_labels(columns[name], name=name) for name in (test, reader, case)
    )
    values = as_numbers(columns[rating], name=rating, finite=False, missing=missing == "drop-case")
    shape = test_names.size, reader_names.size, case_names.size
    times = np.zeros(shape, dtype=np.int64)
    np.add.at(times, (tests, readers, cases), 1)
    if times.max() > 1:
        t, r, c = np.argwhere(times > 1)[0]
        raise StatisticsError(
            f"{_reading(reader_names[r], case_names[c], test_names[t])} is given {times[t, r, c]} times; keep one"
            " if they are the same case, or else give the cases different names."
        )
    ratings = np.full(shape, np.nan)
    ratings[tests, readers, cases] = values
    of_case = one_per_case(as_truth(columns[truth], name=truth), cases, case_names, what="truth")
    codes = None if cluster is None else _clusters(data, cluster, cases, case_names)
    kept = np.ones(case_names.size, dtype=bool)
    if missing == "drop-case":
        kept = _complete(times > 0, ~np.isnan(ratings))
        if not kept.any():
            raise StatisticsError("Every case has a reading missing, so that none is left; complete the readings.")
        ratings = ratings[:, :, kept]
    return ReaderStudy(
        ratings=ratings,
        truth=of_case[kept],
        cluster=None if codes is None else np.unique(codes[kept], return_inverse=True)[1].astype(np.int64),
        tests=tuple(test_names.tolist()),
        readers=tuple(reader_names.tolist()),
        design=_design(~np.isnan(ratings), test_names, reader_names, case_names[kept]),
        cases=tuple(case_names[kept].tolist()),
        dropped=tuple(of_case[~kept].tolist()),
    )


def _complete(given: npt.NDArray[np.bool_], read: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which cases have every reading that the design wants of them.

    The design is that of the rows that are `given`, whether they hold a rating or not: cases with rows of one reader
    each are nested in readers, cases with rows of one test each in tests, and any others are to be read by all.
    """
    for axis in (0, 1):
        units = given.any(axis=axis)
        if (units.sum(axis=0) == 1).all():
            return np.asarray((read.all(axis=axis) & units).any(axis=0))
    return np.asarray(read.all(axis=(0, 1)))


def _column(data: Mapping[str, npt.ArrayLike], name: str) -> npt.NDArray[Any]:
    try:
        values = data[name]
    except KeyError as error:
        raise StatisticsError(f"No column {name!r} among {', '.join(map(repr, data))}.") from error
    return np.asarray(values)


def one_per_case(
    values: npt.NDArray[_Number], cases: Integers, names: npt.NDArray[Any], *, what: str
) -> npt.NDArray[_Number]:
    """Return one value per case from one value per reading; refuse a case with different values."""
    result = np.zeros(names.size, dtype=values.dtype)
    result[cases] = values
    wrong = np.flatnonzero(result[cases] != values)
    if wrong.size:
        raise StatisticsError(
            f"Case {names[cases[wrong[0]]]!s} has more than one {what}; if the cases of each reader or test are"
            " others, give them different names."
        )
    return result


def _clusters(
    data: Mapping[str, npt.ArrayLike], cluster: str, cases: Integers, case_names: npt.NDArray[Any]
) -> Integers:
    codes, _ = as_labels(_column(data, cluster), name=cluster)
    require_same_length(**{cluster: codes, "the other columns": cases})
    return one_per_case(codes, cases, case_names, what="cluster")


def _design(
    read: npt.NDArray[np.bool_], tests: npt.NDArray[Any], readers: npt.NDArray[Any], cases: npt.NDArray[Any]
) -> str:
    if read.all():
        return FACTORIAL
    # Nested in readers: one reader per case, with all tests. Nested in tests: one test per case, by all readers.
    for design, axis in ((NESTED_IN_READERS, 0), (NESTED_IN_TESTS, 1)):
        whole = read.all(axis=axis)
        if np.array_equal(whole, read.any(axis=axis)) and (whole.sum(axis=0) == 1).all():
            return design
    t, r, c = np.argwhere(~read)[0]
    raise StatisticsError(
        f"{_reading(readers[r], cases[c], tests[t])} is missing ({int((~read).sum())} of {read.size} are); complete"
        " them, or leave such cases out with missing='drop-case' (--missing drop-case on the command line)."
    )


def _reading(reader: Any, case: Any, test: Any) -> str:
    # Where all readings are of one test, it has no name but 0.
    named = f" with test {test!s}" if isinstance(test, str) or test != 0 else ""
    return f"The reading of case {case!s} by reader {reader!s}{named}"
