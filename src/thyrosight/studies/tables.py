"""The study's tables as CSV, for those who make their own."""

from pathlib import Path

from thyrosight.studies.result import MEASURES, NetworkResult, StudyResult
from thyrosight.studies.writing import write_rows


def write_tables(result: StudyResult, folder: Path) -> None:
    """Write means.csv, pooled.csv, divisions.csv, comparisons.csv and, where there are any, regions.csv.

    Every row carries the label source and the kind of split, because tables travel without their report.
    """
    tables = {
        "means": [row for network in result.networks for row in _means(network)],
        "pooled": [row for network in result.networks for row in _pooled(network)],
        "divisions": [row for network in result.networks for row in _divisions(network)],
        "comparisons": [
            {"network": network.title, "main": result.main.title, **network.against_main.model_dump()}
            for network in result.networks
            if network.against_main
        ],
        "regions": [
            region.model_dump(exclude={"benign", "malignant"})
            for region in (result.explanations.regions if result.explanations else [])
        ],
    }
    own = {"labels": " and ".join(result.label_sources), "split": result.split_kind}
    for name, rows in tables.items():
        if rows:
            write_rows([row | own for row in rows], folder / f"{name}.csv")


def _means(network: NetworkResult) -> list[dict[str, object]]:
    start = {"network": network.title, "start": network.start}
    return [start | {"measure": MEASURES[name]} | item.model_dump() for name, item in network.mean.items()]


def _pooled(network: NetworkResult) -> list[dict[str, object]]:
    return [
        {"network": network.title, "measure": MEASURES[name]} | item.model_dump()
        for name, item in network.pooled.items()
    ]


def _divisions(network: NetworkResult) -> list[dict[str, object]]:
    rows = []
    for division in network.divisions:
        facts = division.model_dump(exclude={"measures"})
        for name, item in division.measures.items():
            rows.append({"network": network.title} | facts | {"measure": MEASURES[name]} | item.model_dump())
    return rows
