"""Lines of text of a given width, in languages with spaces and without."""

import re
import textwrap
import unicodedata
from typing import Final

_WIDE: Final = frozenset("WF")
_PIECES: Final = re.compile(r"\s+|[\u2e80-\u9fff\uf900-\ufaff][，。；：、）！？]*|[^\s\u2e80-\u9fff\uf900-\ufaff]+")
"""Spaces, single Chinese characters with the marks that may begin no line, and words."""


def columns_of(text: str) -> int:
    """The width of a text in letters; a Chinese character is as wide as two.

    >>> columns_of("Dice"), columns_of("敏感度")
    (4, 6)
    """
    return sum(2 if unicodedata.east_asian_width(character) in _WIDE else 1 for character in text)


def wrapped(text: str, columns: int) -> list[str]:
    """Lines no wider than `columns`, broken between words or Chinese characters.

    >>> wrapped("所用图像：良性60，恶性60", 14)
    ['所用图像：良性', '60，恶性60']
    >>> wrapped("benign nodules", 8)
    ['benign', 'nodules']
    """
    if columns_of(text) == len(text):
        return textwrap.wrap(text, columns)
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and columns_of(lines[-1] + piece.rstrip()) > columns:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]
