"""The tables of a study of fusion as CSV, for those who make their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thyrosight.studies.elasticity_fusion.result import ElasticityFusionResult, HiddenRow, Row
from thyrosight.studies.writing import write_rows

Lines = list[dict[str, Any]]


def write_tables(result: ElasticityFusionResult, folder: Path) -> None:
    """Write plain-networks.csv (Tables I and II), freeze-depths.csv (III and V), best-depths.csv, parts.csv (IV),
    methods.csv (VI), hidden.csv, comparisons.csv and cost.csv. Every row carries the label source, the kind of split
    and what the second image is."""
    every: dict[str, Sequence[Row]] = {
        **{f"plain {shown}": rows for shown, rows in result.plain.items()},
        **{f"depths {shown}": rows for shown, rows in result.depths.items()},
        "methods": result.methods,
    }
    tables: dict[str, Lines] = {
        "plain-networks": [line for rows in result.plain.values() for row in rows for line in _measures(row)],
        "freeze-depths": [line for rows in result.depths.values() for row in rows for line in _measures(row)],
        "methods": [line for row in result.methods for line in _measures(row)],
        "hidden": [line for row in result.hidden for line in _hidden(row)],
        "comparisons": [
            {"table": table, "name": row.name, "title": row.title} | found.model_dump()
            for table, rows in every.items()
            for row in rows
            for found in row.against
        ],
        "best-depths": [
            {"input": item.input, "depth": int(depth), "best": int(depth) == item.depth}
            | {"share_of_draws": share, "best_in_folds": item.best_in_folds[depth]}
            | {"likely": int(depth) in item.likely}
            for item in result.best
            for depth, share in item.share_of_draws.items()
        ],
        "parts": [item.model_dump() for item in result.parts],
        "cost": [row.model_dump() for row in result.cost.rows] if result.cost else [],
    }
    source = {"labels": " and ".join(result.label_sources), "split": result.split_kind, "second": result.second_name}
    for name, lines in tables.items():
        if lines:
            write_rows([line | source for line in lines], folder / f"{name}.csv")


_READINGS = ("mean", "per_nodule")


def _measures(row: Row) -> Lines:
    head = row.model_dump(include={"name", "title", "input", "head", "architecture", "depth", "start", "main"})
    lines = [
        head | {"unit": "image" if reading == "mean" else "nodule", "part": "test", "measure": name} | item.model_dump()
        for reading in _READINGS
        for name, item in getattr(row, reading).items()
    ]
    validation = {"unit": "image", "part": "validation", "measure": "auc, uncalibrated"}
    return [*lines, head | validation | row.validation_auc.model_dump()]


def _hidden(row: HiddenRow) -> Lines:
    head = {"name": row.name, "title": row.title, "hidden": row.hidden}
    return [head | {"measure": name} | item.model_dump() for name, item in row.mean.items()]
