"""Results of the statistics room as tables of one shape: a row per quantity, with interval, test and size."""

import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from thyrosight.documents import Column, Table, notes, table_latex
from thyrosight.files import csv_text
from thyrosight.reports.terminal import terminal_table

_COLUMNS = (
    Column(key="quantity"),
    Column(key="value", title="value", kind="number", blank=True),
    Column(key="low", title="low", kind="number", blank=True),
    Column(key="high", title="high", kind="number", blank=True),
    Column(key="se", title="SE", kind="number", blank=True),
    Column(key="statistic", title="statistic", kind="number", blank=True),
    Column(key="df", title="df", kind="number", blank=True),
    Column(key="p", title="P", kind="p", blank=True),
    Column(key="n", title="n", kind="count", blank=True),
    Column(key="clusters", title="clusters", kind="count", blank=True),
    Column(key="method", title="method", blank=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity; what does not apply to it is NaN, None or empty."""

    quantity: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    se: float = math.nan
    statistic: float = math.nan
    df: float = math.nan
    p: float = math.nan
    n: int | None = None
    clusters: int | None = None
    method: str = ""


def statistics_table(title: str, rows: Sequence[Row], *, notes: Sequence[str] = (), digits: int = 3) -> Table:
    """Rows under one heading. Columns in which no row has anything are hidden, as is the method where all share it.

    Args:
        title: the heading.
        rows: one for each quantity.
        notes: sentences that must travel with the numbers.
        digits: decimals of values and limits.
    """
    values = [{name: value for name, value in asdict(row).items() if not _absent(value)} for row in rows]
    methods = {row.method for row in rows if row.method}
    normal = all(math.isnan(row.df) or math.isinf(row.df) for row in rows)
    hidden = {"method"} if len(methods) == 1 else set()
    hidden |= {"df"} if normal else set()
    columns = [
        column.model_copy(
            update={
                "digits": digits if column.kind == "number" and column.key != "df" else None,
                "hidden": column.key in hidden or not any(column.key in row for row in values),
            }
        )
        for column in _COLUMNS
    ]
    shared = [f"Method: {methods.pop()}."] if len(methods) == 1 else []
    return Table(
        name="statistics", caption=title, columns=tuple(columns), rows=tuple(values), notes=(*shared, *notes), source=""
    )


def as_text(tables: Sequence[Table], *, width: int = 100) -> str:
    """Tables for a terminal of `width` characters, each under its heading and above its notes."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=False, highlight=False)
    for table in tables:
        console.print(Text(table.caption))
        console.print(terminal_table(table))
        for note in notes(table):
            console.print(Padding(Text(note), (0, 0, 0, 2)))
        console.print()
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip().splitlines()) + "\n"


def as_csv(tables: Sequence[Table]) -> str:
    """One tidy table, a row per quantity, with full precision; cells that do not apply are empty."""
    rows: list[dict[str, Any]] = [{"section": table.caption, **row} for table in tables for row in table.rows]
    return csv_text(rows, ["section", *(column.key for column in _COLUMNS)])


def as_json(result: dict[str, Any]) -> str:
    """A result's dictionary as readable JSON."""
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_latex(tables: Sequence[Table]) -> str:
    r"""A booktabs table for each (the paper needs `\usepackage{booktabs}`)."""
    return table_latex(tables)


def _absent(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
