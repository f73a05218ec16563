"""Where the table in a sheet is: comments above it, one or two rows of header, joined cells, totals and notes below."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from thyrosight.counting import counted
from thyrosight.spreadsheets.sheet import Sheet

Row = tuple[int, tuple[str, ...]]

_SEARCHED: Final = 40
_NUMBER: Final = re.compile(r"[<>~]?\s*[+-]?\d+([.,]\d+)?\s*%?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*")
_UNIT: Final = re.compile(
    r"[(\[]?(mm|cm|ml|cc|mm[³3]|cm[³3]|kg|years?|yrs?|jahre?|j\.?|a|años|岁|毫米|厘米|µ?iu/m?l|mu/l|pmol/l|%|-)[)\]]?",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"(n|sum|summe|gesamt\w*|total\w*|subtotal|mean|average|median|mittelwert|durchschnitt|anzahl|count|suma|promedio|"
    r"media|mediana|min|max|sd|合计|总计|小计|平均值?|总数|均值)\s*[:=]?\s*\d*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SheetTable:
    """The table of one sheet.

    Attributes:
        name: of the sheet.
        header: different names of the columns; `column 3` where there is none.
        rows: numbers as the spreadsheet shows them, and cells, as many as the header has.
        left_out: numbers of rows that are no rows of the table, each with the reason.
        notes: sentences on how the sheet was read.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


def table_of(sheet: Sheet, *, known: Callable[[str], bool] = lambda _: False, hidden: bool = True) -> SheetTable | None:
    """Find the table of a sheet, or None where there is no header with a row below.

    Args:
        sheet: the sheet.
        known: whether a text is the name of a column; without it the first wide row of words is the header.
        hidden: whether hidden rows and columns are used.

    >>> rows = ((1, ("Register 2020",)), (3, ("Nr", "Size")), (4, ("", "mm")), (5, ("1", "7")), (6, ("Total", "7")))
    >>> found = table_of(Sheet("A", rows))
    >>> found.header, found.rows, found.left_out
    (('Nr', 'Size (mm)'), ((5, ('1', '7')),), ((6, 'totals'),))
    """
    notes: list[str] = []
    rows = _visible(sheet, hidden, notes)
    if len(rows) < 2:
        return None
    width = max(len(cells) for _, cells in rows)
    whole = _with_merged(sheet, [(number, (*cells, *[""] * (width - len(cells)))) for number, cells in rows], notes)
    head = _header_row(whole, known)
    if head is None:
        return None
    top, names, body_at = _names(whole, head, known)
    if whole[top][0] > 1 and top > 0:
        notes.append(f"the rows above row {whole[top][0]} are no part of the table")
    if body_at - top > 1:
        notes.append(f"rows {whole[top][0]} to {whole[body_at - 1][0]} together are the header")
    header = _different(names, notes)
    body, left_out = _body(whole[body_at:], whole[body_at - 1][1], names)
    used = [place for place in range(width) if names[place] or any(cells[place] for _, cells in body)]
    notes += _values_missing(sheet, {number for number, _ in body})
    return SheetTable(
        sheet.name,
        tuple(header[place] for place in used),
        tuple((number, tuple(cells[place] for place in used)) for number, cells in body),
        tuple(left_out),
        tuple(notes),
    )


def _visible(sheet: Sheet, hidden: bool, notes: list[str]) -> list[Row]:
    """Rows of a sheet; what is hidden is named, and emptied where it is not to be used."""
    numbers = {number for number, _ in sheet.rows}
    rows_hidden = sheet.hidden_rows & numbers
    width = max((len(cells) for _, cells in sheet.rows), default=0)
    columns_hidden = sorted(column for column in sheet.hidden_columns if column < width)
    what = "used; leave them out with --hidden leave-out" if hidden else "left out"
    if rows_hidden:
        notes.append(f"{counted(len(rows_hidden), 'hidden or filtered row')} ({_some(sorted(rows_hidden))}): {what}")
    if columns_hidden:
        notes.append(f"{counted(len(columns_hidden), 'hidden column')}: {what}")
    if hidden or not (rows_hidden or columns_hidden):
        return list(sheet.rows)
    gone = set(columns_hidden)
    return [
        (number, tuple("" if place in gone else cell for place, cell in enumerate(cells)))
        for number, cells in sheet.rows
        if number not in rows_hidden
    ]


