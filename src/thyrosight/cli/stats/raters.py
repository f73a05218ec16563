"""Tables of raters who judged or measured the same cases: a column for each rater, or a row for each reading."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats.question import Question

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", metavar="COLUMN", help="Column of one rater or measurement; repeat for each (a row per case)."
    ),
]
LongReader = Annotated[
    str | None,
    typer.Option("--reader", metavar="COLUMN", help="Column that names the rater, where a row is one reading."),
]
LongCase = Annotated[
    str | None,
    typer.Option("--case", metavar="COLUMN", help="With --reader: case (default: case, nodule_id)."),
]
_CASES = ("case", "nodule_id", "case_id", "image", "key")


@dataclass(frozen=True)
class Raters:
    """Readings of every case by every rater.

    Attributes:
        names: of the raters.
        readings: lists by case and rater: numbers, or categories as written; empty where the rater gave none.
        patients: of the cases; None where they are independent.
    """

    names: list[str]
    readings: list[list[list[Any]]]
    patients: list[Any] | None

    @property
    def repeated(self) -> bool:
        """Whether a rater gave a case more than one reading."""
        return any(len(cell) > 1 for row in self.readings for cell in row)

    @property
    def groups(self) -> int:
        """Number of independent units with any reading: patients, or cases where these are independent."""
        read = [place for place, row in enumerate(self.readings) if any(row)]
        return len(read if self.patients is None else {self.patients[place] for place in read})

    def table(self) -> list[list[Any]]:
        """Return the first reading of each case (rows) by each rater (columns), or None."""
        return [[cell[0] if cell else None for cell in row] for row in self.readings]


def read_raters(
    question: "Question", columns: list[str] | None, *, reader: str | None, case: str | None, value: str, numbers: bool
) -> Raters:
    """Return the readings of a table, wide or long.

    Args:
        question: the table.
        columns: of the raters, where a row is a case.
        reader: column that names the rater, where a row is a reading.
        case: column that names the case there.
        value: column of the reading there; empty if there is none.
        numbers: whether readings are measurements, not categories.

    Raises:
        StatisticsError: neither or both forms, fewer than two raters, or a case of two patients.
    """
    if bool(columns) == bool(reader):
        raise StatisticsError(
            "Name the raters: --column for each where a row is a case, or --reader where a row is a reading."
        )
    if columns:
        found = _wide(question, columns, numbers=numbers)
    else:
        found = _long(question, str(reader), case=case, value=value, numbers=numbers)
    if len(found.names) < 2:
        raise StatisticsError(f"Agreement needs two raters or measurements, and there is only {found.names[0]!r}.")
    return found


def _wide(question: "Question", columns: list[str], *, numbers: bool) -> Raters:
    names = [question.table.column(name, option="--column") for name in dict.fromkeys(columns)]
    patients = question.patients(*(names if question.drop_missing else ()))
    cells = [_given(question, name, numbers=numbers) for name in names]
    rows = [[[] if cell is None else [cell] for cell in row] for row in zip(*cells, strict=True)]
    return Raters(names, rows, patients)


def _long(question: "Question", reader: str, *, case: str | None, value: str, numbers: bool) -> Raters:
    table = question.table
    by = table.column(reader, option="--reader")
    of = table.column(case, option="--case", candidates=_CASES)
    table.note_alike(of)
    cluster = table.cluster_column(question.cluster, case=of)
    needed = [by, of, *([cluster] if cluster else []), *([value] if question.drop_missing else [])]
    table.keep_complete(needed, drop=question.drop_missing)
    raters, cases = table.names(by), table.names(of)
    names, order = sorted(set(raters)), sorted(set(cases))
    place, row = {name: i for i, name in enumerate(names)}, {name: i for i, name in enumerate(order)}
    readings: list[list[list[Any]]] = [[[] for _ in names] for _ in order]
    for rater, one, cell in zip(raters, cases, _given(question, value, numbers=numbers), strict=True):
        if cell is not None:
            readings[row[one]][place[rater]].append(cell)
    patients = _of_cases(table.names(cluster), cases, order, cluster) if cluster else None
    return Raters([f"{by} {name}" if isinstance(name, int) else str(name) for name in names], readings, patients)


def _of_cases(patients: list[Any], cases: list[Any], order: list[Any], cluster: str) -> list[Any]:
    of_case: dict[Any, Any] = {}
    for patient, case in zip(patients, cases, strict=True):
        if of_case.setdefault(case, patient) != patient:
            raise StatisticsError(f"Case {case} has more than one {cluster}; name cases of different patients apart.")
    return [of_case[case] for case in order]


def _given(question: "Question", name: str, *, numbers: bool) -> list[Any]:
    """Cells of a column; None where one is empty."""
    if numbers:
        return [None if value != value else value for value in question.table.numbers(name, missing=True)]  # noqa: PLR0124 - NaN
    empty = question.table.missing(name)
    return [None if gap else cell for cell, gap in zip(question.table.words(name), empty, strict=True)]


def as_categories(cells: list[list[Any]], *, decimal_comma: bool) -> list[list[Any]]:
    """Return categories as numbers if every one of them is a number, so that 2 sorts before 10; else as written.

    >>> as_categories([["2", "10"], [None, "2.0"]], decimal_comma=False)
    [[2, 10], [None, 2]]
    """
    from thyrosight.cells import number_of

    given = {cell for row in cells for cell in row if cell is not None}
    numbers = {cell: number_of(cell, decimal_comma=decimal_comma) for cell in given}
    if any(number is None for number in numbers.values()):
        return [list(row) for row in cells]
    plain = {
        cell: int(number) if number.is_integer() else number for cell, number in numbers.items() if number is not None
    }
    return [[None if cell is None else plain[cell] for cell in row] for row in cells]
