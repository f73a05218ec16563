"""A workbook as text: sheets, rows with their numbers, and what a spreadsheet hides."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from thyrosight.errors import SpreadsheetError

MOST_CELLS: Final = 20_000_000
"""Cells of a sheet, empty ones between others too, beyond which no table of patients goes."""

_LONGEST_EXACT: Final = 10**15
_ZEROS: Final = re.compile(r"0{2,}")


@dataclass(frozen=True)
class Merged:
    """Cells joined to one: rows as numbered in the spreadsheet, columns from 0; the last ones belong to it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: as on its tab.
        rows: of each row with content its number, as a spreadsheet shows it, and its cells up to the last one filled.
        hidden: whether the sheet itself is hidden.
        hidden_rows: numbers of hidden or filtered rows.
        hidden_columns: hidden columns, from 0.
        merged: joined cells.
        uncalculated: cells with a formula whose result is not stored, such as `B7`.
        rounded: cells with whole numbers of more than 15 digits, which spreadsheets round.
    """

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Merged, ...] = ()
    uncalculated: tuple[str, ...] = ()
    rounded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file, what kind of file it is in words, whether a comma may part cells, and notes on reading."""

    kind: str
    sheets: tuple[Sheet, ...]
    decimal_comma: bool = True
    notes: tuple[str, ...] = ()


class RowsOfSheet:
    """Collects the rows of a sheet, and refuses one without end.

    >>> rows = RowsOfSheet("Tabelle1")
    >>> rows.add(3, ["7", "", ""])
    >>> rows.rows
    [(3, ('7',))]
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[tuple[int, tuple[str, ...]]] = []
        self._cells = 0

    def add(self, number: int, cells: list[str]) -> None:
        """Add a row without the empty cells at its end; an empty row is left out.

        Raises:
            SpreadsheetError: the sheet holds more cells than a table of patients can.
        """
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        self._cells += len(cells)
        if self._cells > MOST_CELLS:
            raise SpreadsheetError(
                f"Sheet {self.name!r} holds more than {MOST_CELLS:,} cells, as no table of patients does; delete what"
                " stands far below or beside the table and save it again."
            )
        self.rows.append((number, tuple(cells)))


def text_of(value: Any, number_format: str = "") -> str:
    """A cell's value as text: whole numbers without a point, dates as ISO, numbers shown with leading zeros with them.

    >>> text_of(12.0), text_of(0.1 + 0.2), text_of(12, "00000"), text_of(datetime(2021, 3, 4)), text_of(True)
    ('12', '0.3', '00012', '2021-03-04', '1')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\xa0", " ").strip()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | int):
        return _number(value, number_format)
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def _number(value: float, number_format: str) -> str:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return ""
    if float(value).is_integer() and abs(value) < 10**18:
        whole = str(int(value))
        return whole.zfill(len(number_format)) if _ZEROS.fullmatch(number_format) else whole
    return f"{value:.15g}"


def is_rounded(value: Any) -> bool:
    """Whether a number has more digits than a spreadsheet keeps."""
    return isinstance(value, float | int) and not isinstance(value, bool) and abs(value) >= _LONGEST_EXACT


def cell_name(row: int, column: int) -> str:
    """The name of a cell as a spreadsheet writes it; columns from 0.

    >>> cell_name(7, 0), cell_name(2, 27)
    ('A7', 'AB2')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
