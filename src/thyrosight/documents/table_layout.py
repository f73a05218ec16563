"""How a table fits on paper: the width of its columns, the size of its type, and whether the page must be turned."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from thyrosight.documents.cells import Cell
from thyrosight.documents.columns import Column
from thyrosight.documents.table import Table, cells

PORTRAIT_MM, LANDSCAPE_MM = 165.0, 245.0
"""Width of the text on A4, upright and turned."""
_POINT_MM = 0.3528
_PADDING_MM = 3.0
"""Left and right of a cell together."""
_WRAP, _NARROW = 24.0, 9.0
"""Width of a text, in ems: from which on it is broken into lines, and below which a column of text is not squeezed."""
_SQUARE, _CHARACTERS = 1.05, 4
"""Width of a Chinese character, and how many of them stay on one line."""
_BOLD = 1.1
"""How much wider bold letters are."""
_NARROW_LETTERS, _WIDE_LETTERS = frozenset("iljtfrI.,:;'|()[]! -/"), frozenset("mwMW%@±+\N{MINUS SIGN}")


_HYPHEN = re.compile(r"-(?=\d)")
"""Hyphen that is printed as a minus sign."""


class Layout(NamedTuple):
    """Widths of the printed columns in millimetres, type in points, and whether the page is turned."""

    widths_mm: tuple[float, ...]
    points: float
    landscape: bool


_TRIED = ((9.0, False), (9.0, True), (8.0, True), (7.0, True))
"""Type in points, and whether the page is turned, the best first."""


def layout(table: Table) -> Layout:
    """The layout of a table: upright where it fits, else turned, else with smaller type.

    >>> from thyrosight.documents.columns import Column
    >>> columns = [Column(key=f"c{place}", title="Some heading") for place in range(20)]
    >>> [layout(Table(name="a", caption="", columns=tuple(columns[:n]), rows=())).landscape for n in (2, 12)]
    [False, True]
    """
    rows, shown = cells(table), table.shown
    bold = 1.0 if table.strong is None else _BOLD
    wide = [_wished(column, [row[place] for row in rows], bold=bold) for place, column in enumerate(shown)]
    narrow = [_needed(column, [row[place] for row in rows], bold=bold) for place, column in enumerate(shown)]
    for points, landscape in _TRIED:
        room = LANDSCAPE_MM if landscape else PORTRAIT_MM
        least, most = ([_mm(ems, points) for ems in found] for found in (narrow, wide))
        if sum(least) <= room:
            return Layout(_between(least, most, room), points, landscape)
    shrunk = [width * LANDSCAPE_MM / sum(least) for width in least]
    return Layout(tuple(shrunk), _TRIED[-1][0], landscape=True)


def lines(cell: Cell) -> tuple[str, ...]:
    """Lines of a cell, one below the other."""
    return (cell.text, *((f"({cell.interval})",) if cell.interval else ()), *((cell.spread,) if cell.spread else ()))


def _wished(column: Column, found: Sequence[Cell], *, bold: float) -> float:
    """Width in ems at which a column needs no more lines than it must."""
    longest = bold * max((_ems(line) for cell in found for line in lines(cell)), default=0.0)
    # The longer a text, the wider its column: else it would be a narrow, tall one beside short ones.
    body = min(longest, _WRAP + 0.15 * max(0.0, longest - _WRAP)) if column.kind == "text" else longest
    return max(body, _BOLD * _longest_word(column.title), _BOLD * _ems(column.title) / 2)


def _needed(column: Column, found: Sequence[Cell], *, bold: float) -> float:
    """Width in ems below which a column cannot go: numbers and words are not broken."""
    longest = bold * max((_ems(line) for cell in found for line in lines(cell)), default=0.0)
    if column.kind == "text":
        words = bold * max((_longest_word(line) for cell in found for line in lines(cell)), default=0.0)
        longest = max(words, min(longest, _NARROW))
    return max(longest, _BOLD * _longest_word(column.title))


def _between(least: Sequence[float], most: Sequence[float], room: float) -> tuple[float, ...]:
    """Widths from `least` towards `most` as far as the page has room."""
    wished = sum(most) - sum(least)
    share = min(1.0, (room - sum(least)) / wished) if wished > 0 else 0.0
    return tuple(low + share * (high - low) for low, high in zip(least, most, strict=True))


def _mm(ems: float, points: float) -> float:
    return ems * points * _POINT_MM + _PADDING_MM


def _longest_word(text: str) -> float:
    """Width in ems of what is not broken: a word, or a few Chinese characters, so that short headings stay on a line.

    >>> _longest_word("所用图像，恶性") < _longest_word("malignant")
    True
    """
    found = [0.0]
    for word in text.replace("-", "- ").split():
        latin = "".join(" " if _is_square(letter) else letter for letter in word).split()
        found += [*map(_ems, latin), min(sum(map(_is_square, word)), _CHARACTERS) * _SQUARE]
    return max(found)


def _is_square(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _ems(text: str) -> float:
    """Width of a text in the widest usual type with serifs (DejaVu Serif): Chinese letters are square.

    >>> _ems("0.812") < _ems("WWWWW") == 5.0
    True
    """
    return sum(
        _SQUARE if _is_square(letter)
        else 0.4 if letter in _NARROW_LETTERS
        else 1.0 if letter in _WIDE_LETTERS
        else 0.76 if letter.isupper()
        else 0.62
        for letter in _HYPHEN.sub("\N{MINUS SIGN}", text)
    )  # fmt: skip
