"""A table in a Word file: three rules, a header row that repeats on every page, and rows that are not torn."""

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from thyrosight.documents import Table, cells
from thyrosight.documents.manuscript import typeset
from thyrosight.documents.table_layout import Layout, lines

_MOST_LINES = {False: 40, True: 22}
"""Lines of a table that fit on a page with its caption and notes, upright and turned."""


def add_table(word: WordDocument, table: Table, found: Layout) -> None:
    """Add a table with the widths and the type of its layout at the end of a Word file."""
    shown, rows = table.shown, cells(table)
    grid = word.add_table(rows=1 + len(rows), cols=len(shown))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    _rules(grid)
    for column, width in zip(grid.columns, found.widths_mm, strict=True):
        column.width = Mm(width)
    # Short tables stay on one page; of long ones the last rows stay with the notes.
    short = sum(max((len(lines(cell)) for cell in row), default=1) for row in rows) <= _MOST_LINES[found.landscape]
    texts: list[list[tuple[str, ...]]] = [
        [(column.title,) for column in shown],
        *([lines(cell) for cell in row] for row in rows),
    ]
    for place, (row, written) in enumerate(zip(grid.rows, texts, strict=True)):
        head = place == 0
        _row_property(row, "w:cantSplit")
        if head:
            _row_property(row, "w:tblHeader")
        for cell, column, width, said in zip(row.cells, shown, found.widths_mm, written, strict=True):
            cell.width = Mm(width)
            left = column.kind == "text" or column is shown[0]
            strong = head or place - 1 == table.strong
            keep = short or head or place >= len(rows) - 1
            _fill(cell, said, points=found.points, left=left, bold=strong, keep=keep)
            if head or place == len(rows):
                _rule_below(cell, head=head)


def _fill(cell: Any, said: tuple[str, ...], *, points: float, left: bool, bold: bool, keep: bool) -> None:
    """Write the lines of a cell."""
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.RIGHT
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(1.5)
    shape.keep_with_next = keep
    for place, line in enumerate(said):
        run = paragraph.add_run()
        if place:
            run.add_break()
        run.add_text(typeset(line))
        run.font.size, run.bold = Pt(points), bold or None


def _rules(grid: Any) -> None:
    """A rule above and below the table, and little room left and right of its cells."""
    properties = grid._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom"):
        borders.append(_border(side, eighths=8))
    properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "70")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.insert_element_before(margins, "w:tblLook")


def _rule_below(cell: Any, *, head: bool) -> None:
    borders = OxmlElement("w:tcBorders")
    borders.append(_border("bottom", eighths=4 if head else 8))
    cell._tc.get_or_add_tcPr().append(borders)


def _border(side: str, *, eighths: int) -> Any:
    """A single line, its width in eighths of a point."""
    border = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "0"), ("color", "000000")):
        border.set(qn(f"w:{name}"), value)
    return border


def _row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
