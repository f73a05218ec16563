"""Results of the statistics room in notebooks: the tables that pages have of them, and a figure where one says more."""

from dataclasses import fields
from html import escape
from typing import Any

import numpy as np

from thyrosight.documents import Figure, Row, Table, table_html
from thyrosight.documents.drawings import Curve, LinePanel, Lines
from thyrosight.reports.notebooks.fragment import facts, items
from thyrosight.reports.notebooks.pages import of_figure
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_sections import sections_of
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import Estimate, ReaderComparison, RocCurve, StandaloneComparison
from thyrosight.statistics.estimate import Result


def of_result(result: Result) -> str:
    """The figure of a result, where it has one, above its tables."""
    figure = _figure(result)
    drawn = "" if figure is None else of_figure(figure)
    if isinstance(result, Estimate):
        return table_html(statistics_table("Estimate", [row("value", result)]))
    try:
        tables = sections_of(result)
    except TypeError:
        return drawn + _fields_of(result)
    return drawn + "".join(table_html(_with_methods_below(table)) for table in tables)


def _with_methods_below(table: Table) -> Table:
    """The table with its column of methods as notes: as a column it would make every row as tall as its longest one."""
    if "method" not in [column.key for column in table.shown]:
        return table
    by_method: dict[str, list[str]] = {}
    for one in table.rows:
        if one.get("method"):
            by_method.setdefault(str(one["method"]), []).append(str(one["quantity"]))
    said = (f"{', '.join(names)}: {method}." for method, names in by_method.items())
    shown = tuple(
        column.model_copy(update={"hidden": True}) if column.key == "method" else column for column in table.columns
    )
    return table.model_copy(update={"columns": shown, "notes": (*table.notes, *said)})


def _fields_of(result: Result) -> str:
    """Any result by its fields: the estimates as a table, single values below each other, sentences as a list."""
    estimates: list[Row] = []
    values: list[tuple[str, str]] = []
    said: list[str] = []
    for name, value in _named(result):
        words = name.replace("_", " ")
        if isinstance(value, Estimate):
            estimates.append(row(words, value))
        elif name in ("notes", "component_notes"):
            said += [str(note) for note in value]
        elif isinstance(value, float):
            values.append((words, f"{value:.4g}"))
        elif isinstance(value, str | int) or value is None:
            values.append((words, "" if value is None else str(value)))
    title = _title(result)
    tables: list[Table] = [statistics_table(title, estimates)] if estimates else []
    return (
        "".join(table_html(_with_methods_below(table)) for table in tables)
        + (facts(values, caption="" if tables else title) if values else "")
        + items(said)
        + ("" if tables or values else f"<p>{escape(str(result))}</p>")
    )


def _named(result: Result) -> list[tuple[str, Any]]:
    """The fields of a result; those of tuples and dictionaries of estimates one by one."""
    found: list[tuple[str, Any]] = []
    for field in fields(result):  # type: ignore[arg-type]  # every result is a dataclass
        value = getattr(result, field.name)
        if isinstance(value, dict) and all(isinstance(one, Estimate) for one in value.values()):
            found += [(str(key), one) for key, one in value.items()]
        elif isinstance(value, tuple) and value and all(isinstance(one, Estimate) for one in value):
            found += [(f"{field.name} {place}", one) for place, one in enumerate(value, start=1)]
        elif isinstance(value, Result) and not isinstance(value, Estimate):
            found += [(f"{field.name}: {name}", inner) for name, inner in _named(value)]
        else:
            found.append((field.name, value))
    return found


def _title(result: Result) -> str:
    """The type in words, for example "Calibration slope"."""
    letters = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(result).__name__)
    return letters.strip().capitalize()


def _figure(result: Result) -> Figure | None:
    if isinstance(result, RocCurve):
        return _roc(result)
    if isinstance(result, StandaloneComparison):
        readers = zip(result.readers, result.reader_estimates, strict=True)
        lines = [forest_line(f"reader {name}", estimate) for name, estimate in readers]
        lines += [
            forest_line("mean reader", result.mean_reader, bold=True),
            forest_line("system", result.system, bold=True),
        ]
        return forest_figure(lines, x=_metric(result.metric))
    if isinstance(result, ReaderComparison):
        lines = []
        for test, mean, own in zip(result.tests, result.test_estimates, result.reader_estimates, strict=True):
            readers = zip(result.readers, own, strict=True)
            lines += [forest_line(str(test)), *(forest_line(f"reader {name}", one) for name, one in readers if one.n)]
            lines.append(forest_line("mean of readers", mean, bold=True))
        return forest_figure(lines, x=_metric(result.metric))
    return None


def _metric(name: str) -> str:
    return "AUC" if name == "auc" else name.capitalize()


def _roc(curve: RocCurve) -> Figure:
    banded = bool(np.isfinite(curve.low).all())
    line = Curve(
        name="ROC curve",
        x=tuple((1 - curve.specificity).tolist()),
        y=tuple(curve.sensitivity.tolist()),
        low=tuple(curve.low.tolist()) if banded else None,
        high=tuple(curve.high.tolist()) if banded else None,
    )
    panel = LinePanel(curves=(line,), x="1 \N{MINUS SIGN} specificity", y="Sensitivity", square=True)
    return Figure(name="roc", caption=str(curve), drawing=Lines(panels=(panel,)))
