"""The tables of a study of outlines and classes as CSV, for those who make their own."""

from pathlib import Path
from typing import Any

from thyrosight.studies.writing import write_rows
from thyrosight.studies.ynet.result import ReportReader, TaskResult, YNetResult

Rows = list[dict[str, Any]]


def write_tables(result: YNetResult, folder: Path) -> None:
    """Write table-3.csv (pooled and as means, the report among them), outlines.csv, joint-or-alone.csv,
    comparisons.csv, baseline.csv, table-2.csv and report-against-networks.csv, as far as there is something to write.
    Every row carries the label source and the kind of split."""
    tables: dict[str, Rows] = {
        "table-3": [row for network in result.networks for row in _classes(network)] + _report(result.report),
        "outlines": [row for network in result.networks for row in _outlines(network)],
        "joint-or-alone": [effect.model_dump() for effect in result.effects],
        "comparisons": [
            {"network": network.title} | one.model_dump() for network in result.networks for one in network.against_main
        ],
        "baseline": [_flat(line.model_dump()) for line in result.baseline],
        "table-2": [level.model_dump() for level in result.levels],
        "report-against-networks": [one.model_dump() for one in result.report.comparisons] if result.report else [],
    }
    own = {"labels": " and ".join(result.label_sources), "split": result.split_kind}
    for name, rows in tables.items():
        if rows:
            write_rows([row | own for row in rows], folder / f"{name}.csv")


def _classes(network: TaskResult) -> Rows:
    head = {"row": network.title, "start": network.start}
    pooled = [
        head | {"summed up": "pooled", "measure": name} | found.model_dump() for name, found in network.pooled.items()
    ]
    means = [
        head | {"summed up": "mean over divisions", "measure": name} | found.model_dump()
        for name, found in network.means.items()
    ]
    return pooled + means


def _report(report: ReportReader | None) -> Rows:
    if report is None:
        return []
    ways = {
        "undecided left out": report.decided,
        "undecided as wrong": report.undecided_wrong,
        "undecided as right": report.undecided_right,
    }
    return [
        {"row": "original report", "start": "", "summed up": way, "measure": name} | measure.model_dump()
        for way, found in ways.items()
        for name, measure in found.items()
    ]


def _outlines(network: TaskResult) -> Rows:
    found = network.outlines
    if found is None:
        return []
    plain = found.model_dump(exclude={"points"})
    return [{"network": network.title, "start": network.start, "parameters": network.parameters} | _flat(plain)]


def _flat(value: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested entries side by side.

    >>> _flat({"n": 3, "dice": {"low": 0.1}})
    {'n': 3, 'dice_low': 0.1}
    """
    row: dict[str, Any] = {}
    for name, item in value.items():
        row |= _flat(item, f"{above}{name}_") if isinstance(item, dict) else {above + name: item}
    return row
