"""Writing a cohort as a manifest that `open_cohort` can read."""

import os
from pathlib import Path

import pandas as pd

from thyrosight.cohort.columns import COLUMNS
from thyrosight.cohort.table import Cohort
from thyrosight.errors import CohortError
from thyrosight.files import write_atomically, write_csv

_SUFFIXES = (".csv", ".parquet")


def write_manifest(cohort: Cohort, path: Path | str) -> Path:
    """Write a cohort as CSV or Parquet, whole or not at all; its paths are relative to the manifest if possible.

    Images that were left out are written too, if their file is known, with the reason in the column `exclude`, so that
    the manifest gives the same flow chart.

    Raises:
        CohortError: the name ends neither in .csv nor in .parquet.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise CohortError(f"{path}: a manifest is written as .csv or .parquet; end the name in one of them.")
    table = pd.concat([cohort.table, _excluded(cohort)], ignore_index=True)
    for name, rule in COLUMNS.items():
        if name in table and rule.content in ("file", "files"):
            table[name] = table[name].map(lambda cell: relative_paths(cell, path.parent), na_action="ignore")
    if path.suffix.lower() == ".csv":
        write_csv(path, table.to_dict("records"), list(table.columns))
        return path
    with write_atomically(path) as temporary:
        table.to_parquet(temporary, index=False)
    return path


def _excluded(cohort: Cohort) -> pd.DataFrame:
    reasons = {key: exclusion.reason for exclusion in cohort.exclusions for key in exclusion.images}
    known = cohort.left_out.set_index("key", drop=False)
    order = [key for key in reasons if key in known.index] + [key for key in known.index if key not in reasons]
    rows = known.loc[order].reset_index(drop=True)
    rows["exclude"] = [reasons.get(key, "left out") for key in order]
    return rows.assign(label=rows["label"].where(rows["label"] != ""))


def relative_paths(cell: str, folder: Path) -> str:
    """The paths in a cell, joined by `|`, relative to a folder."""
    whole = folder.resolve()
    return "|".join(relative_path(Path(part), whole) for part in cell.split("|"))


def relative_path(path: Path, folder: Path) -> str:
    """A path relative to a folder without links, with forward slashes; absolute if they are on different drives."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()
