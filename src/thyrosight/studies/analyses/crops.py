"""Crops of a nodule, square and rectangular and with several margins."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort import Cohort, nodule_box
from thyrosight.documents import Figure, drawings
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Margin, Preparation, read_frame
from thyrosight.imaging.crops import Shape, crop_window

Pictures = dict[str, NDArray[Any]]
_MOST = 100
"""Images of each class that are looked at for a good example."""
_LARGEST_SHARE = 0.15
"""Share of the frame up to which a nodule still has surroundings to show."""
SHAPES: dict[Shape, str] = {
    "square": "the smallest square that holds the nodule with its margin; it keeps the nodule's shape",
    "width square": "as wide as the nodule with its margin, and as high: it keeps the nodule's shape, and a nodule "
    "taller than that is cut above and below",
    "rectangle": "the nodule with its margin, stretched to a square: it changes the nodule's shape",
}
"""Shapes of a crop, described in words."""


def crop_examples(
    cohort: Cohort,
    preparation: Preparation,
    margins: Sequence[float],
    *,
    shapes: Sequence[Shape] = ("square", "rectangle"),
    named: str = "",
) -> tuple[list[Figure], Pictures]:
    """One nodule of each class whose box is far from square, and its crops; shapes beside each other are of one that a
    `width square` cuts, where there is one.

    Args:
        margins: shown, in the unit of `preparation.margin`.
        shapes: shown beside each other at the margin of `preparation`.
        named: stands in the caption, for example figures of a paper.

    Returns:
        The figures, and the pixels that they name.
    """
    figures: list[Figure] = []
    pictures: Pictures = {}
    for label in ("benign", "malignant"):
        row = _elongated(cohort.table[cohort.table["label"] == label].head(_MOST))
        if row is None:
            continue
        if not figures:
            tall = _elongated(cohort.table.head(_MOST), tall=True) if "width square" in shapes else None
            windows, pixels = _windows(row if tall is None else tall, preparation, shapes, named=named)
            figures.append(windows)
            pictures |= pixels
        grid, pixels = _grid(row, preparation, margins)
        figures.append(grid)
        pictures |= pixels
    return figures, pictures


def cut_nodules(
    table: pd.DataFrame, preparation: Preparation, margins: Sequence[float]
) -> tuple[int, dict[float, int]]:
    """How many nodules a `width square` cuts above and below.

    Args:
        table: of images; those without a known box are passed over, and so are those whose pictures cannot be read.
        preparation: gives the unit of the margin.
        margins: in that unit.

    Returns:
        How many images have a box, and how many of these are cut at each margin.
    """
    cut, boxed = dict.fromkeys(margins, 0), 0
    for _, row in table.iterrows():
        try:
            box = nodule_box(row)
            spacing = _spacing(row, box) if box is not None and preparation.margin.unit == "millimetres" else None
        except ImageError:
            continue
        if box is None:
            continue
        boxed += 1
        for margin in margins:
            around = Margin(value=margin, unit=preparation.margin.unit).in_pixels(box, spacing)
            cut[margin] += crop_window(box, around, "width square").height < box.height
    return boxed, cut


def _spacing(row: "pd.Series[Any]", box: Box) -> tuple[float, float] | None:
    return read_frame(row["image"]).spacing_at(box)[0]


def _elongated(rows: pd.DataFrame, *, tall: bool = False) -> "pd.Series[Any] | None":
    """The row whose box has sides of the most unlike length (at most two to one) among nodules that leave room around
    them; without such a nodule the first one that has a box.

    Args:
        tall: the largest of those that are a tenth taller than wide; None without one.
    """
    best: tuple[float, pd.Series[Any]] | None = None
    first: pd.Series[Any] | None = None
    for _, row in rows.iterrows():
        try:
            box = nodule_box(row)
            frame = read_frame(row["image"]).box
        except ImageError:
            continue
        if box is None:
            continue
        first = row if first is None else first
        ratio = max(box.width, box.height) / min(box.width, box.height)
        roomy = box.area <= _LARGEST_SHARE * frame.area
        merit = box.area if tall else ratio
        if roomy and ratio <= 2 and (not tall or box.height > 1.1 * box.width) and (best is None or merit > best[0]):
            best = merit, row
    if best is not None:
        return best[1]
    return None if tall else first


def _windows(
    row: "pd.Series[Any]", preparation: Preparation, shapes: Sequence[Shape], *, named: str
) -> tuple[Figure, Pictures]:
    """Crops of several shapes: their places in the frame, and the pictures made of them."""
    frame, box, key = read_frame(row["image"]), nodule_box(row), str(row["key"])
    assert box is not None, "rows without a box were passed over"
    pictures: Pictures = {f"{key}/frame": np.asarray(preparation.scene(frame, box=box).pixels)}
    frames, crops = [], []
    for shape in shapes:
        shown = preparation.model_copy(update={"shape": shape}).prepare(frame, box=box)
        pictures[f"{key}/{shape}"] = np.asarray(shown.pixels)
        marks = (
            drawings.Mark(colour="red", box=_corners(box)),
            drawings.Mark(colour="green", box=_corners(shown.window)),
        )
        frames.append(drawings.GridPicture(picture=f"{key}/frame", label=shape, marks=marks))
        crops.append(drawings.GridPicture(picture=f"{key}/{shape}"))
    margin = preparation.margin
    cut = " A width square is as high as it is wide, however tall the nodule is." if "width square" in shapes else ""
    caption = (
        f"Above: the nodule's box (red) and the window with a margin of {margin.value:g} {margin.unit} (green); below: "
        f"the window as resized{f' ({named})' if named else ''}. Image {key}, {row['label']}.{cut}"
    )
    drawing = drawings.PictureGrid(pictures=(*frames, *crops), columns=len(shapes))
    return Figure(name="crop-windows", caption=caption, drawing=drawing, wide=True), pictures


def _grid(row: "pd.Series[Any]", preparation: Preparation, margins: Sequence[float]) -> tuple[Figure, Pictures]:
    """One nodule with every margin."""
    frame, box, key = read_frame(row["image"]), nodule_box(row), str(row["key"])
    unit = preparation.margin.unit
    pictures: Pictures = {}
    for margin in margins:
        crop = preparation.prepare(frame, box=box, margin=Margin(value=margin, unit=unit))
        pictures[f"{key}/{margin:g}"] = np.asarray(crop.pixels)
    shown = [
        drawings.GridPicture(picture=f"{key}/{margin:g}", label=str(row["label"]), lines=(f"margin {margin:g} {unit}",))
        for margin in margins
    ]
    caption = (
        "The same nodule with every margin tested; what is small in the frame becomes smaller still as the margin "
        f"grows. Image {key}"
    )
    drawing = drawings.PictureGrid(pictures=tuple(shown), columns=5)
    return Figure(name=f"crops-{row['label']}", caption=caption, drawing=drawing, wide=True), pictures


def _corners(box: Box) -> drawings.Corners:
    return box.left, box.top, box.right, box.bottom
