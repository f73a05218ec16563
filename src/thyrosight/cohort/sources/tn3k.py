"""TN3K (Gong and colleagues 2021) with the labels of its classification release: image, mask and label4*.csv.

The labels come from cytology, as their publication says (Gong and colleagues 2022, "Less is more: adaptive curriculum
learning for thyroid nodule diagnosis").
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from thyrosight.cohort.columns import LABEL_SOURCES, UNKNOWN
from thyrosight.cohort.sources.base import (
    Option,
    Source,
    SourceTable,
    image_files,
    natural_order,
    read_delimited,
    subfolder,
)
from thyrosight.cohort.sources.folders import NOTE
from thyrosight.cohort.table import Exclusion
from thyrosight.errors import CohortError

_LABELS: Final = {"0": "benign", "1": "malignant"}


def _parts(path: Path) -> dict[str, Path]:
    """The label file of each published part, by the part's name (trainval, test)."""
    if not path.is_dir():
        return {}
    files = sorted(path.glob("label4*.csv"))
    found = {file.stem.removeprefix("label4"): file for file in files}
    return {part: file for part, file in found.items() if part and subfolder(path, f"{part}-image") is not None}


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    parts = _parts(path)
    if not parts:
        raise CohortError(f"{path}: no pair label4<part>.csv and folder <part>-image was found.")
    tables, unlabelled = [], []
    for part, file in parts.items():
        listed = _part_table(path, part, file)
        tables.append(listed)
        folder = subfolder(path, f"{part}-image")
        present = image_files(folder) if folder else []
        names = set(listed["image"].map(lambda image: Path(image).name))
        unlabelled += [(f"{part}/{image.stem}", image) for image in present if image.name not in names]
    table = pd.concat(tables)
    table["label_source"] = options["label-source"]
    left_out = pd.DataFrame(
        {
            "key": [key for key, _ in unlabelled],
            "image": [str(image.resolve()) for _, image in unlabelled],
            "patient_id": [UNKNOWN] * len(unlabelled),
        }
    )
    exclusions = (Exclusion.of("no label in label4*.csv", left_out["key"].tolist()),) if unlabelled else ()
    return SourceTable(table, exclusions, (NOTE,), "label4*.csv: 0 benign, 1 malignant", left_out)


def _part_table(path: Path, part: str, file: Path) -> pd.DataFrame:
    """The listed images of one part; a header row is recognised by its second cell."""
    cells = read_delimited(file, header=False)
    if cells.shape[1] < 2:
        raise CohortError(f"{file}: expected two columns, the image's name and its label (0 or 1).")
    if cells.iloc[0, 1] not in _LABELS:
        cells = cells.iloc[1:]
    cells = cells.iloc[sorted(range(len(cells)), key=lambda row: natural_order(Path(str(cells.iloc[row, 0]))))]
    images, masks = subfolder(path, f"{part}-image"), subfolder(path, f"{part}-mask")
    assert images is not None  # found by _parts
    names = [name if Path(name).suffix else f"{name}.jpg" for name in cells.iloc[:, 0]]
    table = pd.DataFrame(index=[f"{file.name} row {row}" for row in cells.index])
    table["key"] = [f"{part}/{Path(name).stem}" for name in names]
    table["image"] = [str((images / name).resolve()) for name in names]
    mask_of = {mask.stem: str(mask.resolve()) for mask in image_files(masks)} if masks else {}
    table["mask"] = [mask_of.get(Path(name).stem, "") for name in names]
    table["label"] = [_LABELS.get(cell, cell) for cell in cells.iloc[:, 1]]
    table["published_part"] = part
    return table


SOURCE = Source(
    name="tn3k",
    title="TN3K thyroid nodules with labels",
    looks_for="label4trainval.csv or label4test.csv beside trainval-image and trainval-mask, test-image and test-mask",
    recognises=lambda path: bool(_parts(path)),
    read=_read,
    options={"label-source": Option("cytology", "source of the labels", allowed=LABEL_SOURCES)},
)
