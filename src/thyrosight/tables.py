"""Tables as spreadsheets and statistics programs write them: encodings, separators, missing cells and numbers.

Every table that a user names is read here, so that all commands understand the same files. Cells stay text: names such
as 1.1 and 1.10 are two names.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.encodings import encoding_of
from thyrosight.errors import SpreadsheetError, ThyroSightError
from thyrosight.spreadsheets import is_workbook, read_workbook, table_of

_SEPARATORS: Final = ",;\t"
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_POINT: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_COMMA: Final = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})|0,\d+)")
_QUOTED: Final = re.compile(r'"[^"]*"')
_MISSING: Final = """
. na n/a n.a. nan <na> nat null (null) #n/a #na #nv #null! #div/0! #value! #wert! #ref! #name? #num! #spill! #calc!
"""
MISSING_WORDS: Final = frozenset(["", *_MISSING.split()])
"""Cells, in lower case, that hold nothing: as spreadsheets, R, Stata, pandas and databases write what is missing."""


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Attributes:
        header: the names of the columns; empty ones are called `column 3`.
        rows: for each row its number, as a spreadsheet shows it, and its cells.
        separator: between cells.
        notes: sentences on its reading that must go with every result.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str
    notes: tuple[str, ...] = ()


def read_table(
    path: Path,
    *,
    error: type[ThyroSightError],
    encoding: str | None = None,
    header: bool = True,
    short_rows: bool = False,
) -> TextTable:
    """Read a table with comma, semicolon or tab between cells; empty rows are left out, cells are stripped.

    Args:
        path: the file. A first line `sep=;`, as spreadsheets understand it, names the separator. Of a workbook (.xlsx,
            .xls, .ods) the first sheet with a table is read, and said where there are more.
        error: the kind of error to raise.
        encoding: the encoding as Python names it; None finds it (see `encoding_of`).
        header: whether the first row names the columns; else they are called 0, 1, 2.
        short_rows: whether rows may end early, as where the last cells of a hand-written list are empty.

    Raises:
        error: no such file, no text, no row, a name that stands twice, or rows of unequal length.
    """
    if header and is_workbook(path):
        return _of_workbook(path, error)
    with open_rows(path, error=error, encoding=encoding) as (separator, notes, rows):
        numbered = list(rows)
    if not numbered:
        raise error(f"{path} is empty; it needs a header and a row for each case.")
    first = numbered[0][1]
    names = [name or f"column {place}" for place, name in enumerate(first, start=1)]
    if not header:
        names = [str(place) for place in range(len(first))]
    require_different(names, path, error)
    body = numbered[1:] if header else numbered
    whole = [
        (number, of_length(row, names, where=f"{path}, row {number}", error=error, short=short_rows))
        for number, row in body
    ]
    return TextTable(tuple(names), tuple(whole), separator, notes)


def _of_workbook(path: Path, error: type[ThyroSightError]) -> TextTable:
    """The first table of a workbook; cells of it may have decimal commas, as text after a semicolon has."""
    try:
        book = read_workbook(path)
        sheets = [sheet for sheet in book.sheets if sheet.rows and not sheet.hidden]
        found = next((table for sheet in sheets if (table := table_of(sheet)) is not None), None)
    except SpreadsheetError as problem:
        raise error(str(problem)) from problem
    if found is None:
        raise error(f"{path} holds no sheet with a header and a row for each case.")
    others = [sheet.name for sheet in sheets if sheet.name != found.name]
    notes = [*book.notes, *(f"{path.name}: {note}." for note in found.notes)]
    notes += [f"{path.name}: row {number} was left out ({reason})." for number, reason in found.left_out]
    if others:
        notes.append(f"{path.name}: the sheet {found.name!r} was read, not {', '.join(map(repr, others))}.")
    rows, said = _with_points(found.header, found.rows)
    return TextTable(found.header, rows, "\t", (*notes, *(f"{path.name}: {note}" for note in said)))


def _with_points(
    header: Sequence[str], rows: Sequence[tuple[int, tuple[str, ...]]]
) -> tuple[tuple[tuple[int, tuple[str, ...]], ...], list[str]]:
    """Rows in which numbers that a workbook stores as text with a decimal comma are written like the others."""
    columns = [list(column) for column in zip(*(cells for _, cells in rows), strict=True)]
    notes = []
    for name, column in zip(header, columns, strict=True):
        commas = [place for place, cell in enumerate(column) if _COMMA.fullmatch(cell)]
        numbers = sum(bool(_POINT.fullmatch(cell)) or is_missing(cell) for cell in column)
        if commas and numbers and len(commas) + numbers == len(column):
            for place in commas:
                column[place] = column[place].replace(",", ".")
            notes.append(f"{name}: numbers stored as text with a decimal comma were read as numbers ({len(commas)}).")
    whole = zip(*columns, strict=True)
    return tuple((number, cells) for (number, _), cells in zip(rows, whole, strict=True)), notes


@contextmanager
def open_rows(
    path: Path, *, error: type[ThyroSightError], encoding: str | None = None
) -> Iterator[tuple[str, tuple[str, ...], Iterator[tuple[int, tuple[str, ...]]]]]:
    """Open a table of any size: its separator, notes on its reading, and its rows, one after the other, as read.

    Arguments and errors are those of `read_table`; names and lengths of rows are not checked.
    """
    found = encoding_of(path, error=error, encoding=encoding)
    try:
        with path.open(encoding=found.name, newline="") as stream:
            separator, start = _layout(stream.readlines(65_536))
            stream.seek(0)
            yield separator, found.notes, _rows(_after(stream, start), separator)
    except csv.Error as problem:
        raise error(f"{path} cannot be read as a table: {problem}; save it again as CSV.") from problem
    except UnicodeError as problem:
        raise error(f"{path} is not text in {found.name}; name its encoding or save it as 'CSV UTF-8'.") from problem
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}.") from problem


def require_different(names: Sequence[str], path: Path, error: type[ThyroSightError]) -> None:
    """Refuse a header with one name twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise error(f"{path} has two columns named {twice!r}; rename one.")


def of_length(
    row: tuple[str, ...], header: Sequence[str], *, where: str, error: type[ThyroSightError], short: bool
) -> tuple[str, ...]:
    """A row with as many cells as the header; one with fewer is filled up where `short` says so, or refused."""
    if len(row) > len(header) or (len(row) < len(header) and not short):
        raise error(
            f"{where} has {len(row)} cells, but the header has {len(header)}; put quotes around a cell that holds the"
            " separator."
        )
    return (*row, *[""] * (len(header) - len(row)))


def is_missing(cell: str) -> bool:
    """Whether a cell holds nothing, or a word for that.

    >>> is_missing("#N/A"), is_missing(" null "), is_missing("-"), is_missing("none")
    (True, True, False, False)
    """
    return cell.strip().lower() in MISSING_WORDS


def _layout(lines: Sequence[str]) -> tuple[str, int]:
    """The separator, and how many lines come before the header."""
    named = _SEPARATOR_LINE.fullmatch(lines[0].removeprefix("\ufeff")) if lines else None
    if named is not None:
        return named[1], 1
    header = next((line for line in lines if line.strip()), "")
    return max(_SEPARATORS, key=_QUOTED.sub("", header).count), 0


def _after(lines: Iterator[str], start: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= start:
            yield line.removeprefix("\ufeff") if number == 0 else line


def _rows(lines: Iterator[str], separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    for number, cells in enumerate(reader, start=1):
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            yield number, stripped
