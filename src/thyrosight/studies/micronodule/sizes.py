"""Sizes of nodules: one per nodule, with what looks wrong about them named."""

from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN


def nodule_names(table: pd.DataFrame) -> "pd.Series[Any]":
    """A name for the nodule of each image; images of unknown nodules are nodules of their own."""
    known = table["nodule_id"] != UNKNOWN
    whose = table["patient_id"].where(table["patient_id"] != UNKNOWN, table.get("group", ""))
    names = whose.astype(str) + "/" + table["nodule_id"].astype(str)
    return names.where(known, "image " + table["key"].astype(str))


def nodule_sizes(table: pd.DataFrame, *, unit: str = "mm") -> "pd.Series[Any]":
    """The size in mm of each image's nodule: the largest of its images, NaN where none is known.

    Args:
        table: a cohort's table.
        unit: what the column size_mm really holds, `mm` or `cm`.
    """
    if "size_mm" not in table:
        return pd.Series(np.nan, index=table.index)
    sizes = table["size_mm"].astype(float) * (10 if unit == "cm" else 1)
    return sizes.groupby(nodule_names(table)).transform("max")
