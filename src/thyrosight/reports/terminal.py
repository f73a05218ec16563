"""Tables for the terminal."""

from collections.abc import Sequence

from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from thyrosight.documents import Table, cells
from thyrosight.languages import columns_of, wrapped

_WIDEST_NAME = 18
"""Characters up to which the name of a row stays on one line, so that its figures have room in 80 columns."""
_LONGEST_WORD = 24
"""Characters up to which a word is not broken."""
_HEADING = 14
"""Characters up to which the heading of figures stays on one line."""


def terminal_table(table: Table, columns: Sequence[str] = (), *, width: int = 80) -> RichTable:
    """A table for a terminal, its intervals below the values.

    Args:
        table: with its numbers.
        columns: keys of those to show; all printed ones where empty.
        width: characters up to which headings of figures stay on one line.
    """
    shown = [table.column(key) for key in columns] or list(table.shown)
    rows = cells(table, shown)
    longest = max((columns_of(row[0].text) for row in rows), default=0)
    first = Column(
        shown[0].title, no_wrap=longest <= _WIDEST_NAME, min_width=min(longest, _WIDEST_NAME), overflow="fold"
    )
    drawn = RichTable(first, box=None, pad_edge=False)
    own = [[line for row in rows for line in (row[place].text, *row[place].below)] for place in range(len(shown))]
    widths = [max(map(columns_of, (column.title, *found))) for column, found in zip(shown, own, strict=True)]
    wide = sum(widths) + 2 * len(widths) - 2 > width
    room = _room_of_words(widths, [place == 0 or column.kind == "text" for place, column in enumerate(shown)], width)
    for column, found in zip(shown[1:], own[1:], strict=True):
        if column.kind == "text":
            words = max((columns_of(word) for line in found for word in line.split()), default=0)
            drawn.add_column(column.title, min_width=min(words, _LONGEST_WORD) or None, overflow="fold")
        else:
            heading = _heading(column.title, found) if wide else column.title
            drawn.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        lines = (_lines((item.text, *item.below), columns) for item, columns in zip(row, room, strict=True))
        drawn.add_row(*(Text("\n".join(found)) for found in lines))
    return drawn


def _room_of_words(widths: Sequence[int], words: Sequence[bool], width: int) -> list[int]:
    """The characters that each column may take: figures what they need, and columns of words equal parts of the rest.

    >>> _room_of_words([30, 6, 40], [True, False, True], 60)
    [25, 6, 25]
    """
    left = (
        width - 2 * (len(widths) - 1) - sum(wide for wide, of_words in zip(widths, words, strict=True) if not of_words)
    )
    room = list(widths)
    among = sorted((place for place, of_words in enumerate(words) if of_words), key=lambda place: widths[place])
    for count, place in enumerate(among):
        room[place] = min(widths[place], max(left // (len(among) - count), _WIDEST_NAME))
        left -= room[place]
    return room


def _lines(texts: Sequence[str], columns: int) -> list[str]:
    """Texts of a cell; Chinese ones, which have no spaces to break at, in lines that keep numbers whole."""
    return [
        line
        for text in texts
        for line in (wrapped(text, columns) if columns_of(text) > max(columns, len(text)) else [text])
    ]


def _heading(title: str, found: Sequence[str]) -> str:
    """The heading of figures, which stay whole: its words stand below each other where it is wider than they are."""
    widest = max(map(columns_of, (*found, *title.split())), default=1)
    return "\n".join(wrapped(title, max(widest, _HEADING)))
