"""Sizes of nodules: one per nodule, with what looks wrong about them named."""

from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort.columns import UNKNOWN

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
