"""Tables for the terminal."""

from collections.abc import Sequence

from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from thyrosight.documents import Table, cells

_WIDEST_NAME = 18
"""Characters up to which the name of a row stays on one line, so that its figures have room in 80 columns."""
_LONGEST_WORD = 24
"""Characters up to which a word is not broken."""


def terminal_table(table: Table, columns: Sequence[str] = ()) -> RichTable:
    """A table for a terminal, its intervals below the values.

    Args:
        table: with its numbers.
        columns: keys of those to show; all printed ones where empty.
    """
    shown = [table.column(key) for key in columns] or list(table.shown)
    rows = cells(table, shown)
    longest = max((len(row[0].text) for row in rows), default=0)
    first = Column(shown[0].title, no_wrap=longest <= _WIDEST_NAME, min_width=min(longest, _WIDEST_NAME))
    drawn = RichTable(first, box=None, pad_edge=False)
    for place, column in enumerate(shown[1:], start=1):
        words = [len(word) for row in rows for word in row[place].text.split()] if column.kind == "text" else []
        drawn.add_column(
            column.title,
            justify="left" if column.kind == "text" else "right",
            min_width=min(max(words, default=0), _LONGEST_WORD) or None,
        )
    for row in rows:
        drawn.add_row(*(Text("\n".join((item.text, *item.below))) for item in row))
    return drawn
