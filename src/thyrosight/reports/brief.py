"""The top of a folded page: what stands in for the whole on two screens."""

from collections.abc import Sequence

from thyrosight.documents import Document, Measure, Row, Table, Value, sentence
from thyrosight.languages import say

SHOWN_ITEMS = 4
"""Sentences of a list that stand open; the others are folded below them."""
_MOST_ROWS = 8


def brief_table(document: Document) -> Table | None:
    """The table of the document's summary with its first rows and without methods of intervals, which stand below."""
    summary = document.summary
    if summary is None or summary.table not in document.names():
        return None
    table = document.table(summary.table)
    rows = tuple(plain_row(row, summary.columns) for row in table.rows[:_MOST_ROWS])
    strong = table.strong if table.strong is not None and table.strong < len(rows) else None
    left = len(table.rows) - len(rows)
    further = [say("{0} further rows stand below.", left)] if left else []
    columns = tuple(table.column(key).model_copy(update={"hidden": False, "under": ""}) for key in summary.columns)
    note = sentence(summary.note) if summary.note else ""
    return Table(
        name=f"{table.name}-brief",
        caption=table.caption,
        columns=columns,
        rows=rows,
        notes=tuple(text for text in (note, *further) if text),
        strong=strong,
        source="",
    )


def plain_row(row: Row, keys: Sequence[str]) -> dict[str, Value]:
    """The cells of a row in these columns, without spread and methods of intervals, which stand in the report."""
    cells = {key: row[key] for key in keys if key in row}
    return {key: _bare(cell) if isinstance(cell, Measure) else cell for key, cell in cells.items()}


def _bare(cell: Measure) -> Measure:
    return cell.model_copy(update={"method": "", "spread": None})