def _with_merged(sheet: Sheet, rows: list[Row], notes: list[str]) -> list[Row]:
    """Rows in which every joined cell holds what is shown over all of it."""
    place = {number: index for index, (number, _) in enumerate(rows)}
    filled = [list(cells) for _, cells in rows]
    blocks = 0
    for one in sheet.merged:
        first = place.get(one.top)
        if first is None or one.left >= len(filled[first]) or not (text := filled[first][one.left]):
            continue
        blocks += one.bottom > one.top
        for number in range(one.top, min(one.bottom, rows[-1][0]) + 1):
            if (index := place.get(number)) is not None:
                for column in range(one.left, min(one.right + 1, len(filled[index]))):
                    filled[index][column] = filled[index][column] or text
    if blocks:
        notes.append(f"{counted(blocks, 'joined cell')} over several rows: each of the rows has its value")
    return [(number, tuple(cells)) for (number, _), cells in zip(rows, filled, strict=True)]


def _header_row(rows: Sequence[Row], known: Callable[[str], bool]) -> int | None:
    """The row among the first ones that holds most known names, else the first wide one of words."""
    searched = rows[: min(_SEARCHED, len(rows) - 1)]
    hits = [sum(known(cell) for cell in dict.fromkeys(cells) if cell) for _, cells in searched]
    if hits and max(hits) >= 2:
        return hits.index(max(hits))
    widths = [len({cell for cell in cells if cell}) for _, cells in rows[: _SEARCHED * 2]]
    usual = Counter(widths).most_common(1)[0][0]
    wide = max(1 if max(widths) == 1 else 2, min(usual, max(widths)) * 0.6)
    for index, (_, cells) in enumerate(searched):
        filled = [cell for cell in cells if cell]
        if len(set(filled)) >= wide and sum(bool(_NUMBER.fullmatch(cell)) for cell in filled) <= len(filled) / 2:
            return index
    return None


def _names(rows: Sequence[Row], head: int, known: Callable[[str], bool]) -> tuple[int, list[str], int]:
    """The first row of the header, the names of the columns, and the first row below."""
    names = [_flat(cell) for cell in rows[head][1]]
    top, body_at = head, head + 1
    if head > 0 and _is_group_row(rows[head - 1], rows[head]):
        top = head - 1
        unlike = Counter(names)
        names = [
            name if unlike[name] == 1 and known(name) else _joined(_flat(over), name)
            for over, name in zip(rows[top][1], names, strict=True)
        ]
    elif head + 2 < len(rows) and _is_second_row(rows, head, known):
        under = [_flat(cell) for cell in rows[head + 1][1]]
        names = [_joined(name, below) for name, below in zip(names, under, strict=True)]
        body_at = head + 2
    if body_at + 1 <= len(rows) - 1 and _is_unit_row(rows[body_at][1]):
        names = [
            f"{name} ({_flat(unit).strip('()[]')})" if unit and unit != "-" and name else name
            for name, unit in zip(names, rows[body_at][1], strict=True)
        ]
        body_at += 1
    return top, names, body_at


def _flat(text: str) -> str:
    """A name on one line; a word that was parted at the end of a line is whole again."""
    return " ".join(re.sub(r"(?<=\w)-\n(?=[a-zäöü])", "", text).split())


def _joined(over: str, name: str) -> str:
    return name if not over or over == name else over if not name else f"{over} / {name}"


