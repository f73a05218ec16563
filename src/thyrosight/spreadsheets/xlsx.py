"""Workbooks of Excel 2007 and later, and those that LibreOffice writes as such."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, coordinate_to_tuple, get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets.sheet import Merged, RowsOfSheet, Sheet, Workbook, is_rounded, text_of

_TEXT: Final = f"{{{SHEET_MAIN_NS}}}t"
MOST_BYTES: Final = 600_000_000
_PART: Final = 20_000_000
_DENSEST: Final = 150
_WIDEST: Final = 16_384


class _Parser(WorkSheetParser):
    """The parser that openpyxl reads sheets with; it also says which formulas have no stored result.

    The public reader that needs little memory says nothing of hidden rows and joined cells, and the one that does needs
    fifty times the size of the file.
    """

    def __init__(self, source: Any, sheet: Any) -> None:
        book = sheet.parent
        super().__init__(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self.uncalculated: list[str] = []

    def parse_cell(self, element: Any) -> Any:
        if element.get("t") == "inlineStr" and (place := element.get("r")):
            row, column = coordinate_to_tuple(place)
            text = "".join(part.text or "" for part in element.iter(_TEXT))
            return {"row": row, "column": column, "value": text or None, "data_type": "s", "style_id": 0}
        cell = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None and element.get("t") != "str":
            self.uncalculated.append(f"{get_column_letter(cell['column'])}{cell['row']}")
        return cell


def read_xlsx(path: Path) -> Workbook:
    """Read a workbook; results of formulas are those that were stored with them.

    Raises:
        SpreadsheetError: a damaged file, or one that unpacks to more than a table of patients can hold.
    """
    _require_bounded(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles, extensions and printing, which are not read
        try:
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = tuple(_sheet(sheet) for sheet in book.worksheets)
            finally:
                book.close()
        except SpreadsheetError as problem:
            raise SpreadsheetError(f"{path}: {problem}") from problem
        except Exception as problem:  # on damaged files openpyxl raises errors without a common base
            raise SpreadsheetError(
                f"{path} is damaged or no workbook ({type(problem).__name__}: {str(problem)[:120]}); open it"
                " in a spreadsheet and save it again as .xlsx."
            ) from problem
    return Workbook("Excel workbook", sheets)


def _sheet(sheet: Any) -> Sheet:
    rows = RowsOfSheet(sheet.title)
    formats = _formats(sheet.parent)
    rounded: list[str] = []
    with sheet._get_source() as source:
        parser = _Parser(source, sheet)
        for number, cells in parser.parse():
            rows.add(number, _texts(cells, formats, rounded))
        return Sheet(
            name=sheet.title,
            rows=tuple(rows.rows),
            hidden=sheet.sheet_state != "visible",
            hidden_rows=frozenset(
                int(row) for row, made in parser.row_dimensions.items() if _is_on(made.get("hidden"))
            ),
            hidden_columns=frozenset(_hidden_columns(parser.column_dimensions)),
            merged=tuple(
                Merged(one.min_row, one.min_col - 1, one.max_row, one.max_col - 1)
                for one in (parser.merged_cells.mergeCell if parser.merged_cells else ())
            ),
            uncalculated=tuple(parser.uncalculated),
            rounded=tuple(rounded),
        )


def _texts(cells: list[Any], formats: dict[int, str], rounded: list[str]) -> list[str]:
    texts: list[str] = []
    for cell in cells:
        value, column = cell["value"], cell["column"]
        if value is None or column > _WIDEST:
            continue
        texts += [""] * (column - len(texts) - 1)
        if column <= len(texts):
            continue  # a damaged row names one column twice; the first counts
        if is_rounded(value):
            rounded.append(f"{get_column_letter(column)}{cell['row']}")
        texts.append(text_of(value, formats.get(cell["style_id"], "")))
    return texts


def _formats(book: Any) -> dict[int, str]:
    """Number formats of styles, where they are of the workbook's own."""
    own = book._number_formats
    return {
        place: own[style.numFmtId - 164]
        for place, style in enumerate(book._cell_styles)
        if 0 <= style.numFmtId - 164 < len(own)
    }


def _hidden_columns(dimensions: dict[str, Any]) -> Iterator[int]:
    for letter, made in dimensions.items():
        if _is_on(made.get("hidden")):
            first = column_index_from_string(letter)
            yield from range(first - 1, min(int(made.get("max", first)), first + _WIDEST))


def _is_on(value: str | None) -> bool:
    return value in ("1", "true")


def _require_bounded(path: Path) -> None:
    """Refuse archives that unpack to far more than they weigh, and XML that declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            dense = any(p.file_size > _PART and p.file_size > _DENSEST * max(p.compress_size, 1) for p in parts)
            if total > MOST_BYTES or dense:
                packed = sum(part.compress_size for part in parts)
                raise SpreadsheetError(
                    f"{path} unpacks from {packed / 1e6:.1f} to {total / 1e6:.0f} MB, as a harmful file does; delete"
                    " empty rows below the table and save it again, or export it as CSV."
                )
            for part in (part for part in parts if part.filename.endswith(".xml")):
                with archive.open(part) as stream:
                    if re.search(rb"<!(DOCTYPE|ENTITY)", stream.read(4096)):
                        raise SpreadsheetError(
                            f"{path} declares entities in {part.filename}, as no spreadsheet does; save it again."
                        )
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as problem:
        raise SpreadsheetError(f"{path} is a damaged workbook ({problem}); open it and save it again.") from problem
