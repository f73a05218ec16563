"""Readings of a reader study: checks, and recognition of the design."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

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
READERS_IN_TESTS = "readers nested in tests"
SPLIT_PLOT = "split-plot: readers and cases in blocks"
UNBALANCED = "unbalanced: readers read parts of the cases"
MISSING = ("refuse", "drop-case", "analyse")


@dataclass(frozen=True, eq=False, slots=True)
class ReaderStudy:
    """Readings as an array over tests, readers and cases.

    Attributes:
        ratings: shape (tests, readers, cases); NaN where a nested case was not read.
        truth: 0 or 1 per case.
        cluster: code of each case's cluster, or None.
        tests: names.
        readers: names.
        design: "factorial", "cases nested in readers", "cases nested in tests", "readers nested in tests", "split-plot:
            readers and cases in blocks" or "unbalanced: readers read parts of the cases".
        cases: names.
        dropped: truth of each case that was left out because a reading of it is missing.
        reader_block: code of the block of each reader; None where all readers belong together.
    """

    ratings: Floats
    truth: Integers
    cluster: Integers | None
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    design: str
    cases: tuple[Any, ...] = ()
    dropped: tuple[int, ...] = ()
    reader_block: Integers | None = None

    def clusters(self) -> Integers:
        """Return the cluster of each case; without clusters every case is its own."""
        return np.arange(self.truth.size) if self.cluster is None else self.cluster

    def blocks(self) -> list[tuple[Integers, Integers]]:
        """Return the parts that read the same cases: flat numbers of the (test, reader) units and their cases.

        In an unbalanced design, and if readers are nested in tests, every unit is a part of its own; parts share cases.
        """
        units = np.arange(self.ratings[..., 0].size).reshape(self.ratings.shape[:2])
        if self.design == SPLIT_PLOT and self.reader_block is not None:
            groups = [units[:, self.reader_block == code].ravel() for code in range(int(self.reader_block.max()) + 1)]
        elif self.design in (UNBALANCED, READERS_IN_TESTS):
            there = ~np.isnan(self.ratings).all(axis=2)
            groups = [np.array([unit]) for unit in units[there]]
        else:
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
    block: str | None = None,
    missing: str = "refuse",
) -> ReaderStudy:
    """Arrange the columns of a long table, one row per reading, and find the design.

    With `missing="drop-case"` a case of which a reading is missing (no row, or a rating of NaN) is left out for all
    readers and tests; with `missing="analyse"` every reading counts, and the design may be unbalanced.

    Raises:
        StatisticsError: a missing column or value, a duplicate reading, a case with two truths, two clusters or two
            blocks, a reader with two blocks, or readings that fit none of the designs; every case has a reading
            missing; with "analyse", a reader without any reading with some test.
    """
    require_choice(missing, MISSING, name="missing")
    columns = {name: _column(data, name) for name in (test, reader, case, truth, rating)}
    require_same_length(**columns)
    (tests, test_names), (readers, reader_names), (cases, case_names) = (
        as_labels(columns[name], name=name) for name in (test, reader, case)
    )
    values = as_numbers(columns[rating], name=rating, finite=False, missing=missing != "refuse")
    ratings, given = _arranged(values, (tests, readers, cases), (test_names, reader_names, case_names))
    of_case = one_per_case(as_truth(columns[truth], name=truth), cases, case_names, what="truth")
    codes = None if cluster is None else _clusters(data, cluster, cases, case_names)
    kept = np.ones(case_names.size, dtype=bool)
    if missing == "drop-case":
        kept = _complete(given, ~np.isnan(ratings))
        if not kept.any():
            raise StatisticsError("Every case has a reading missing, so that none is left; complete the readings.")
    elif missing == "analyse":
        kept = np.asarray((~np.isnan(ratings)).any(axis=(0, 1)))
    ratings = ratings[:, :, kept]
    read = ~np.isnan(ratings)
    blocks = _blocks(read)
    if block is not None:
        blocks = _named_blocks(data, block, (readers, reader_names), (cases, case_names))
    design = _design(read, blocks, (test_names, reader_names, case_names[kept]), analyse=missing == "analyse")
    return ReaderStudy(
        ratings=ratings,
        truth=of_case[kept],
        cluster=None if codes is None else np.unique(codes[kept], return_inverse=True)[1].astype(np.int64),
        tests=tuple(test_names.tolist()),
        readers=tuple(reader_names.tolist()),
        design=design,
        cases=tuple(case_names[kept].tolist()),
        dropped=tuple(of_case[~kept].tolist()) if missing == "drop-case" else (),
        reader_block=blocks if design in (SPLIT_PLOT, UNBALANCED) and 0 < blocks.max() < len(blocks) - 1 else None,
    )


def _arranged(
    values: Floats,
    places: tuple[Integers, Integers, Integers],
    names: tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]],
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return readings over tests, readers and cases, and which of them have a row; refuse a reading given twice."""
    shape = names[0].size, names[1].size, names[2].size
    times = np.zeros(shape, dtype=np.int64)
    np.add.at(times, places, 1)
    if times.max() > 1:
        t, r, c = np.argwhere(times > 1)[0]
        raise StatisticsError(
            f"{_reading(names[1][r], names[2][c], names[0][t])} is given {times[t, r, c]} times; keep one"
            " if they are the same case, or else give the cases different names."
        )
    ratings = np.full(shape, np.nan)
    ratings[places] = values
    return ratings, times > 0


