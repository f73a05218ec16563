"""Tables and arrays in the folder of a study, each written whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.cohort import COLUMNS
from thyrosight.errors import CohortError
from thyrosight.files import write_atomically

_TEXT = ("group", "view", *(name for name, rule in COLUMNS.items() if rule.content != "number"))


def write_table(table: pd.DataFrame, path: Path, *, digits: str | None = "%.9g") -> None:
    """Write a table as CSV, with nine significant digits or with all (None)."""
    with write_atomically(path) as temporary:
        table.to_csv(temporary, index=False, float_format=digits, lineterminator="\n")


def read_cells(path: Path) -> pd.DataFrame:
    """Read a table that the software wrote: names stay as they are (1.10, NA), and only empty cells are missing."""
    return pd.read_csv(path, dtype=dict.fromkeys(_TEXT, str), keep_default_na=False, na_values=[""])


def read_table(path: Path, columns: Sequence[str], *, rest: bool = False) -> pd.DataFrame:
    """Read columns of a table that a trial wrote, and with `rest` all others as well.

    Raises:
        CohortError: the file cannot be read or lacks a column.
    """
    try:
        table = read_cells(path)
    except (OSError, ValueError) as error:
        raise CohortError(f"{path} cannot be read ({error}); delete its folder and run the study again.") from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise CohortError(f"{path} lacks the column {missing[0]}; delete its folder and run the study again.")
    return table if rest else table[list(columns)]


def write_arrays(arrays: Mapping[str, npt.NDArray[Any]], path: Path) -> None:
    """Write arrays by their names, compressed and without pickled objects."""
    with write_atomically(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
