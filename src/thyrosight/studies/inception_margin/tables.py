"""The tables of a study of crop margins as CSV, for those who make their own."""

from pathlib import Path
from typing import Any

from thyrosight.studies.inception_margin.feature_errors import FeatureErrors
from thyrosight.studies.inception_margin.result import ExternalResult, InceptionMarginResult, Tried
from thyrosight.studies.result import MEASURES
from thyrosight.studies.writing import write_rows

Rows = list[dict[str, Any]]


def write_tables(result: InceptionMarginResult, folder: Path) -> None:
    """Write table-1.csv (margins, input sizes, shapes), comparisons.csv, size-groups.csv, external.csv, and where
    features are known table-2.csv and table-3.csv. Every row carries the label source and the kind of split."""
    every = {"margin": result.margins, "input size": result.sizes, "shape": result.shapes}
    tables: dict[str, Rows] = {
        "table-1": [row for varied, rows in every.items() for item in rows for row in _measures(varied, item)],
        "comparisons": [row for varied, rows in every.items() for item in rows for row in _comparisons(varied, item)],
        "size-groups": [
            {"group": group.name, "chosen": group.chosen, "configuration": which, "measure": MEASURES[name]}
            | item.model_dump()
            for group in result.size_groups
            for which, found in (("chosen", group.measures), ("main", group.main_measures))
            for name, item in found.items()
        ],
        "external": [
            {"set": outside.name, "measure": MEASURES[name]} | item.model_dump() | _source(outside)
            for outside in result.external
            for name, item in outside.measures.items()
        ],
        **(_features(result.features) if result.features else {}),
    }
    own = {"labels": " and ".join(result.label_sources), "split": result.split_kind}
    for name, rows in tables.items():
        if rows:
            write_rows([row if "labels" in row else row | own for row in rows], folder / f"{name}.csv")


def _source(outside: ExternalResult) -> dict[str, str]:
    """Where an external set's labels come from: not from where the study's own do."""
    return {"labels": " and ".join(outside.label_sources), "split": "external set"}


def _head(varied: str, item: Tried) -> dict[str, Any]:
    head = {"varied": varied, "margin": item.margin, "size": item.size, "shape": item.shape, "trained": item.trained}
    return head | {"main": item.main, "validation_auc": item.validation_auc}


def _measures(varied: str, item: Tried) -> Rows:
    return [
        _head(varied, item) | {"measure": MEASURES[name]} | found.model_dump() for name, found in item.measures.items()
    ]


def _comparisons(varied: str, item: Tried) -> Rows:
    return [_head(varied, item) | found.model_dump() for found in item.against_main]


def _features(found: FeatureErrors) -> dict[str, Rows]:
    tests = [test.model_dump(exclude={"levels"}) | level.model_dump() for test in found.tests for level in test.levels]
    odds = []
    for row in found.odds:
        cells = {
            f"{column}_{name}": value
            for column in ("univariate", "multivariate")
            for name, value in (getattr(row, column).model_dump() if getattr(row, column) else {}).items()
        }
        odds.append(row.model_dump(exclude={"univariate", "multivariate"}) | cells)
    return {"table-2": tests, "table-3": odds}