def _complete(given: npt.NDArray[np.bool_], read: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which cases have every reading that the design wants of them.

    The design is that of the rows that are `given`, whether they hold a rating or not: cases with rows of one reader
    each are nested in readers, cases with rows of one test each in tests, and any others are to be read by all readers
    of their block, with every test unless each reader has rows of one test only.
    """
    for axis in (0, 1):
        units = given.any(axis=axis)
        if (units.sum(axis=0) == 1).all():
            return np.asarray((read.all(axis=axis) & units).any(axis=0))
    blocks, complete = _blocks(given), np.zeros(read.shape[2], dtype=bool)
    expected = np.asarray(given.any(axis=2))
    if (expected.sum(axis=0) != 1).any():
        expected[:] = True
    for code in range(int(blocks.max()) + 1):
        members = blocks == code
        rest = read[:, members] | ~expected[:, members, None]
        complete |= given[:, members].any(axis=(0, 1)) & rest.all(axis=(0, 1))
    return complete


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


def _blocks(read: npt.NDArray[np.bool_]) -> Integers:
    """Return the block of each reader: readers who share a case, directly or by way of others, are in one block."""
    by_reader = csr_matrix(np.asarray(read.any(axis=0), dtype=np.int64))
    _, codes = connected_components(by_reader @ by_reader.T, directed=False)
    return np.asarray(codes, dtype=np.int64)


def _named_blocks(
    data: Mapping[str, npt.ArrayLike],
    block: str,
    readers: tuple[Integers, npt.NDArray[Any]],
    cases: tuple[Integers, npt.NDArray[Any]],
) -> Integers:
    """Return the block of each reader from a column; readers and cases must stay in their blocks."""
    codes, _ = as_labels(_column(data, block), name=block)
    require_same_length(**{block: codes, "the other columns": readers[0]})
    found = {}
    for what, (numbers, names) in (("Reader", readers), ("Case", cases)):
        of_each = np.zeros(names.size, dtype=np.int64)
        of_each[numbers] = codes
        wrong = np.flatnonzero(of_each[numbers] != codes)
        if wrong.size:
            raise StatisticsError(
                f"{what} {names[numbers[wrong[0]]]!s} is in more than one block of {block!r}; in a split-plot design"
                " readers and cases belong to one block each."
            )
        found[what] = of_each
    return np.unique(found["Reader"], return_inverse=True)[1].astype(np.int64)


def _design(
    read: npt.NDArray[np.bool_],
    blocks: Integers,
    names: tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]],
    *,
    analyse: bool,
) -> str:
    if read.all():
        return FACTORIAL
    # Nested in readers: one reader per case, with all tests. Nested in tests: one test per case, by all readers.
    for design, axis in ((NESTED_IN_READERS, 0), (NESTED_IN_TESTS, 1)):
        whole = read.all(axis=axis)
        if np.array_equal(whole, read.any(axis=axis)) and (whole.sum(axis=0) == 1).all():
            return design
    if blocks.max() > 0 and all(_crossed(read[:, blocks == code]) for code in range(int(blocks.max()) + 1)):
        return SPLIT_PLOT
    tests, readers, cases = names
    if len(tests) > 1 and (read.any(axis=2).sum(axis=0) == 1).all() and (analyse or _alike(read)):
        return READERS_IN_TESTS
    if analyse:
        empty = np.argwhere(~read.any(axis=2))
        if empty.size:
            t, r = empty[0]
            raise StatisticsError(
                f"Reader {readers[r]!s} has no reading with test {tests[t]!s}; leave this reader out, or this test."
            )
        return UNBALANCED
    t, r, c = np.argwhere(~read)[0]
    raise StatisticsError(
        f"{_reading(readers[r], cases[c], tests[t])} is missing ({int((~read).sum())} of {read.size} are); complete"
        " them, analyse the readings there are with missing='analyse' (--missing analyse on the command line), or leave"
        " such cases out with missing='drop-case' (--missing drop-case)."
    )


def _alike(read: npt.NDArray[np.bool_]) -> bool:
    """Whether all readers who used a test read the same cases."""
    own = [part[part.any(axis=1)] for part in read]
    return all(np.array_equal(part.any(axis=0), part.all(axis=0)) for part in own)


def _crossed(read: npt.NDArray[np.bool_]) -> bool:
    """Whether every case that one of these readers read was read by all of them, with every test."""
    return np.array_equal(read.any(axis=(0, 1)), read.all(axis=(0, 1)))


def _reading(reader: Any, case: Any, test: Any) -> str:
    # Where all readings are of one test, it has no name but 0.
    named = f" with test {test!s}" if isinstance(test, str) or test != 0 else ""
    return f"The reading of case {case!s} by reader {reader!s}{named}"
