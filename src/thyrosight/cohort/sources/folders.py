"""A folder with one subfolder per class: benign and malignant."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from thyrosight.cohort.columns import LABEL_SOURCES, LABELS
from thyrosight.cohort.sources import lesion_masks
from thyrosight.cohort.sources.base import Option, Source, SourceTable, image_files, subfolder
from thyrosight.errors import CohortError

NOTE = "patients are unknown: groups come from near-duplicate detection alone"
OPTIONS = {"label-source": Option("unstated", "source of the labels", allowed=LABEL_SOURCES)}


def _recognises(path: Path) -> bool:
    return all(subfolder(path, label) is not None for label in LABELS)


def class_rows(path: Path, name: str) -> list[dict[str, str]]:
    """Key, image and masks of every image in the subfolder `name` of `path`.

    Raises:
        CohortError: the folder does not exist or holds no image.
    """
    folder = subfolder(path, name)
    if folder is None:
        raise CohortError(f"{path}: there is no folder {name}; put the images into folders {' and '.join(LABELS)}.")
    images, masks = lesion_masks.apart(image_files(folder))
    if not images:
        raise CohortError(f"{folder} holds no image; put the {name} images there.")
    return [
        {
            "key": f"{name}/{image.stem}",
            "image": str(image.resolve()),
            "mask": "|".join(str(mask.resolve()) for mask in masks.get(image, [])),
        }
        for image in images
    ]


def class_table(path: Path, label_source: str) -> pd.DataFrame:
    """One row per image of the folders benign and malignant; a repeated key (a.png, a.jpg) gets the suffix."""
    rows = [{**row, "label": label} for label in LABELS for row in class_rows(path, label)]
    table = pd.DataFrame(rows, dtype=object)
    twice = table["key"].duplicated(keep=False)
    table.loc[twice, "key"] += table.loc[twice, "image"].map(lambda image: Path(image).suffix)
    table["label_source"] = label_source
    if (table["mask"] == "").all():
        table = table.drop(columns="mask")
    table.index = pd.Index(table["key"])
    return table


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    table = class_table(path, options["label-source"])
    return SourceTable(table, notes=(NOTE,), label_policy="the folder an image lies in")


SOURCE = Source(
    name="folders",
    title="one folder per class",
    looks_for="a folder with subfolders benign and malignant (masks, if any, as name_mask.png beside the image)",
    recognises=_recognises,
    read=_read,
    options=OPTIONS,
)
