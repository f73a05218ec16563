"""Tables that systems export under a spreadsheet's name but write as HTML or as XML of Excel 2003, and OpenDocument."""

import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from thyrosight.encodings import encoding_of
from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets.sheet import MOST_CELLS, Merged, RowsOfSheet, Sheet, Workbook, text_of

_SS: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_ODS: Final = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE, _TEXT = (_ODS % name for name in ("table", "office", "text"))
_WIDEST: Final = 1_024
_MOST_BYTES: Final = 400_000_000


def read_html(path: Path) -> Workbook:
    """Read the tables of an HTML page; each is a sheet.

    Raises:
        SpreadsheetError: no table is in it.
    """
    encoding = encoding_of(path, error=SpreadsheetError)
    parser = _Tables()
    parser.feed(path.read_text(encoding=encoding.name, errors="replace"))
    parser.close()
    sheets = tuple(parser.sheet(place) for place in range(len(parser.tables)))
    if not any(sheet.rows for sheet in sheets):
        raise SpreadsheetError(f"{path} is a web page without a table; export the table as .xlsx or CSV.")
    return Workbook("web page under a spreadsheet's name", sheets, notes=encoding.notes)


class _Tables(HTMLParser):
    """Rows of all tables of a page; a table inside a cell counts as text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.merged: list[list[Merged]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._down: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self.merged.append([])
                self._down = {}
        elif self._depth != 1:
            return
        elif tag == "tr":
            self._end_cell()
            self.tables[-1].append([])
            self._fill_down()
        elif tag in ("td", "th"):
            self._end_cell()
            if not self.tables[-1]:
                self.tables[-1].append([])
            given = dict(attrs)
            self._spans = (_whole(given.get("rowspan")), _whole(given.get("colspan")))
            self._cell = []
        elif tag in ("br", "p", "div") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a cell, a row or a table."""
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
        row, (down, right) = self.tables[-1][-1], self._spans
        left, number = len(row), len(self.tables[-1])
        row.append("\n".join(line for line in lines if line))
        row += [""] * (right - 1)
        if down > 1:
            self._down |= dict.fromkeys(range(left, left + right), down - 1)
        if down > 1 or right > 1:
            self.merged[-1].append(Merged(number, left, number + down - 1, left + right - 1))
        self._cell = None
        self._fill_down()

    def _fill_down(self) -> None:
        """Pass over the cells that one above reaches down to."""
        row = self.tables[-1][-1]
        while self._down.get(len(row), 0) > 0 and len(row) < _WIDEST:
            self._down[len(row)] -= 1
            row.append("")

    def sheet(self, place: int) -> Sheet:
        """One table as a sheet."""
        rows = RowsOfSheet(f"table {place + 1}")
        for number, cells in enumerate(self.tables[place], start=1):
            rows.add(number, list(cells))
        return Sheet(rows.name, tuple(rows.rows), merged=tuple(self.merged[place]))


def _whole(text: str | None) -> int:
    return min(max(int(text), 1), _WIDEST) if text and text.strip().isdecimal() else 1


def read_xml_2003(path: Path) -> Workbook:
    """Read a workbook that is one XML file, as Excel 2003 and several hospital systems write it.

    Raises:
        SpreadsheetError: it is damaged.
    """
    data = path.read_bytes()
    if b"<!ENTITY" in data[:4096] or b"<!DOCTYPE" in data[:4096]:
        raise SpreadsheetError(f"{path} declares entities, as no spreadsheet does; save it again as .xlsx.")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as problem:
        raise SpreadsheetError(f"{path} is damaged ({problem}); open it and save it again as .xlsx.") from problem
    sheets = tuple(_xml_sheet(one) for one in root.iter(f"{_SS}Worksheet"))
    return Workbook("XML workbook of Excel 2003", sheets)


