"""Results of the statistics room as tables: text for the screen, CSV for a spreadsheet, JSON, LaTeX for a paper."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

_HEADS = {
    "quantity": "",
    "value": "value",
    "low": "low",
    "high": "high",
    "se": "SE",
    "statistic": "statistic",
    "df": "df",
    "p": "P",
    "n": "n",
    "clusters": "clusters",
    "method": "method",
}
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$"} | {
    character: "\\" + character for character in "&%$#_{}"
}


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


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading, with notes that must travel with the numbers; `digits` are the decimals shown."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    digits: int = 3


def as_text(sections: Sequence[Section], *, width: int = 100) -> str:
    """Return the sections as tables for a terminal; a method that all rows share is said once, below the table."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=False, highlight=False)
    for section in sections:
        shared, columns = _columns(section)
        console.print(Text(section.title))
        table = Table(box=None, pad_edge=False)
        for name in columns:
            table.add_column(_HEADS[name], justify="left" if name in ("quantity", "method") else "right")
        for row in section.rows:
            table.add_row(*(Text(_shown(row, name, section.digits)) for name in columns))
        console.print(table)
        for note in ([f"Method: {shared}."] if shared else []) + list(section.notes):
            console.print(Padding(Text(note), (0, 0, 0, 2)))
        console.print()
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip().splitlines()) + "\n"


def as_csv(sections: Sequence[Section]) -> str:
    """Return one tidy table, a row per quantity, with full precision; cells that do not apply are empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [field.name for field in fields(Row)]
    writer.writerow(["section", *names])
    for section in sections:
        for row in section.rows:
            writer.writerow([section.title, *(_plain(getattr(row, name)) for name in names)])
    return stream.getvalue()


def as_json(result: dict[str, Any]) -> str:
    """Return a result's dictionary as readable JSON."""
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_latex(sections: Sequence[Section]) -> str:
    r"""Return a booktabs table per section (the paper needs `\usepackage{booktabs}`)."""
    parts = ["% needs \\usepackage{booktabs}"]
    for section in sections:
        shared, columns = _columns(section)
        layout = "".join("l" if name in ("quantity", "method") else "r" for name in columns)
        notes = ([f"Method: {shared}."] if shared else []) + list(section.notes)
        caption = " ".join(_escaped(text) for text in (section.title + ".", *notes))
        parts += [r"\begin{table}", rf"\caption{{{caption}}}", rf"\begin{{tabular}}{{{layout}}}", r"\toprule"]
        parts.append(" & ".join(_latex_head(name) for name in columns) + r" \\")
        parts.append(r"\midrule")
        for row in section.rows:
            parts.append(" & ".join(_latex_cell(_shown(row, name, section.digits)) for name in columns) + r" \\")
        parts += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(parts) + "\n"


def _columns(section: Section) -> tuple[str, list[str]]:
    """The method all rows share (or nothing), and the columns in which any row has something to show."""
    methods = {row.method for row in section.rows if row.method}
    shared = methods.pop() if len(methods) == 1 else ""
    used = [
        name for name in _HEADS if name == "quantity" or any(_shown(row, name, section.digits) for row in section.rows)
    ]
    normal = all(math.isnan(row.df) or math.isinf(row.df) for row in section.rows)
    hidden = {"method"} if shared else set()
    return shared, [name for name in used if name not in hidden and not (normal and name == "df")]


def _shown(row: Row, name: str, digits: int) -> str:
    value = getattr(row, name)
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return ""
    if name in ("n", "clusters", "quantity", "method"):
        return str(value)
    if name == "p":
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if name == "df":
        return "inf" if math.isinf(value) else f"{value:.4g}"
    return f"{value:.{digits}f}"


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return "" if value is None else value


def _latex_head(name: str) -> str:
    return {"p": "$P$", "n": "$n$"}.get(name, _HEADS[name])


def _latex_cell(text: str) -> str:
    if text == "inf":
        return r"$\infty$"
    if text.startswith(("<", "-")) and text[1:2].isdigit():
        return f"${text}$"
    return _escaped(text)


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
