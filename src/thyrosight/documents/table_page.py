"""A table on a page: as HTML, with the lines below it."""

import re
from html import escape
from typing import Final

from thyrosight.documents.cells import Cell
from thyrosight.documents.table import Table, cells, notes
from thyrosight.languages import one_after_another

_LONG_WORD: Final = 20
"""Letters from which on a word may be broken."""


def table_html(table: Table, source: str = "") -> str:
    """The table as HTML, with the lines below it; `source` is the document's sentence on labels, split and size."""
    head = "".join(f'<th scope="col">{escape(column.title)}</th>' for column in table.shown)
    body = []
    starts = ['<td class="text">' if column.kind == "text" else "<td>" for column in table.shown[1:]]
    for place, row in enumerate(cells(table)):
        first, *rest = (_cell_html(item) for item in row)
        bold = ' class="strong"' if place == table.strong else ""
        cells_after = "".join(f"{start}{item}</td>" for start, item in zip(starts, rest, strict=True))
        body.append(f'<tr{bold}><th scope="row">{first}</th>{cells_after}</tr>')
    below = notes(table, source)
    whole = " whole" if len(table.rows) <= 14 else ""
    caption = "" if table.folded else f"<caption>{escape(table.caption)}</caption>\n"
    drawn = (
        f'<div class="scroll{whole}"><table>\n{caption}'
        f"<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{chr(10).join(body)}\n</tbody></table></div>\n"
        + (f'<p class="notes">{escape(one_after_another(below))}</p>\n' if below else "")
    )
    if not table.folded:
        return drawn
    return f"<details><summary>{escape(table.caption)}</summary>\n{drawn}</details>\n"


def _cell_html(item: Cell) -> str:
    return _breakable(item.text) + "".join(f'<span class="below">{escape(line)}</span>' for line in item.below)


def _breakable(text: str) -> str:
    """Text as HTML in which words too long for a column, such as hashes and names of files, may be broken.

    >>> _breakable("a < b"), _breakable("predictions/division-01")
    ('a &lt; b', 'predictions/divi<wbr>sion-01')
    """
    words = re.split(rf"(\S{{{_LONG_WORD},}})", text)  # every second piece is long
    return "".join(
        "<wbr>".join(map(escape, re.findall(".{1,16}", word))) if place % 2 else escape(word)
        for place, word in enumerate(words)
    )
