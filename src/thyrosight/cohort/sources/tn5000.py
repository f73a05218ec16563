"""TN5000: thyroid nodules as Pascal VOC (JPEGImages, Annotations) with its published training and test lists."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pandas as pd

from thyrosight.cohort.columns import LABEL_SOURCES, UNKNOWN
from thyrosight.cohort.sources.base import Option, Source, SourceTable, image_files, subfolder
from thyrosight.cohort.sources.folders import NOTE
from thyrosight.cohort.sources.xml_files import read_xml, text_of
from thyrosight.cohort.table import Exclusion
from thyrosight.errors import CohortError

_LABELS: Final = {"0": "benign", "1": "malignant", "benign": "benign", "malignant": "malignant"}
_LISTS: Final = ("train", "val", "test")
_TOP: Final = "TN5000_forReview"  # the folder inside the published archive, sometimes twice


def _root(path: Path) -> Path | None:
    for root in (path, path / _TOP, path / _TOP / _TOP):
        if subfolder(root, "JPEGImages") is not None and subfolder(root, "Annotations") is not None:
            return root
    return None


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    root = _root(path)
    images = subfolder(root, "JPEGImages") if root else None
    annotations = subfolder(root, "Annotations") if root else None
    if root is None or images is None or annotations is None:
        raise CohortError(f"{path}: folders JPEGImages and Annotations were not found.")
    part_of = _published_parts(root)
    rows: list[dict[str, str]] = []
    out: dict[str, list[Path]] = {}
    for image in image_files(images):
        file = annotations / f"{image.stem}.xml"
        found = _nodules(read_xml(file)) if file.is_file() else None
        reason = _why_left_out(found)
        if found is None or reason:
            out.setdefault(reason, []).append(image)
            continue
        box, labels = found
        row = {"key": image.stem, "image": str(image.resolve()), "label": labels[0], "box": box}
        rows.append({**row, "published_part": part_of.get(image.stem, "")})
    table = pd.DataFrame(rows, columns=["key", "image", "label", "box", "published_part"], dtype=object)
    table.index = pd.Index(table["key"])
    table["label_source"] = options["label-source"]
    unused = [image for images_out in out.values() for image in images_out]
    left_out = pd.DataFrame(
        {
            "key": [image.stem for image in unused],
            "image": [str(image.resolve()) for image in unused],
            "patient_id": [UNKNOWN] * len(unused),
        }
    )
    exclusions = tuple(Exclusion.of(why, [image.stem for image in found]) for why, found in out.items())
    return SourceTable(table, exclusions, (NOTE,), "class of the annotated nodule: 0 benign, 1 malignant", left_out)


def _why_left_out(found: "tuple[str, tuple[str, ...]] | None") -> str:
    if found is None:
        return "no annotation"
    return "benign and malignant nodules in one image" if len(set(found[1])) > 1 else ""


def _published_parts(root: Path) -> dict[str, str]:
    """The published part (train, val, test) of each image; empty if the lists are missing."""
    sets = subfolder(root, "ImageSets")
    folder = subfolder(sets, "Main") if sets else None
    part_of: dict[str, str] = {}
    for part in _LISTS if folder else ():
        file = folder / f"{part}.txt" if folder else root
        for line in file.read_text(encoding="utf-8-sig").splitlines() if file.is_file() else ():
            if line.strip():
                part_of[line.split()[0]] = part
    return part_of


def _nodules(root: ElementTree.Element) -> tuple[str, tuple[str, ...]] | None:
    """The box around all nodules and the label of each; None if nothing is annotated.

    Pascal VOC counts pixels from 1 and includes the last one, so that only the upper left corner moves by one.
    """
    corners: list[tuple[int, int, int, int]] = []
    labels: list[str] = []
    for item in root.findall("object"):
        name = text_of(item, "name")
        labels.append(_LABELS.get(name.casefold(), name))
        box = item.find("bndbox")
        try:
            left, top, right, bottom = (
                round(float(text_of(box, side))) if box is not None else 0 for side in ("xmin", "ymin", "xmax", "ymax")
            )
        except ValueError:
            left, top, right, bottom = 0, 0, 0, 0  # the schema check names the row
        corners.append((max(left - 1, 0), max(top - 1, 0), right, bottom))
    if not corners:
        return None
    lefts, tops, rights, bottoms = zip(*corners, strict=True)
    return f"{min(lefts)},{min(tops)},{max(rights)},{max(bottoms)}", tuple(labels)


SOURCE = Source(
    name="tn5000",
    title="TN5000 thyroid nodules (Pascal VOC)",
    looks_for="folders JPEGImages and Annotations (also inside TN5000_forReview)",
    recognises=lambda path: path.is_dir() and _root(path) is not None,
    read=_read,
    options={"label-source": Option("unstated", "source of the labels", allowed=LABEL_SOURCES)},
)
