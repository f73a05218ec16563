"""Workbooks of Excel 97 to 2003."""

from pathlib import Path
from typing import Any

import xlrd

from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets.sheet import Merged, RowsOfSheet, Sheet, Workbook, cell_name, is_rounded, text_of


def read_xls(path: Path) -> Workbook:
    """Read an old workbook.

    Raises:
        SpreadsheetError: a damaged or password-protected file.
    """
    try:
        with (
            path.open("rb") as log_nowhere,
            xlrd.open_workbook(file_contents=log_nowhere.read(), formatting_info=True, logfile=_Silent()) as book,
        ):
            return Workbook("Excel 97-2003 workbook", tuple(_sheet(sheet, book) for sheet in book.sheets()))
    except SpreadsheetError as problem:
        raise SpreadsheetError(f"{path}: {problem}") from problem
    except Exception as problem:  # on damaged files xlrd raises errors without a common base
        if "encrypted" in str(problem).lower():
            raise SpreadsheetError(password_sentence(path)) from problem
        raise SpreadsheetError(
            f"{path} is damaged or no workbook ({str(problem)[:120]}); open it in a spreadsheet and save it as .xlsx."
        ) from problem


def password_sentence(path: Path) -> str:
    """Advice on a protected file."""
    return f"{path} is protected by a password; open it, save a copy without the password, and name the copy."


class _Silent:
    """Takes what xlrd says of odd but readable files."""

    def write(self, text: str) -> int:
        """Take text."""
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def _sheet(sheet: Any, book: Any) -> Sheet:
    rows = RowsOfSheet(sheet.name)
    rounded = []
    for row in range(sheet.nrows):
        texts = []
        for column, cell in enumerate(sheet.row(row)):
            texts.append(_text(cell, book))
            if cell.ctype == xlrd.XL_CELL_NUMBER and is_rounded(cell.value):
                rounded.append(cell_name(row + 1, column))
        rows.add(row + 1, texts)
    return Sheet(
        name=sheet.name,
        rows=tuple(rows.rows),
        hidden=sheet.visibility != 0,
        hidden_rows=frozenset(row + 1 for row, made in sheet.rowinfo_map.items() if made.hidden),
        hidden_columns=frozenset(column for column, made in sheet.colinfo_map.items() if made.hidden),
        merged=tuple(Merged(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells),
        rounded=tuple(rounded),
    )


def _text(cell: Any, book: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return text_of(xlrd.xldate_as_datetime(cell.value, book.datemode))
        except (ValueError, OverflowError):
            return text_of(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_NUMBER and cell.xf_index is not None:
        style = book.format_map.get(book.xf_list[cell.xf_index].format_key)
        return text_of(cell.value, style.format_str if style else "")
    return text_of(cell.value)
