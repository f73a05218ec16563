"""Text with a sign between cells, whatever the sign and the encoding, and with anything above the header."""

import csv
from collections import Counter
from pathlib import Path
from typing import Final

from thyrosight.encodings import encoding_of
from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets.sheet import RowsOfSheet, Sheet, Workbook

_SEPARATORS: Final = ";\t,|"
_MOST_BYTES: Final = 600_000_000


def read_delimited(path: Path, *, encoding: str | None = None) -> Workbook:
    """Read text whose separator is the sign that most rows hold equally often.

    Raises:
        SpreadsheetError: no text, an unknown encoding, or a file without end.
    """
    found = encoding_of(path, error=SpreadsheetError, encoding=encoding)
    if path.stat().st_size > _MOST_BYTES:
        raise SpreadsheetError(f"{path} is larger than {_MOST_BYTES / 1e6:.0f} MB, which no table of patients is.")
    with path.open(encoding=found.name, newline="") as stream:
        text = stream.read().removeprefix("\ufeff")
    separator = _separator(text[:200_000])
    rows = RowsOfSheet(path.stem)
    try:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True)
        for number, cells in enumerate(reader, start=1):
            if number == 1 and "".join(cells).lower().startswith("sep="):
                continue
            rows.add(number, [cell.strip() for cell in cells])
    except csv.Error as problem:
        raise SpreadsheetError(f"{path} cannot be read as a table ({problem}); save it again as CSV.") from problem
    sheet = Sheet(path.stem, tuple(rows.rows))
    return Workbook("text table", (sheet,), decimal_comma=separator != ",", notes=found.notes)


def _separator(text: str) -> str:
    """The sign that parts cells.

    >>> _separator("Register 2020, Klinik A\\nNr;Gr\\u00f6\\u00dfe\\n1;7,5\\n2;8,5")
    ';'
    """
    lines = text.splitlines()[:200]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][-1]

    def agreement(separator: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if len(row) > 1)
        return (0, 0) if not counts else (max(counts.values()), max(counts, key=counts.__getitem__))

    try:
        return max(_SEPARATORS, key=agreement)
    except csv.Error:
        return ","
