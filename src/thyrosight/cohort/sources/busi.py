"""BUSI (Al-Dhabyani and colleagues 2020): breast ultrasound in folders benign, malignant and normal, with masks."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from thyrosight.cohort.sources.base import Source, SourceTable, subfolder
from thyrosight.cohort.sources.folders import NOTE, OPTIONS, class_rows, class_table
from thyrosight.cohort.table import Exclusion

_TOP = "Dataset_BUSI_with_GT"  # the folder inside the published archive
_CLASSES = ("benign", "malignant", "normal")


def _root(path: Path) -> Path | None:
    for root in (path, path / _TOP):
        folders = [subfolder(root, name) for name in _CLASSES]
        if all(folder is not None and next(folder.glob("*_mask*"), None) is not None for folder in folders[:2]):
            return root if folders[2] is not None else None
    return None


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    root = _root(path) or path
    normal = class_rows(root, "normal")
    left_out = pd.DataFrame(
        {
            "key": [row["key"] for row in normal],
            "image": [row["image"] for row in normal],
            "patient_id": ["unknown"] * len(normal),
            "label": ["normal"] * len(normal),
        }
    )
    return SourceTable(
        class_table(root, options["label-source"]),
        exclusions=(Exclusion.of("no lesion (folder normal)", [row["key"] for row in normal]),),
        notes=(NOTE, "images of the breast, not of the thyroid"),
        label_policy="the folder an image lies in",
        left_out=left_out,
    )


SOURCE = Source(
    name="busi",
    title="BUSI breast ultrasound",
    looks_for="folders benign, malignant and normal with masks name_mask.png (also inside Dataset_BUSI_with_GT)",
    recognises=lambda path: path.is_dir() and _root(path) is not None,
    read=_read,
    options=OPTIONS,
)
