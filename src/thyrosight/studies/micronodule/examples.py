"""Nodules that are shown: examples of each class with category and probability (Figures 2 and 3), and worst errors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from thyrosight.cohort import nodule_box
from thyrosight.imaging import Preparation, read_frame
from thyrosight.studies.micronodule.raters import Reading
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.result import Picture

_LARGEST = 420
"""Longest side of a stored frame in pixels: enough for a report, and no copy of the original."""


def choose_examples(
    nodules: pd.DataFrame, readings: Sequence[Reading], recipe: MicronoduleRecipe
) -> list[tuple[int, str]]:
    """Rows to show, with why each was chosen.

    As in the paper, a class is shown by nodules that the network judged rightly: the one that the first reader found
    least like its class, then the one most like it, and so on from both ends. Without readers, and for further ones,
    by nodules whose risk is nearest to the middle of their class: typical ones, not the most flattering.
    """
    if "risk" not in nodules or nodules.empty:
        return []
    middle = float(nodules["risk"].median())
    chosen: list[tuple[int, str]] = []
    for label, right in (("malignant", nodules["risk"] >= middle), ("benign", nodules["risk"] < middle)):
        among = nodules[(nodules["label"] == label) & right].drop_duplicates("group")
        chosen += _of_class(among, readings, label, recipe.examples.shown)
    return chosen


def _of_class(among: pd.DataFrame, readings: Sequence[Reading], label: str, count: int) -> list[tuple[int, str]]:
    distance = (among["risk"] - among["risk"].median()).abs()
    typical = among.loc[distance.sort_values(kind="stable").index]
    found: list[tuple[int, str]] = []
    if readings and count > 1:
        ranks = readings[0].ranks.loc[typical.index].dropna()
        ends = ranks.sort_values(ascending=label == "malignant", kind="stable")
        if len(ends) > 1 and ends.iloc[0] != ends.iloc[-1]:
            name = readings[0].name
            found.append((int(str(ends.index[0])), f"{name} found it least like a {label} nodule"))
            found.append((int(str(ends.index[-1])), f"{name} found it most like a {label} nodule"))
    taken = {row for row, _ in found}
    rest = [int(str(row)) for row in typical.index if row not in taken]
    found += [(row, f"risk near the middle of the {label} nodules") for row in rest]
    return found[:count]


def choose_worst(nodules: pd.DataFrame, count: int) -> list[tuple[int, str]]:
    """Rows whose risk is farthest from the truth, one per group."""
    if "risk" not in nodules or nodules.empty:
        return []
    distance = (nodules["risk"] - nodules["truth"]).abs()
    ordered = nodules.loc[distance.sort_values(ascending=False, kind="stable").index].drop_duplicates("group")
    wrong = ordered[distance.loc[ordered.index] > 0.5].head(count)
    return [(int(str(row)), "risk farthest from the truth") for row in wrong.index]


def picture(
    nodules: pd.DataFrame, row: int, why: str, readings: Sequence[Reading], recipe: MicronoduleRecipe
) -> tuple[Picture, npt.NDArray[np.uint8]]:
    """What is said of one nodule, and its frame with the square that the network saw.

    Raises:
        ImageError: the image cannot be read any more.
    """
    record: pd.Series[Any] = nodules.loc[[row]].iloc[0]
    pixels, box = _frame(record, recipe.preparation)
    rule = recipe.categories.rule()
    risk = _number(record.get("risk"))
    said = {reading.name: str(reading.categories.loc[row]) for reading in readings if reading.categories.loc[row]}
    found = Picture(
        key=str(record["key"]),
        label=str(record["label"]),
        label_source=str(record["label_source"]),
        size_mm=_number(record.get("nodule_mm")),
        box=box,
        probability=_number(record.get("probability")),
        risk=risk,
        category=None if risk is None else rule.categories([min(max(risk, 0.0), 1.0)])[0],
        readers=said,
        why=why,
    )
    return found, pixels


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _frame(
    record: "pd.Series[Any]", preparation: Preparation
) -> tuple[npt.NDArray[np.uint8], tuple[float, float, float, float] | None]:
    """The frame, made small enough for a report, and the square that the network saw in it."""
    frame = read_frame(record["image"])
    box = nodule_box(record)
    window = preparation.prepare(frame, box=box).window
    pixels = frame.grey()
    factor = min(1.0, _LARGEST / max(pixels.shape))
    size = max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
    edges = (window.left * factor, window.top * factor, window.right * factor, window.bottom * factor)
    return small, edges