def _is_group_row(above: Row, head: Row) -> bool:
    """Whether a row above the header names groups of columns: several different words, each over filled cells."""
    groups = [cell for cell in above[1] if cell]
    different = dict.fromkeys(groups)
    covers = all(name for over, name in zip(above[1], head[1], strict=True) if over)
    return (
        above[0] == head[0] - 1
        and covers
        and len(different) >= 2
        and len(different) < len(groups)
        and not any(_NUMBER.fullmatch(cell) for cell in groups)
    )


def _is_second_row(rows: Sequence[Row], head: int, known: Callable[[str], bool]) -> bool:
    """Whether the row below the header parts joined names further."""
    names, under = rows[head][1], rows[head + 1][1]
    filled = [cell for cell in names if cell]
    repeated = {cell for cell, count in Counter(filled).items() if count > 1}
    below = [cell for name, cell in zip(names, under, strict=True) if cell and cell != name]
    if not below or any(_NUMBER.fullmatch(cell) for cell in below):
        return False
    pairs = list(zip(names, under, strict=True))
    parts = all(not cell or cell == name or name in repeated or not name for name, cell in pairs)
    gap = any(not name and cell for name, cell in pairs)
    different = len(set(below)) == len({cell for cell in under if cell and cell not in names})
    return parts and different and (bool(repeated) or gap or sum(map(known, below)) >= 2)


def _is_unit_row(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_UNIT.fullmatch(cell) for cell in filled)


def _different(names: Sequence[str], notes: list[str]) -> list[str]:
    """Names without repetition."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        plain = unique = name or f"column {place}"
        number = 1
        while unique in found:
            number += 1
            unique = f"{plain} ({number})"
        if number == 2:
            notes.append(f"two columns are named {plain!r}; the second is called {unique!r} here")
        found.append(unique)
    return found


def _body(rows: Sequence[Row], header: Sequence[str], names: Sequence[str]) -> tuple[list[Row], list[tuple[int, str]]]:
    """Rows of the table, and those that only look like it: the header again, totals, notes below."""
    left_out: list[tuple[int, str]] = []
    kept: list[Row] = []
    for number, cells in rows:
        if cells == tuple(header) or [_flat(cell) for cell in cells] == list(names):
            left_out.append((number, "the header again"))
        elif any(cells):
            kept.append((number, cells))
    while kept and (reason := _not_a_row(kept[-1][1])):
        left_out.append((kept.pop()[0], reason))
    return kept, sorted(left_out)


def _not_a_row(cells: Sequence[str]) -> str:
    """Why a row at the end is none of the table; empty if it is one."""
    filled = [cell for cell in cells if cell]
    if any(_TOTAL.fullmatch(cell) for cell in filled[:2]) and len(filled) < max(len(cells), 3):
        return "totals"
    words = [cell for cell in filled if not _NUMBER.fullmatch(cell)]
    if len(filled) == 1 and cells[0] and words and (len(cells[0]) > 12 or " " in cells[0]) and len(cells) > 2:
        return "a note below the table"
    if not words and not cells[0] and len(filled) <= len(cells) / 2:
        return "numbers without a name: totals"
    return ""


def _values_missing(sheet: Sheet, numbers: set[int]) -> list[str]:
    found = []
    inside = [cell for cell in sheet.uncalculated if int(re.sub(r"\D", "", cell)) in numbers]
    if inside:
        found.append(
            f"{counted(len(inside), 'formula')} without a stored result ({_some(inside)}): these cells count as empty;"
            " open the file in a spreadsheet and save it again"
        )
    rounded = [cell for cell in sheet.rounded if int(re.sub(r"\D", "", cell)) in numbers]
    if rounded:
        found.append(
            f"{counted(len(rounded), 'number')} of more than 15 digits ({_some(rounded)}): spreadsheets round them, so"
            " they may be wrong; store such numbers as text"
        )
    return found


def _some(items: Sequence[object], most: int = 5) -> str:
    return ", ".join(map(str, items[:most])) + (", ..." if len(items) > most else "")
