"""Lesions that are shown: examples of each class, and those that a network judged most wrongly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from thyrosight.cohort import nodule_box
from thyrosight.cohort.records.readers import Reading
from thyrosight.documents import Figure, drawings
from thyrosight.errors import ImageError
from thyrosight.imaging import Preparation, read_frame
from thyrosight.studies.analyses.one_risk import one_risk
from thyrosight.tirads import RiskCategories

_LARGEST = 480
"""Longest side of a stored frame in pixels: enough for a report, and no copy of the original."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def choose_examples(nodules: pd.DataFrame, readings: Sequence[Reading], *, count: int) -> list[tuple[int, str]]:
    """Rows to show, with why each was chosen; at most `count` of each class.

    As Rho et al. do, a class is shown by nodules that the network judged rightly: the one that the first reader found
    least like its class, then the one most like it, and so on from both ends. Without readers, and for further ones,
    by nodules whose risk is nearest to the middle of their class: typical ones, not the most flattering.
    """
    if "risk" not in nodules or nodules.empty:
        return []
    middle = float(nodules["risk"].median())
    chosen: list[tuple[int, str]] = []
    for label, right in (("malignant", nodules["risk"] >= middle), ("benign", nodules["risk"] < middle)):
        among = nodules[(nodules["label"] == label) & right].drop_duplicates("group")
        chosen += _of_class(among, readings, label, count)
    return chosen


def _of_class(among: pd.DataFrame, readings: Sequence[Reading], label: str, count: int) -> list[tuple[int, str]]:
    distance = (among["risk"] - among["risk"].median()).abs()
    typical = among.loc[distance.sort_values(kind="stable").index]
    found: dict[int, str] = {}
    if readings and count > 1:
        ranks = readings[0].ranks.loc[typical.index].dropna()
        ends = ranks.sort_values(ascending=label == "malignant", kind="stable")
        if len(ends) > 1 and ends.iloc[0] != ends.iloc[-1]:
            for row, how in ((ends.index[0], "least"), (ends.index[-1], "most")):
                found[int(str(row))] = f"{readings[0].name} found it {how} like a {label} nodule"
    for row in typical.index:
        found.setdefault(int(str(row)), f"risk near the middle of the {label} nodules")
    return list(found.items())[:count]


def choose_worst(nodules: pd.DataFrame, count: int) -> list[tuple[int, str]]:
    """Rows whose risk is farthest from the truth, one per group."""
    if "risk" not in nodules or nodules.empty:
        return []
    distance = (nodules["risk"] - nodules["truth"]).abs()
    ordered = nodules.loc[distance.sort_values(ascending=False, kind="stable").index].drop_duplicates("group")
    wrong = ordered[distance.loc[ordered.index] > 0.5].head(count)
    return [(int(str(row)), "risk farthest from the truth") for row in wrong.index]


@dataclass(eq=False)
class Shown:
    """Figures of lesions, the pixels that they name, why some are not there, and images that cannot be read."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, NDArray[Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def show_lesions(
    nodules: pd.DataFrame,
    readings: Sequence[Reading],
    *,
    count: int,
    worst: int,
    preparation: Preparation,
    rule: RiskCategories,
) -> Shown:
    """Examples of each class, and the lesions that the network judged most wrongly.

    Args:
        nodules: a row each, with key, image, label, label_source, group, truth, nodule_mm and, where there is a
            network, risk and probability.
        count, worst: examples of each class, and worst errors, at most.
        rule: that gives a probability its category.
    """
    shown, look = Shown(), _Look(readings, preparation, rule)
    examples = choose_examples(nodules, readings, count=count)
    for label in ("malignant", "benign"):
        own = [(row, why) for row, why in examples if nodules.loc[row, "label"] == label]
        grid = _grid(nodules, own, look=look, shown=shown)
        read = any(reading.categories.loc[row] for row, _ in own for reading in readings)
        what = (
            f"Nodules labelled {label}, with the square that the network saw; below, category and probability of the "
            f"CNN{' and categories of readers' if read else ''}."
        )
        shown.figures += _figure(nodules, own, grid=grid, name=f"examples-{label}", what=what)
    same = one_risk([nodules["risk"]], title="CNN") if "risk" in nodules else ""
    shown.notes += [same] if same else []
    wrong = [] if same else choose_worst(nodules, worst)
    what = "Nodules that the network judged most wrongly, with the square that it saw."
    grid = _grid(nodules, wrong, look=look, shown=shown)
    shown.figures += _figure(nodules, wrong, grid=grid, name="errors", what=what)
    return shown


@dataclass(frozen=True, eq=False)
class _Look:
    """Words below a picture, and the way to find its square."""

    readings: Sequence[Reading]
    preparation: Preparation
    rule: RiskCategories


def _figure(
    nodules: pd.DataFrame,
    rows: Sequence[tuple[int, str]],
    *,
    grid: Mapping[int, drawings.GridPicture],
    name: str,
    what: str,
) -> list[Figure]:
    """The figure of these rows, with why each was chosen; none where no row can be shown."""
    if not grid:
        return []
    whys: dict[str, list[str]] = {}
    for row, why in rows:
        if row in grid:
            whys.setdefault(why, []).append(grid[row].letter)
    reasons = "; ".join(f"{', '.join(letters)}: {why}" for why, letters in whys.items())
    sources = " and ".join(dict.fromkeys(str(source) for source in nodules.loc[list(grid), "label_source"]))
    caption = f"{what} Chosen because: {reasons}. Labels of these nodules: {sources}."
    return [Figure(name=name, caption=caption, drawing=drawings.PictureGrid(pictures=tuple(grid.values())), wide=True)]


def _grid(
    nodules: pd.DataFrame, rows: Sequence[tuple[int, str]], *, look: _Look, shown: Shown
) -> dict[int, drawings.GridPicture]:
    """A picture for each row whose image can be read; pixels and problems go to `shown`."""
    found: dict[int, drawings.GridPicture] = {}
    for row, _ in rows:
        record: pd.Series[Any] = nodules.loc[[row]].iloc[0]
        try:
            pixels, square = _frame(record, look.preparation)
        except ImageError as error:
            shown.problems.append(f"An example could not be shown: {error}")
            continue
        name = f"{record['key']}/pixels"
        shown.pictures[name] = pixels
        found[row] = drawings.GridPicture(
            picture=name,
            label=str(record["label"]),
            lines=tuple(_lines(record, row, look)),
            marks=(drawings.Mark(colour="yellow", box=square),),
            letter=_LETTERS[len(found) % len(_LETTERS)],
        )
    return found


def _lines(record: "pd.Series[Any]", row: int, look: _Look) -> list[str]:
    """The lines below a picture: name and size, what the network said, and what each reader did."""
    size, risk = record.get("nodule_mm"), record.get("risk")
    lines = [f"{record['key']}" + ("" if size is None or pd.isna(size) else f", {float(size):.1f} mm")]
    if risk is not None and not pd.isna(risk):
        category = look.rule.categories([min(max(float(risk), 0.0), 1.0)])[0]
        lines += [f"CNN: category {category}", f"risk {100 * float(risk):.1f} %"]
        lines.append(f"uncalibrated {100 * float(record['probability']):.1f} %")
    said = [(reading.name, str(reading.categories.loc[row])) for reading in look.readings]
    return lines + [f"{name}: {category}" for name, category in said if category]


def _frame(record: "pd.Series[Any]", preparation: Preparation) -> tuple[NDArray[np.uint8], drawings.Corners]:
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
