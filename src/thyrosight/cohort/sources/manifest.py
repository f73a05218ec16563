"""A table of images and labels, as CSV or Parquet; paths in it are relative to it."""

from collections.abc import Mapping
from dataclasses import replace
from os.path import exists
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort.about import label_policy_of
from thyrosight.cohort.columns import COLUMNS, LABEL_SOURCES, UNKNOWN, closest, in_words
from thyrosight.cohort.selection import selected
from thyrosight.cohort.sources.base import Option, Source, SourceTable
from thyrosight.cohort.sources.user_tables import blank_missing, read_user_table
from thyrosight.cohort.table import Exclusion
from thyrosight.errors import CohortError
from thyrosight.spreadsheets import WORKBOOK_SUFFIXES

_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", *WORKBOOK_SUFFIXES)
_NAMES_IN_FOLDER = ("cohort.csv", "cohort.parquet")


def _manifest_in(path: Path) -> Path | None:
    """The manifest of a path: the file itself, or a file with the standard name in the folder."""
    if path.is_file():
        return path if path.suffix.lower() in _SUFFIXES else None
    found = [path / name for name in _NAMES_IN_FOLDER if (path / name).is_file()]
    return found[0] if found else None


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    manifest = _manifest_in(path)
    if manifest is None:
        raise CohortError(
            f"{path} is neither a .csv, .xlsx nor .parquet file, nor a folder with {in_words(_NAMES_IN_FOLDER)}."
        )
    if manifest.suffix.lower() == ".parquet":
        table = _read_parquet(manifest)
        notes = tuple(blank_missing(table))
    else:
        table, notes = read_user_table(manifest, encoding=options["encoding"] or None)
    table = table.rename(columns={name: str(name).strip() for name in table.columns})
    _require_columns(table, manifest)
    chosen = pd.Series(True, index=table.index)
    if options["only"]:
        chosen = selected(table, options["only"], where=str(manifest))
    for name, rule in COLUMNS.items():
        if name in table and rule.content in ("file", "files"):
            table[name] = [_absolute(cell, manifest.parent) for cell in table[name]]
    table["label"] = _labels(table["label"], options["labels"])
    if "label_source" not in table:
        table["label_source"] = options["label-source"]
    table.loc[table["label_source"] == "", "label_source"] = options["label-source"]
    read = _without_excluded(_without_unchosen(table, chosen, options["only"]))
    return replace(read, notes=notes, label_policy=label_policy_of(manifest))


def _without_unchosen(table: pd.DataFrame, chosen: "pd.Series[bool]", only: str) -> pd.DataFrame:
    """The table with a reason in `exclude` for each row that the option `only` leaves out; other reasons go first."""
    if chosen.all():
        return table
    given = table["exclude"] if "exclude" in table else pd.Series("", index=table.index)
    return table.assign(exclude=given.where(chosen | (given != ""), f"chosen were only {only}"))


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise CohortError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); write it again."
        ) from None
    text = table.astype(object).where(table.notna(), "").map(_as_text)
    text.index = pd.Index(range(2, len(text) + 2))
    return text


def _as_text(value: Any) -> str:
    """A Parquet cell as text, as in a CSV file.

    >>> _as_text(12.0), _as_text(" a ")
    ('12', 'a')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _require_columns(table: pd.DataFrame, manifest: Path) -> None:
    """Raise a CohortError if a required column is missing."""
    for name in (name for name, rule in COLUMNS.items() if rule.required and name not in table):
        meant = closest(name, [column for column in table.columns if column not in COLUMNS])
        hint = f"; is it the column {meant!r}? Rename it to {name}, or" if meant else ";"
        hint += f" map the table with: thyrosight cohort map {manifest} --images FOLDER"
        raise CohortError(f"{manifest}: there is no column {name} (found {', '.join(map(str, table.columns))}){hint}.")


def _absolute(cell: str, folder: Path) -> str:
    """Paths in a cell, relative to the manifest's folder, as absolute paths; both kinds of slash are understood."""
    parts = [part.strip() for part in cell.split("|") if part.strip()]
    return "|".join(str((folder / _native(part)).resolve()) for part in parts)


def _native(part: str) -> Path:
    there = "\\" not in part or exists(part)  # noqa: PTH110 (a name too long for a file is no error)
    return Path(part if there else part.replace("\\", "/"))


def _labels(cells: "pd.Series[Any]", option: str) -> list[str]:
    """Labels in lower case, translated by an option such as `0:benign,1:malignant`."""
    words: dict[str, str] = {}
    for pair in option.split(",") if option else []:
        found, _, meant = pair.partition(":")
        if meant.strip() not in ("benign", "malignant"):
            raise CohortError(f"Option labels={option}: write found:meant pairs, for example 0:benign,1:malignant.")
        words[found.strip().casefold()] = meant.strip()
    lower = [str(cell).strip().casefold() for cell in cells]
    return [words.get(low, low) for low in lower]


def _without_excluded(table: pd.DataFrame) -> SourceTable:
    """Leave out rows with a reason in the column `exclude`, and rows without a label."""
    given = table["exclude"] if "exclude" in table else pd.Series("", index=table.index)
    reasons = given.where((given != "") | (table["label"] != ""), "no label")
    out = table[reasons != ""]
    names = out["key"] if "key" in out else out["image"].map(lambda image: Path(image).stem)
    exclusions = tuple(
        Exclusion.of(str(reason), names[reasons == reason].tolist()) for reason in dict.fromkeys(reasons[reasons != ""])
    )
    patients = out["patient_id"].replace("", UNKNOWN) if "patient_id" in out else UNKNOWN
    left_out = pd.DataFrame({"key": names, "image": out["image"], "patient_id": patients, "label": out["label"]})
    kept = table[reasons == ""].drop(columns="exclude", errors="ignore")
    return SourceTable(kept, exclusions, left_out=left_out)


SOURCE = Source(
    name="manifest",
    title="CSV, Excel or Parquet table, one row per image",
    looks_for="a .csv, .xlsx or .parquet file, or a folder that holds cohort.csv or cohort.parquet",
    recognises=lambda path: _manifest_in(path) is not None,
    read=_read,
    options={
        "label-source": Option("unstated", "source of the labels where the table does not say", allowed=LABEL_SOURCES),
        "only": Option(
            "", "rows to use, for example colour_doppler=0 and original_width=820..840; others are left out"
        ),
        "encoding": Option("", "encoding of a CSV table, for example gb18030 or cp949; found where none is given"),
        "labels": Option("", "other words for the labels, for example 0:benign,1:malignant"),
    },
)
