"""DDTI as published: one XML file per case with outlines of the nodules, beside its frames N_k.jpg."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from thyrosight.cohort.sources.base import Option, Source, SourceTable, image_files
from thyrosight.cohort.sources.ddti import NOTES, select_rated
from thyrosight.cohort.sources.ddti_words import CALCIFICATION, COMPOSITION, ECHOGENICITY, MARGIN, SEX, in_our_words
from thyrosight.cohort.sources.tirads_labels import OPTIONS, policy
from thyrosight.cohort.sources.xml_files import read_xml, text_of
from thyrosight.cohort.table import Exclusion
from thyrosight.errors import CohortError, ImageError
from thyrosight.files import parse_json, write_atomically
from thyrosight.imaging import Box, read_frame

_FRAME: Final = re.compile(r"(?P<case>\d+)_(?P<number>\d+)", re.IGNORECASE)
_WRITTEN_IN: Final = (
    "in some frames a category is written below the scan, at times another than the case's; the scan area of a "
    "preparation leaves it out, so do not switch that off"
)
Outline = list[tuple[float, float]]


def _recognises(path: Path) -> bool:
    if not path.is_dir():
        return False
    cases = {file.stem for file in path.glob("*.xml") if file.stem.isdigit()}
    found = (_FRAME.fullmatch(file.stem) for file in image_files(path))
    return bool(cases) and any(frame is not None and frame["case"] in cases for frame in found)


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    cases = {file.stem: read_xml(file) for file in sorted(path.glob("*.xml")) if file.stem.isdigit()}
    rows, orphans = [], []
    for image in image_files(path):
        name = _FRAME.fullmatch(image.stem)
        if name is None:
            continue
        if name["case"] not in cases:
            orphans.append(image)
            continue
        rows.append(_row(image, name["case"], name["number"], cases[name["case"]], masks=options["masks"]))
    if not rows:
        raise CohortError(f"{path}: no frame N_k.jpg beside an N.xml was found.")
    everything = pd.DataFrame(rows, dtype=object).fillna("")
    everything.index = pd.Index(everything["key"])
    rated, exclusions = select_rated(everything.assign(image=everything["key"], path=everything["image"]), options)
    table = rated.assign(image=rated["path"], label_source="TI-RADS").drop(columns="path")
    if not options["masks"]:
        table = table.drop(columns="mask")
    if orphans:
        exclusions = (*exclusions, Exclusion.of("no XML file of the case", [image.stem for image in orphans]))
    unused = everything[~everything["key"].isin(table["key"])]
    return SourceTable(
        table, exclusions, (*NOTES, _WRITTEN_IN), policy(options), unused[["key", "image", "patient_id"]]
    )


def _row(image: Path, case: str, number: str, root: ElementTree.Element, *, masks: str) -> dict[str, Any]:
    outlines = _outlines(root, number)
    row = {
        "key": image.stem,
        "image": str(image.resolve()),
        "patient_id": case,
        "tirads": text_of(root, "tirads").lower(),
        "age": text_of(root, "age"),
        "sex": in_our_words(text_of(root, "sex"), SEX),
        "composition": in_our_words(text_of(root, "composition"), COMPOSITION),
        "echogenicity": in_our_words(text_of(root, "echogenicity"), ECHOGENICITY),
        "margin": in_our_words(text_of(root, "margins"), MARGIN),
        "calcification": in_our_words(text_of(root, "calcifications"), CALCIFICATION),
        "report_text": "\n".join(filter(None, (text_of(root, "reporteco"), text_of(root, "reportbacaf")))),
        "box": "",
        "mask": "",
    }
    shape = _shape(image) if outlines else None
    if shape is None:
        return row
    mask = _filled(outlines, shape)
    if mask.any():
        row["box"] = Box.from_mask(mask).to_text()
        if masks:
            row["mask"] = str(_written(mask, Path(masks) / f"{image.stem}.png"))
    return row


def _outlines(root: ElementTree.Element, number: str) -> list[Outline]:
    """The outlines drawn in one frame of a case; marks without points are skipped."""
    outlines: list[Outline] = []
    for mark in root.findall("mark"):
        if text_of(mark, "image") != number:
            continue
        try:
            regions = parse_json(text_of(mark, "svg") or "[]")
            found = [[(float(point["x"]), float(point["y"])) for point in region["points"]] for region in regions]
        except (ValueError, TypeError, KeyError, OverflowError):
            continue  # a frame whose outline cannot be read has no box, and is used
        outlines += [outline for outline in found if len(outline) >= 3]
    return outlines


def _shape(image: Path) -> tuple[int, int] | None:
    """Rows and columns, or None if the image cannot be read (the file check gives the reason)."""
    try:
        frame = read_frame(image)
    except ImageError:
        return None
    return frame.rows, frame.columns


def _filled(outlines: list[Outline], shape: tuple[int, int]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    picture = Image.new("L", (shape[1], shape[0]))
    for outline in outlines:
        ImageDraw.Draw(picture).polygon(outline, fill=255)
    return np.asarray(picture) > 0


def _written(mask: "np.ndarray[Any, np.dtype[np.bool_]]", path: Path) -> Path:
    with write_atomically(path) as temporary:
        Image.fromarray((mask * 255).astype(np.uint8)).save(temporary, format="PNG")
    return path.resolve()


SOURCE = Source(
    name="ddti-published",
    title="DDTI as published (XML outlines)",
    looks_for="case files N.xml beside frames N_k.jpg",
    recognises=_recognises,
    read=_read,
    options={
        **OPTIONS,
        "masks": Option("", "folder to write the outlines to as mask pictures; without it only boxes are made"),
    },
)
