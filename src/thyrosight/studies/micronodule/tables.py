"""The tables of a micronodule study as CSV, for those who make their own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from thyrosight.studies.micronodule.result import Analysis, Diagnosis, MicronoduleResult, SizeLine, TestSet
from thyrosight.studies.writing import write_rows

Row = dict[str, Any]


def write_tables(result: MicronoduleResult, folder: Path) -> None:
    """Write the tables of the report into `folder`; a table without rows is not written.

    Every row names the set, the subgroup, the label source and the kind of split, because tables travel alone.
    """
    every = [(found, part) for found in result.sets for part in (found.analysis, *found.subgroups)]
    tables = {
        "characteristics": [row for found, part in every for row in _characteristics(found, part)],
        "sizes": [_start(found) | _size_line(line) for found in result.sets for line in found.by_size],
        "diagnosis": [row for found, part in every for row in _diagnosis(found, part)],
        "differences": [row for found, part in every for row in _differences(found, part)],
        "categories": [row for found, part in every for row in _categories(found, part)],
        "categorisation": [row for found, part in every for row in _categorisation(found, part)],
        "networks": [row for found in result.sets for row in _networks(found)],
    }
    for name, rows in tables.items():
        path = folder / f"{name}.csv"
        if rows:
            write_rows(rows, path)
        else:
            path.unlink(missing_ok=True)  # a table of an earlier run must not stand beside other results


def _start(found: TestSet, part: Analysis | None = None) -> Row:
    start: Row = {
        "set": found.name,
        "labels": " and ".join(found.label_sources),
        "split": "external set" if found.external else found.split_kind,
    }
    return start if part is None else start | {"nodules": part.name, "n": part.n}


def _characteristics(found: TestSet, part: Analysis) -> Iterable[Row]:
    for line in part.characteristics:
        row = _start(found, part) | {"characteristic": line.name, "level": line.level, "p": line.p, "test": line.method}
        for label, item in (("malignant", line.malignant), ("benign", line.benign)):
            if item is not None:
                row |= {f"{label}_{name}": value for name, value in item.model_dump().items()}
        if line.rate is not None:
            row |= {
                "rate": line.rate.value,
                "rate_se": line.rate.se,
                "rate_low": line.rate.low,
                "rate_high": line.rate.high,
            }
        yield row


def _size_line(line: SizeLine) -> Row:
    row: Row = {"characteristic": line.name, "level": line.level, "p": line.p, "test": line.method}
    for name, item in (("small", line.small), ("large", line.large)):
        if item is not None:
            row |= {f"{name}_{key}": value for key, value in item.model_dump().items()}
    return row


def _diagnosis(found: TestSet, part: Analysis) -> Iterable[Row]:
    tables: list[tuple[str, Diagnosis]] = [("all", part.network)] if part.network else []
    for reader in part.readers:
        tables += [(f"read by {reader.reader}", item) for item in (reader.network, reader.radiologist) if item]
    for among, item in tables:
        facts = _start(found, part) | {
            "among": among,
            "rater": item.rater,
            "cut_off": item.threshold_text,
            "chosen_on": item.chosen_on,
        }
        for name, measure in item.measures.items():
            yield facts | {"measure": name} | item.counts.model_dump() | measure.model_dump()


def _differences(found: TestSet, part: Analysis) -> Iterable[Row]:
    for reader in part.readers:
        for line in reader.differences:
            yield _start(found, part) | {"reader": reader.reader} | line.model_dump()


def _categories(found: TestSet, part: Analysis) -> Iterable[Row]:
    for system in part.categories:
        for line in system.lines:
            rate = {
                f"rate_{name}": value for name, value in line.rate.model_dump(include={"value", "low", "high"}).items()
            }
            yield (
                _start(found, part)
                | {
                    "system": system.name,
                    "category": line.name,
                    "malignant": line.malignant,
                    "total": line.total,
                }
                | rate
            )


def _categorisation(found: TestSet, part: Analysis) -> Iterable[Row]:
    against = {line.b: line for line in part.category_differences}
    for system in part.categories:
        row = _start(found, part) | system.model_dump(exclude={"lines"})
        if system.name in against:
            line = against[system.name]
            row |= {
                "cnn_minus_this_aic": line.difference.value,
                "low": line.difference.low,
                "high": line.difference.high,
                "p": line.p,
            }
        yield row


def _networks(found: TestSet) -> Iterable[Row]:
    for network in found.networks:
        for name, measure in network.measures.items():
            yield _start(found) | {"network": network.title, "measure": name} | measure.model_dump()
