"""The type of a source of images and labels, and helpers that several sources share."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from thyrosight.cohort.table import Exclusion, no_images
from thyrosight.errors import CohortError, ThyroSightWarning
from thyrosight.imaging import IMAGE_SUFFIXES
from thyrosight.tables import TextTable, read_table


@dataclass(frozen=True)
class Option:
    """An option of a source, given as text.

    Attributes:
        default: value if the user gives none.
        meaning: one sentence for the help text.
        allowed: the allowed values; empty if any text is allowed.
    """

    default: str
    meaning: str
    allowed: tuple[str, ...] = ()


PATIENTS: Final = Option(
    "merge",
    "patients whose names differ only in form, such as 1, 01 and 1.0 or pt-a and PT-A: merge takes them as one, keep as"
    " different ones",
    allowed=("merge", "keep"),
)
"""The option that every kind of source has."""


@dataclass(frozen=True, eq=False)
class SourceTable:
    """The content of a source before validation.

    Attributes:
        table: text columns named as in `COLUMNS` or otherwise; paths are absolute; "" means empty. The index holds the
            place of a row: an int is a row as in a spreadsheet, a text is an image.
        exclusions: exclusions so far.
        notes: notes for readers of results.
        label_policy: the rule for the labels.
        left_out: key, image, patient_id and, if known, label of images that are not used; they can show that two
            patients share frames.
    """

    table: pd.DataFrame
    exclusions: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    label_policy: str = ""
    left_out: pd.DataFrame = field(default_factory=no_images)


@dataclass(frozen=True)
class Source:
    """A kind of archive that can be opened as a cohort.

    Attributes:
        name: value of `kind=`.
        title: short description.
        looks_for: the files by which it is recognised, for the error when no kind fits.
        recognises: returns whether a path holds this kind.
        read: reads it; the options are complete (defaults filled in).
        options: its options.
    """

    name: str
    title: str
    looks_for: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Mapping[str, str]], SourceTable]
    options: Mapping[str, Option] = field(default_factory=dict)


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name (numbers as numbers); hidden files are left out."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    ]
    return sorted(found, key=natural_order)


def natural_order(path: Path) -> tuple[tuple[int, str], ...]:
    """Sort key in which 9 comes before 10.

    >>> sorted([Path("a10"), Path("a9")], key=natural_order)[0].name
    'a9'
    """
    parts: list[tuple[int, str]] = []
    for digits, text in _runs(path.as_posix().casefold()):
        parts.append((int(text), "") if digits else (-1, text))
    return tuple(parts)


def _runs(text: str) -> list[tuple[bool, str]]:
    """Split text into runs of ASCII digits and of anything else."""
    runs: list[tuple[bool, str]] = []
    for letter in text:
        digit = letter in "0123456789"
        if runs and runs[-1][0] == digit:
            runs[-1] = (digit, runs[-1][1] + letter)
        else:
            runs.append((digit, letter))
    return runs


def subfolder(folder: Path, name: str) -> Path | None:
    """The folder `name` inside `folder`, in upper or lower case."""
    if not folder.is_dir():
        return None
    found = [path for path in folder.iterdir() if path.is_dir() and path.name.casefold() == name.casefold()]
    return sorted(found)[0] if found else None


def read_delimited(path: Path, *, header: bool = True, encoding: str | None = None) -> pd.DataFrame:
    """Read a table as `thyrosight.tables.read_table` does; the index holds the row as in a spreadsheet.

    What must be said of its reading, such as a guessed encoding, is a warning.

    Raises:
        CohortError: the file is unreadable or empty, or its rows differ in length.
    """
    read = read_table(path, error=CohortError, encoding=encoding, header=header)
    for note in read.notes:
        warnings.warn(note, ThyroSightWarning, stacklevel=2)
    return as_frame(read)


def as_frame(read: TextTable) -> pd.DataFrame:
    """A table of text as a data frame whose index is the row as in a spreadsheet."""
    index = [number for number, _ in read.rows]
    return pd.DataFrame([row for _, row in read.rows], columns=list(read.header), index=index, dtype=object)
