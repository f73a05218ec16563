"""Results of the statistics room as tables of one shape: a row per quantity, with interval, test and size."""

import io
import math
from collections.abc import Sequence
from typing import Any

from thyrosight.documents import Column, Row, Table, columns, notes, table_latex
from thyrosight.files import csv_text
from thyrosight.languages import wrapped
from thyrosight.reports.terminal import terminal_table

_NUMBERS = {name: name for name in ("value", "low", "high")} | {"se": "SE", "statistic": "statistic", "df": "df"}
_COLUMNS = [
    Column(key="quantity"),
    *columns("number", _NUMBERS, blank=True),
    *columns("p", {"p": "P"}, blank=True),
    *columns("count", {"n": "n", "clusters": "clusters"}, blank=True),
    *columns("text", {"method": "method"}, blank=True),
]


def row(quantity: str, result: Any = None, **more: float | str | None) -> Row:
    """A row for one quantity: what `result` has of value, interval, error, test, size and method, then `more`.

    What does not apply (NaN, None, an empty method) is left out.

    >>> row("area", value=0.8, low=float("nan"), n=9)
    {'quantity': 'area', 'value': 0.8, 'n': 9}
    """
    found = {column.key: getattr(result, column.key, None) for column in _COLUMNS[1:]} | more
    return {"quantity": quantity} | {key: value for key, value in found.items() if not _absent(value)}


def statistics_table(title: str, rows: Sequence[Row], *, notes: Sequence[str] = (), digits: int = 3) -> Table:
    """Rows under one heading. Columns in which no row has anything are hidden, as is the method where all share it.

    Args:
        rows: of `row`, one for each quantity.
        notes: sentences that must travel with the numbers.
        digits: decimals of values and limits.
    """
    methods = {str(one["method"]) for one in rows if "method" in one}
    shown = {key for one in rows for key in one} - ({"method"} if len(methods) == 1 else set())
    if all(math.isinf(float(str(one["df"]))) for one in rows if "df" in one):
        shown -= {"df"}
    drawn = [
        column.model_copy(
            update={
                "digits": digits if column.kind == "number" and column.key != "df" else None,
                "hidden": column.key not in shown,
            }
        )
        for column in _COLUMNS
    ]
    said = [f"Method: {methods.pop()}."] if len(methods) == 1 else []
    return Table(
        name="statistics", caption=title, columns=tuple(drawn), rows=tuple(rows), notes=(*said, *notes), source=""
    )


def as_text(tables: Sequence[Table], *, width: int = 100) -> str:
    """Tables for a terminal of `width` characters, each under its heading and above its notes."""
    from rich.console import Console
    from rich.text import Text

    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=False, highlight=False)
    for table in tables:
        console.print(Text("\n".join(wrapped(table.caption, width))))
        console.print(terminal_table(table, width=width))
        for note in notes(table):
            for line in wrapped(note, width, first="  ", further="  "):
                console.print(Text(line))
        console.print()
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip().splitlines()) + "\n"


def as_csv(tables: Sequence[Table]) -> str:
    """One tidy table, a row per quantity, with full precision; cells that do not apply are empty."""
    ours = [column.key for column in _COLUMNS]
    rows: list[dict[str, Any]] = []
    for table in tables:
        of_shape = [column.key for column in table.columns] == ours
        rows += [{"section": table.caption, **one} for one in (table.rows if of_shape else table.records())]
    first = [key for key in ours if any(key in row for row in rows)] if _mixed(tables, ours) else ours
    return csv_text(rows, list(dict.fromkeys(["section", *first, *(key for row in rows for key in row)])))


def as_latex(tables: Sequence[Table]) -> str:
    r"""A booktabs table for each (the paper needs `\usepackage{booktabs}`)."""
    return table_latex(tables)


def _mixed(tables: Sequence[Table], ours: Sequence[str]) -> bool:
    return any([column.key for column in table.columns] != list(ours) for table in tables)


def _absent(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
