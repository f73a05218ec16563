"""A folder with one subfolder per class: benign and malignant."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from thyrosight.cohort.columns import LABEL_SOURCES, LABELS
from thyrosight.cohort.sources.base import Option, Source, SourceTable, image_files, subfolder
from thyrosight.errors import CohortError


def _recognises(path: Path) -> bool:
    return all(subfolder(path, label) is not None for label in LABELS)


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    rows: list[dict[str, str]] = []
    for label in LABELS:
        folder = subfolder(path, label)
        if folder is None:
            raise CohortError(f"{path}: there is no folder {label}; put the images into folders benign and malignant.")
        images = image_files(folder)
        if not images:
            raise CohortError(f"{folder} holds no image; put the {label} images there.")
        rows += [{"key": f"{label}/{image.stem}", "image": str(image.resolve()), "label": label} for image in images]
    table = pd.DataFrame(rows, dtype=object)
    table["label_source"] = options["label-source"]
    table.index = pd.Index(table["key"])
    notes = ("patients are unknown: groups come from near-duplicate detection alone",)
    return SourceTable(table, notes=notes, label_policy="the folder an image lies in")


SOURCE = Source(
    name="folders",
    title="one folder per class",
    looks_for="a folder with subfolders benign and malignant",
    recognises=_recognises,
    read=_read,
    options={"label-source": Option("unstated", "source of the labels", allowed=LABEL_SOURCES)},
)