def _xml_sheet(element: ElementTree.Element) -> Sheet:
    rows = RowsOfSheet(element.get(f"{_SS}Name", "sheet"))
    merged, hidden = [], set()
    number = 0
    for row in element.iter(f"{_SS}Row"):
        number = int(row.get(f"{_SS}Index", number + 1))
        if row.get(f"{_SS}Hidden") == "1":
            hidden.add(number)
        cells: list[str] = []
        for cell in row.iter(f"{_SS}Cell"):
            place = min(int(cell.get(f"{_SS}Index", len(cells) + 1)), _WIDEST) - 1
            cells += [""] * (place - len(cells))
            right, down = (min(int(cell.get(f"{_SS}Merge{way}", 0)), _WIDEST) for way in ("Across", "Down"))
            if right or down:
                merged.append(Merged(number, place, number + down, place + right))
            data = cell.find(f"{_SS}Data")
            cells.append(_typed("" if data is None else "".join(data.itertext()), data))
            cells += [""] * right
        rows.add(number, cells)
    return Sheet(rows.name, tuple(rows.rows), hidden_rows=frozenset(hidden), merged=tuple(merged))


def _typed(text: str, data: ElementTree.Element | None) -> str:
    kind = "" if data is None else data.get(f"{_SS}Type", "")
    if kind == "DateTime":
        return text.removesuffix("T00:00:00.000").replace("T", " ")
    return text_of(float(text)) if kind == "Number" and text else text_of(text)


def read_ods(path: Path) -> Workbook:
    """Read an OpenDocument spreadsheet.

    Raises:
        SpreadsheetError: it is damaged, protected by a password, or unpacks without bounds.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if b"encryption-data" in archive.read("META-INF/manifest.xml")[:2_000_000]:
                raise SpreadsheetError(
                    f"{path} is protected by a password; open it, save a copy without the password, and name the copy."
                )
            part = archive.getinfo("content.xml")
            if part.file_size > _MOST_BYTES or part.file_size > max(150 * part.compress_size, 20_000_000):
                raise SpreadsheetError(f"{path} unpacks to {part.file_size / 1e6:.0f} MB, as a harmful file does.")
            root = ElementTree.fromstring(archive.read(part))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as problem:
        raise SpreadsheetError(f"{path} is damaged ({problem}); open it and save it again as .xlsx.") from problem
    return Workbook("OpenDocument spreadsheet", tuple(_ods_sheet(one) for one in root.iter(f"{_TABLE}table")))


def _ods_sheet(element: ElementTree.Element) -> Sheet:
    rows = RowsOfSheet(element.get(f"{_TABLE}name", "sheet"))
    merged: list[Merged] = []
    hidden: set[int] = set()
    number = 1
    for row in element.iter(f"{_TABLE}table-row"):
        times = int(row.get(f"{_TABLE}number-rows-repeated", 1))
        cells = _ods_cells(row, number, merged)
        if row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            hidden.add(number)
        if any(cells):
            if times * len(cells) > MOST_CELLS:
                raise SpreadsheetError(f"Sheet {rows.name!r} repeats a row {times} times; delete the copies.")
            for again in range(times):
                rows.add(number + again, list(cells))
        number += times
    return Sheet(rows.name, tuple(rows.rows), hidden_rows=frozenset(hidden), merged=tuple(merged))


def _ods_cells(row: ElementTree.Element, number: int, merged: list[Merged]) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        down, right = (int(cell.get(f"{_TABLE}number-{way}-spanned", 1)) for way in ("rows", "columns"))
        if down > 1 or right > 1:
            merged.append(Merged(number, len(cells), number + down - 1, len(cells) + right - 1))
        text = "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
        kind = cell.get(f"{_OFFICE}value-type")
        if kind == "date":
            text = cell.get(f"{_OFFICE}date-value", text).removesuffix("T00:00:00").replace("T", " ")
        elif kind in ("float", "percentage", "currency"):
            shown = text.strip()
            value = text_of(float(cell.get(f"{_OFFICE}value", "nan")))
            text = shown if shown.isdecimal() and shown.lstrip("0") == value else value
        times = min(int(cell.get(f"{_TABLE}number-columns-repeated", 1)), _WIDEST)
        cells += [text_of(text)] * times
    while cells and not cells[-1]:
        cells.pop()
    return cells
