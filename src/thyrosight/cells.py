"""Numbers in the cells of a table, as people and spreadsheets write them: decimal commas and percentages."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Final

from thyrosight.errors import ThyroSightError

_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def column_numbers(
    cells: Sequence[str],
    *,
    decimal_comma: bool,
    name: str,
    where: Callable[[int], str],
    error: type[ThyroSightError],
) -> tuple[list[float], tuple[str, ...]]:
    """Read a column as numbers; say in sentences what was understood beyond plain numbers.

    A percentage is a share of 1. Where commas part the cells of a table, a comma within quotes is taken for the decimal
    point only if some cell of the column leaves no doubt: 0,5 does not, 1,234 may be over a thousand.

    Args:
        cells: without what is missing.
        decimal_comma: whether a comma is the decimal point without doubt, as where semicolons part the cells.
        name: of the column, for sentences.
        where: names the place of a cell in errors, from its position.
        error: the kind of error to raise.

    Raises:
        error: something that is no number, decimal commas beside decimal points, or percentages beside other numbers.

    >>> column_numbers(["46.5%", "0"], decimal_comma=False, name="risk", where=str, error=ThyroSightError)
    ([0.465, 0.0], ('risk: percentages were taken as shares of 1 (46.5% as 0.465).',))
    """
    texts = [_plain(cell) for cell in cells]
    percent = [text.endswith("%") for text in texts]
    texts = [text.rstrip("%").rstrip() for text in texts]
    for position, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        if not _NUMBER.fullmatch(text):
            raise error(f"{where(position)}: {name!r} should be a number, got {cell!r}.")
    notes = [*_comma_notes(cells, texts, decimal_comma=decimal_comma, name=name, where=where, error=error)]
    values = [float(text.replace(",", ".")) for text in texts]
    if any(percent):
        for position, (given, value) in enumerate(zip(percent, values, strict=True)):
            if not given and value != 0:
                raise error(
                    f"{where(position)}: {name!r} is {cells[position]!r}, but {cells[percent.index(True)]!r} in"
                    f" {where(percent.index(True))}; write all of them as percentages, or none."
                )
        values = [_hundredth(value) if given else value for value, given in zip(values, percent, strict=True)]
        first = percent.index(True)
        notes.append(f"{name}: percentages were taken as shares of 1 ({cells[first]} as {values[first]:g}).")
    return values, tuple(notes)


def number_of(cell: str, *, decimal_comma: bool) -> float | None:
    """The number in one cell, or None where there is none without doubt.

    >>> number_of("7,5", decimal_comma=True), number_of("7,5", decimal_comma=False), number_of("4a", decimal_comma=True)
    (7.5, None, None)
    """
    text = _plain(cell)
    if not _NUMBER.fullmatch(text) or ("," in text and not decimal_comma):
        return None
    return float(text.replace(",", "."))


def _plain(cell: str) -> str:
    """A cell with the typographical minus and the full-width percent sign made plain."""
    return cell.strip().replace("\u2212", "-").replace("\uff05", "%")


def _hundredth(value: float) -> float:
    """A percentage as a share, without the last digit that a division would add (28.7 / 100 is 0.28700000000000003)."""
    return value / 100 if math.isinf(value) else float(f"{value / 100:.15g}")


def _comma_notes(
    cells: Sequence[str],
    texts: Sequence[str],
    *,
    decimal_comma: bool,
    name: str,
    where: Callable[[int], str],
    error: type[ThyroSightError],
) -> list[str]:
    """Refuse commas that are not decimal points for sure; say where they were taken for them within quotes."""
    commas = [position for position, text in enumerate(texts) if "," in text]
    if not commas:
        return []
    points = [position for position, text in enumerate(texts) if "." in text]
    if points:
        raise error(
            f"{where(commas[0])}: {name!r} is {cells[commas[0]]!r}, but {cells[points[0]]!r} in {where(points[0])};"
            " write decimal points throughout."
        )
    if decimal_comma:
        return []
    if all(_GROUPED.fullmatch(texts[position]) for position in commas):
        raise error(
            f"{where(commas[0])}: {name!r} should be a number, got {cells[commas[0]]!r}, which may be a decimal or over"
            " a thousand; write a decimal point, or no comma."
        )
    return [f"{name}: commas were taken as decimal points."]
