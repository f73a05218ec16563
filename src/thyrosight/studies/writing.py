"""Write what studies of every kind leave: rows as CSV and arrays as .npz, each whole or not at all."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.files import write_atomically


def write_rows(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write rows as CSV; columns stand in the order in which rows first name them."""
    with write_atomically(path) as temporary:
        pd.DataFrame(list(rows)).to_csv(temporary, index=False, lineterminator="\n")


def write_arrays(arrays: Mapping[str, npt.NDArray[Any]], path: Path) -> None:
    """Write arrays by their names, compressed and without pickled objects."""
    with write_atomically(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
