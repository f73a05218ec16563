"""Lines of text of a given width, in languages with spaces and without."""

import re
import textwrap
import unicodedata
from typing import Final

_WIDE: Final = frozenset("WF")
_HAN: Final = r"\u2e80-\u2fff\u3005-\u3007\u3012-\u9fff\uf900-\ufaff"
_OPEN: Final = "（“《「"
_ENDS: Final = "，。；：、）”》」！？%"
_PIECES: Final = re.compile(
    rf"\s+(?!%)|[{_OPEN}]*[{_HAN}](?:[{_ENDS}]|\s+%)*|(?:[^\s{_HAN}{_OPEN}]|\s+%|[{_OPEN}](?![{_HAN}]))+"
)
"""Spaces, single Chinese characters with the marks that may begin or end no line, and words; a per cent sign stays
with its number."""


def columns_of(text: str) -> int:
    """The width of a text in letters; a Chinese character is as wide as two.

    >>> columns_of("Dice"), columns_of("敏感度")
    (4, 6)
    """
    return sum(2 if unicodedata.east_asian_width(character) in _WIDE else 1 for character in text)


def pieces_of(text: str) -> list[str]:
    """Spaces, words and Chinese characters of a text, each with what no line may begin or end with.

    >>> pieces_of("恶性：50 % of")
    ['恶', '性：', '50 %', ' ', 'of']
    """
    return _PIECES.findall(text.strip())


def wrapped(text: str, columns: int, *, first: str = "", further: str = "") -> list[str]:
    """Lines no wider than `columns`, broken between words or Chinese characters.

    Args:
        text: without an indent of its own.
        columns: width of a line with its indent.
        first: what the first line begins with.
        further: what all others begin with.

    >>> wrapped("所用图像：良性60，恶性60", 14)
    ['所用图像：良性', '60，恶性60']
    >>> wrapped("benign nodules", 8)
    ['benign', 'nodules']
    >>> wrapped("1. 良性结节", 8, first="  ", further="    ")
    ['  1. 良', '    性结', '    节']
    """
    if columns_of(text) == len(text):
        return textwrap.wrap(text, columns, initial_indent=first, subsequent_indent=further)
    lines = [first]
    for piece in pieces_of(text):
        if lines[-1].strip() and columns_of(lines[-1] + piece.rstrip()) > columns:
            lines.append(further + piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]
