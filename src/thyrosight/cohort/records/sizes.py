"""Sizes of nodules: one per nodule, with what looks wrong about them named."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort.columns import UNKNOWN

SIZE_GROUP = "size_group"
"""Column of a cohort with the group of the nodule's size."""
UNKNOWN_SIZE = "size unknown"
_TINY_MM = 1.5
"""Ultrasound of the neck hardly shows, and nobody punctures, nodules below this size: such a number is rather in cm."""
_LARGEST_CM = 10.0


def size_warnings(table: pd.DataFrame, *, unit: str = "mm") -> list[str]:
    """Sentences about sizes that are probably in another unit; empty where nothing looks wrong.

    >>> size_warnings(pd.DataFrame({"key": ["a", "b", "c"], "size_mm": [0.9, 1.4, 2.6]}))[0][:40]
    'Sizes look like centimetres: the largest'
    """
    if "size_mm" not in table or table["size_mm"].notna().sum() == 0:
        return []
    sizes = table["size_mm"].dropna().astype(float)
    if unit == "cm":
        if sizes.max() > _LARGEST_CM:
            return [
                f"Sizes look like millimetres although the recipe says centimetres: the largest of {len(sizes)} is "
                f"{sizes.max():g}; set `sizes.unit` to mm if they are."
            ]
        return []
    if sizes.max() < _LARGEST_CM and sizes.median() < 4:
        return [
            f"Sizes look like centimetres: the largest of {len(sizes)} is {sizes.max():g} and half are below "
            f"{sizes.median():g}, where millimetres are meant. They were taken as millimetres; if they are not, run "
            "again with `--set sizes.unit=cm`."
        ]
    tiny = table.loc[(table["size_mm"] < _TINY_MM).fillna(False), "key"].astype(str).tolist()
    if tiny:
        named = ", ".join(tiny[:5]) + (", ..." if len(tiny) > 5 else "")
        return [
            f"{len(tiny)} sizes are below {_TINY_MM:g} mm and may be centimetres among millimetres ({named}); they "
            "were taken as millimetres: check them."
        ]
    return []


def nodule_names(table: pd.DataFrame) -> "pd.Series[Any]":
    """A name for the nodule of each image; images of unknown nodules are nodules of their own."""
    known = table["nodule_id"] != UNKNOWN
    whose = table["patient_id"].where(table["patient_id"] != UNKNOWN, table.get("group", ""))
    names = whose.astype(str) + "/" + table["nodule_id"].astype(str)
    return names.where(known, "image " + table["key"].astype(str))


def nodule_sizes(table: pd.DataFrame, *, unit: str = "mm") -> "pd.Series[Any]":
    """The size in mm of each image's nodule: the largest of its images, NaN where none is known.

    `unit` is what the column size_mm of the cohort's table really holds, `mm` or `cm`.
    """
    if "size_mm" not in table:
        return pd.Series(np.nan, index=table.index)
    sizes = table["size_mm"].astype(float) * (10 if unit == "cm" else 1)
    return sizes.groupby(nodule_names(table)).transform("max")


def size_groups(
    table: pd.DataFrame, *, bounds_mm: Sequence[float], names: Sequence[str], unit: str = "mm"
) -> "pd.Series[Any]":
    """The size group of each image; `size unknown` where no size is recorded. Bounds belong to the middle groups.

    Args:
        table: of a cohort.
        bounds_mm: where groups begin, rising.
        names: of the groups, one more than bounds.
        unit: that the column size_mm really holds: mm or cm.

    >>> sizes = pd.DataFrame({"size_mm": [4.9, 5, 10, 10.1, None]})
    >>> size_groups(sizes, bounds_mm=(5, 10), names=("small", "middle", "large")).tolist()
    ['small', 'middle', 'middle', 'large', 'size unknown']
    """
    if "size_mm" not in table:
        return pd.Series(UNKNOWN_SIZE, index=table.index, dtype=object)
    sizes = table["size_mm"].astype(float).to_numpy() * (10 if unit == "cm" else 1)
    bounds = np.array(bounds_mm, dtype=float)
    place = np.searchsorted(bounds, sizes, side="right")
    if len(bounds):
        place = np.where(sizes == bounds[-1], len(bounds) - 1 if len(bounds) > 1 else 0, place)
    known = np.array([*names, UNKNOWN_SIZE], dtype=object)
    return pd.Series(known[np.where(np.isnan(sizes), len(known) - 1, place)], index=table.index, dtype=object)


def size_problems(table: pd.DataFrame, *, unit: str = "mm") -> list[str]:
    """Sentences about sizes that are absent or probably in another unit."""
    known = int(table["size_mm"].notna().sum()) if "size_mm" in table else 0
    if known == 0:
        return ["Groups by size were left out: the cohort records no size (column size_mm)."]
    found = []
    if known < len(table):
        found.append(
            f"{len(table) - known} of {len(table)} images have no recorded size; they train and are tested, but "
            "stand in no size group."
        )
    return found + size_warnings(table, unit=unit)
