"""Figures of merit and their covariance where each reader, with each test, has searched cases of their own.

Every unit (a reader with a test) has its value on the cases that it searched, and its jackknife leaves out the patients
of these. A patient enters the covariance of two units by the product of the deviations of both, and by nothing if one
of them searched none of the patient's cases: the jackknife of Efron & Stein (Ann Stat 1981) in the place of the
structural components that `thyrosight.statistics.readers.partial` takes for ratings, with 0 for cases not read. The
matrix has no negative eigenvalue, and where everyone searched everything it is the jackknife's own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.localisation.estimates import left_out_values
from thyrosight.statistics.localisation.figures_of_merit import measure
from thyrosight.statistics.localisation.marked import MarkedCases, marked_cases
from thyrosight.statistics.readers.design import FACTORIAL, READERS_IN_TESTS, UNBALANCED
from thyrosight.statistics.validation import Floats, as_labels, require_same_length

Columns = Mapping[str, npt.ArrayLike]


@dataclass(frozen=True, eq=False, slots=True)
class Searches:
    """Cases that each reader searched with each test, and the marks there.

    Attributes:
        units: by test and then reader; None where a reader did not use a test.
        tests, readers: names.
        all_cases: everything that anyone searched, without marks.
        design: as of `thyrosight.statistics.readers.design`.
        by_nobody: how many cases of the table of lesions nobody searched; they are left out.
    """

    units: tuple[MarkedCases | None, ...]
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    all_cases: MarkedCases
    design: str
    by_nobody: int = 0

    @property
    def read(self) -> npt.NDArray[np.int64]:
        """How many cases each reader searched, shape (tests, readers)."""
        counts = [0 if unit is None else len(unit.cases) for unit in self.units]
        return np.array(counts).reshape(len(self.tests), len(self.readers))

    @property
    def read_clusters(self) -> npt.NDArray[np.int64]:
        """How many patients these cases belong to, shape (tests, readers)."""
        counts = [0 if unit is None else unit.clusters for unit in self.units]
        return np.array(counts).reshape(len(self.tests), len(self.readers))


def searches(
    marks: Columns, lesions: Columns, searched: Columns | None, *, test: str, reader: str, **columns: Any
) -> Searches:
    """Arrange the marks of each reader with each test on the cases that were searched.

    Args:
        searched: one row per search with the columns of `test`, `reader` and the case; None where every reader searched
            every case with every test.
        columns: of `marked_cases`.

    Raises:
        StatisticsError: a mark where nothing was searched, a search of a case that the table of lesions does not hold,
            a reader who used some tests but not all, or, without `searched`, a reader without any mark with a test.
    """
    known = marks if searched is None else searched
    for name in (test, reader):
        for table, what in ((marks, "marks"), (known, "searches")):
            if name not in table:
                raise StatisticsError(f"No column {name!r} among {', '.join(map(repr, table))} of the {what}.")
    of_test, tests = as_labels(known[test], name=test)
    of_reader, readers = as_labels(known[reader], name=reader)
    require_same_length(**{test: of_test, reader: of_reader})
    case = columns["case"]
    wanted = [columns[name] for name in ("case", "lesion", "confidence") if columns[name] in marks]
    table = _objects({name: marks[name] for name in (*wanted, test, reader)})
    whole = _objects(lesions)
    places = None if searched is None else np.array([str(one) for one in np.asarray(searched[case], dtype=object)])
    by_nobody = 0
    if places is not None:
        whole, by_nobody = _searched_by_someone(whole, case, places)
    everything = marked_cases({name: column[:0] for name, column in table.items()}, whole, **columns)
    units = []
    for t, r in np.ndindex(tests.size, readers.size):
        chosen = (table[test] == tests[t]) & (table[reader] == readers[r])
        own = {name: column[chosen] for name, column in table.items()}
        there = whole
        if places is None:
            _require_marks(own[test], readers[r], test, tests[t])
        else:
            names = set(places[(of_test == t) & (of_reader == r)].tolist())
            _require_searched(own[case], names, f"reader {readers[r]!s} with {test} {tests[t]!s}")
            kept = np.array([str(one) in names for one in whole[case]], dtype=bool)
            there = {name: column[kept] for name, column in whole.items()}
        units.append(marked_cases(own, there, **columns) if there[case].size else None)
    _require_known(table[test], tests, test)
    _require_known(table[reader], readers, reader)
    design = _design(units, tests.size, len(everything.cases))
    if design is None:
        raise StatisticsError("Expected every reader to search with every test, or each with one test alone.")
    return Searches(tuple(units), tuple(tests.tolist()), tuple(readers.tolist()), everything, design, by_nobody)


def searched_merits(found: Searches, metric: str) -> tuple[Floats, Floats]:
    """Return the metric, shape (tests, readers), and its covariance, shape (tests * readers, tests * readers).

    Raises:
        StatisticsError: cases that do not define the metric for some reader, or not without one of the patients.
    """
    place = dict(zip(found.all_cases.cases, found.all_cases.cluster_of_case.tolist(), strict=True))
    values = np.full(len(found.units), math.nan)
    parts = np.zeros((len(found.units), found.all_cases.clusters))
    for number, unit in enumerate(found.units):
        if unit is None:
            continue
        own = measure(unit, metric)
        values[number] = own(np.ones((1, len(unit.cases))))[0]
        left_out = left_out_values([own], unit)[0]
        patients = np.zeros(unit.clusters, dtype=np.int64)
        patients[unit.cluster_of_case] = [place[name] for name in unit.cases]
        n = unit.clusters
        parts[number, patients] = math.sqrt((n - 1) / n) * (left_out - left_out.mean())
    if np.isnan(parts).any():
        raise StatisticsError(f"Expected {metric!r} to be defined without any one patient; there are too few.")
    return values.reshape(len(found.tests), len(found.readers)), parts @ parts.T


def notes_on_searches(found: Searches) -> tuple[str, ...]:
    """Return sentences on searches that are missing."""
    read, cases = found.read[found.read > 0], len(found.all_cases.cases)
    notes = (f"{found.by_nobody} cases that nobody searched were left out.",) if found.by_nobody else ()
    missing = read.size * cases - int(read.sum())
    if not missing:
        return notes
    few, many = int(read.min()), int(read.max())
    return (
        *notes,
        f"{missing} of {read.size * cases} searches are missing: a reader has searched"
        f" {few if few == many else f'{few} to {many}'} of {cases} cases with a test. Each value is that of the"
        " reader's own cases, and every reader counts alike; searches must be missing by design or by chance, not for"
        " what they would have shown.",
    )


def _objects(table: Columns) -> dict[str, npt.NDArray[Any]]:
    return {name: np.asarray(column, dtype=object) for name, column in table.items()}


def _searched_by_someone(
    lesions: dict[str, npt.NDArray[Any]], case: str, places: npt.NDArray[Any]
) -> tuple[dict[str, npt.NDArray[Any]], int]:
    """The rows of lesions of cases that anyone searched, and how many cases nobody did."""
    known, there = {str(one) for one in lesions[case]}, set(places.tolist())
    if there - known:
        raise StatisticsError(
            f"Case {min(there - known)} was searched but has no row in the table of lesions; a case without a lesion"
            " has one row whose lesion is empty."
        )
    kept = np.array([str(one) in there for one in lesions[case]], dtype=bool)
    return {name: column[kept] for name, column in lesions.items()}, len(known - there)


def _require_known(marked: npt.NDArray[Any], names: npt.NDArray[Any], what: str) -> None:
    strange = [one for one in marked if one not in set(names.tolist())]
    if strange:
        raise StatisticsError(f"A mark has the {what} {strange[0]!s}, who searched nothing.")


def _design(units: Sequence[MarkedCases | None], tests: int, cases: int) -> str | None:
    """The design, None for one that cannot be analysed."""
    used = np.array([unit is not None for unit in units]).reshape(tests, -1)
    if used.all():
        return FACTORIAL if all(unit is not None and len(unit.cases) == cases for unit in units) else UNBALANCED
    return READERS_IN_TESTS if (used.sum(axis=0) == 1).all() else None


def _require_marks(own: npt.NDArray[Any], reader: Any, test: str, name: Any) -> None:
    if not own.size:
        raise StatisticsError(
            f"Reader {reader!s} has no mark with {test} {name!s}: every reader must search with every test, and one who"
            " marks nothing anywhere cannot be told from one who did not search; say with `searched` who searched what"
            " (--searched on the command line)."
        )


def _require_searched(marked: npt.NDArray[Any], names: set[str], who: str) -> None:
    strange = [one for one in marked if str(one) not in names]
    if strange:
        raise StatisticsError(f"A mark of {who} lies in case {strange[0]!s}, which was not searched.")
