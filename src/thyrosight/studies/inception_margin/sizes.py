"""Size groups, and how alike training and test part are in size and TI-RADS."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import StatisticsError
from thyrosight.statistics import chi_square_test, contingency_table
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, SizeOptions
from thyrosight.studies.inception_margin.result import Balance, Distribution
from thyrosight.studies.sizes import size_warnings

UNKNOWN_SIZE = "size unknown"


def size_groups(table: pd.DataFrame, options: SizeOptions) -> "pd.Series[Any]":
    """The size group of each image; `size unknown` where no size is recorded. Bounds belong to the middle groups.

    >>> sizes = pd.DataFrame({"size_mm": [4.9, 5, 10, 10.1, None]})
    >>> size_groups(sizes, SizeOptions()).tolist()
    ['< 0.5 cm', '0.5 to 1.0 cm', '0.5 to 1.0 cm', '> 1.0 cm', 'size unknown']
    """
    if "size_mm" not in table:
        return pd.Series(UNKNOWN_SIZE, index=table.index, dtype=object)
    sizes = table["size_mm"].astype(float).to_numpy() * (10 if options.unit == "cm" else 1)
    bounds = np.array(options.bounds_mm, dtype=float)
    place = np.searchsorted(bounds, sizes, side="right")
    if len(bounds):
        place = np.where(sizes == bounds[-1], len(bounds) - 1 if len(bounds) > 1 else 0, place)
    names = np.array([*options.names, UNKNOWN_SIZE], dtype=object)
    return pd.Series(names[np.where(np.isnan(sizes), len(names) - 1, place)], index=table.index, dtype=object)


def size_problems(table: pd.DataFrame, options: SizeOptions) -> list[str]:
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
    return found + size_warnings(table, unit=options.unit)


def distributions(cohort: Cohort, split: Split, options: SizeOptions) -> list[Distribution]:
    """Figure 1: the training part (with validation) and the test part of the first division."""
    division = split.divisions[0]
    parts = {
        "training": pd.concat([split.rows(cohort, division, "train"), split.rows(cohort, division, "validation")]),
        "test": split.rows(cohort, division, "test"),
    }
    categories = _categories(cohort.table)
    named = [name for name in (*options.names, UNKNOWN_SIZE) if (cohort.table[SIZE_GROUP] == name).any()]
    found = []
    for name, rows in parts.items():
        category = _category(rows)
        counts = [[int(((rows[SIZE_GROUP] == g) & (category == c)).sum()) for c in categories] for g in named]
        found.append(Distribution(part=name, images=len(rows), groups=named, categories=categories, counts=counts))
    return found


def balances(cohort: Cohort, split: Split) -> list[Balance]:
    """Whether training and test part differ in label, size group or TI-RADS, one image per group."""
    division = split.divisions[0]
    single = cohort.table.drop_duplicates("group")
    tested = single["group"].astype(str).isin(division.test).map({True: "test", False: "training"})
    columns = {"label": single["label"], "size group": single[SIZE_GROUP], "TI-RADS": _category(single)}
    found = []
    for name, values in columns.items():
        try:
            test = chi_square_test(contingency_table(values.to_numpy(dtype=str), tested.to_numpy(dtype=str)))
            found.append(Balance(column=name, p=test.p, method=f"{test.method}, one image per patient or group"))
        except StatisticsError:
            found.append(Balance(column=name, p=None, method="the same everywhere, or not recorded"))
    return found


def _category(rows: pd.DataFrame) -> "pd.Series[Any]":
    if "tirads" not in rows:
        return pd.Series("not recorded", index=rows.index, dtype=object)
    return rows["tirads"].astype(object).where(rows["tirads"].notna(), "not recorded").astype(str)


def _categories(table: pd.DataFrame) -> list[str]:
    values: Sequence[str] = sorted(set(_category(table)))
    return [value for value in values if value != "not recorded"] + [v for v in values if v == "not recorded"]
