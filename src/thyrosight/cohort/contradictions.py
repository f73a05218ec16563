"""Copies of one frame that carry different labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from thyrosight.cohort.table import nodule_box
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, read_frame


@dataclass(frozen=True)
class Contradiction:
    """Copies of one frame that carry different labels.

    Attributes:
        images: keys, in the order of the cohort; images that were left out of it come last.
        labels: their labels; an image that was left out may carry another word, such as normal.
        used: number of these images that the cohort uses.
    """

    images: tuple[str, ...]
    labels: tuple[str, ...]
    used: int


def find_contradictions(
    table: pd.DataFrame, keys: Sequence[str], labels: Sequence[str], frames: Sequence[int]
) -> tuple[Contradiction, ...]:
    """Frames of the table whose copies carry different labels.

    Copies in which different nodules are marked do not contradict each other: their boxes do not overlap, in images of
    one size.

    Args:
        table: the cohort's table; its rows are the first of `keys`.
        keys, labels, frames: keys, labels and frame numbers of all images compared; an empty label is unknown.
    """
    members: dict[int, list[int]] = {}
    for row, frame in enumerate(frames):
        if labels[row]:
            members.setdefault(frame, []).append(row)
    found = []
    for rows in members.values():
        if rows[0] >= len(table) or len({labels[row] for row in rows}) == 1 or _other_nodules(table, labels, rows):
            continue
        used = sum(row < len(table) for row in rows)
        found.append(Contradiction(tuple(keys[row] for row in rows), tuple(labels[row] for row in rows), used))
    return tuple(found)


def _other_nodules(table: pd.DataFrame, labels: Sequence[str], rows: Sequence[int]) -> bool:
    """Whether every two copies with different labels have different nodules marked."""
    if rows[-1] >= len(table):
        return False
    marked = [_marked(table.iloc[row]) for row in rows]
    for (one, first), (two, second) in combinations(zip(rows, marked, strict=True), 2):
        if labels[one] == labels[two]:
            continue
        if first is None or second is None or first[1] != second[1] or first[0].intersect(second[0]) is not None:
            return False
    return True


def _marked(row: "pd.Series[str]") -> tuple[Box, tuple[int, int]] | None:
    """The nodule's box and the image's size; None if either is unknown."""
    try:
        box = nodule_box(row)
        frame = read_frame(row["image"]) if box is not None else None
    except ImageError:
        return None
    return None if box is None or frame is None else (box, (frame.rows, frame.columns))
