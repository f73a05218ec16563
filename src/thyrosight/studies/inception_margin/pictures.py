"""Crops of a nodule, square and rectangular and with every margin: Figures 2 and 3."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort import Cohort, nodule_box
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Margin, read_frame
from thyrosight.studies.inception_margin.recipe import InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import CropExample

Pictures = dict[str, NDArray[Any]]
_MOST = 100
"""Images of each class that are looked at for a good example."""
_LARGEST_SHARE = 0.15
"""Of the frame: a nodule of this size still has surroundings to show."""


def crop_examples(cohort: Cohort, recipe: InceptionMarginRecipe) -> tuple[list[CropExample], Pictures]:
    """One nodule of each class whose box is far from square, and its crops.

    Returns:
        The examples, and as `<key>/frame`, `<key>/square`, `<key>/rectangle` and `<key>/<margin>` their pixels.
    """
    examples: list[CropExample] = []
    pictures: Pictures = {}
    for label in ("benign", "malignant"):
        row = _elongated(cohort.table[cohort.table["label"] == label].head(_MOST))
        if row is not None:
            example, pixels = _crops(row, recipe)
            examples.append(example)
            pictures |= {f"{example.key}/{name}": array for name, array in pixels.items()}
    return examples, pictures


def _elongated(rows: pd.DataFrame) -> "pd.Series[Any] | None":
    """The row whose box has sides of the most unlike length (at most two to one) among nodules that leave room around
    them; without such a nodule the first one that has a box."""
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
        if roomy and ratio <= 2 and (best is None or ratio > best[0]):
            best = ratio, row
    return first if best is None else best[1]


def _crops(row: "pd.Series[Any]", recipe: InceptionMarginRecipe) -> tuple[CropExample, Pictures]:
    frame, box = read_frame(row["image"]), nodule_box(row)
    assert box is not None, "rows without a box were passed over"
    own = recipe.preparation
    shown = {
        shape: own.model_copy(update={"shape": shape}).prepare(frame, box=box) for shape in ("square", "rectangle")
    }
    pictures: Pictures = {"frame": own.scene(frame, box=box).pixels}
    pictures |= {shape: item.pixels for shape, item in shown.items()}
    for margin in recipe.margins:
        there = Margin(value=margin, unit=own.margin.unit)
        pictures[f"{margin:g}"] = own.prepare(frame, box=box, margin=there).pixels
    example = CropExample(
        key=str(row["key"]),
        label=str(row["label"]),
        box=_corners(box),
        square=_corners(shown["square"].window),
        rectangle=_corners(shown["rectangle"].window),
        margins=list(recipe.margins),
    )
    return example, {name: np.asarray(pixels) for name, pixels in pictures.items()}


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
