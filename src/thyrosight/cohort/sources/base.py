"""The type of a source of images and labels, and helpers that several sources share."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from thyrosight.cohort.table import Exclusion, no_images
from thyrosight.errors import CohortError
from thyrosight.imaging import IMAGE_SUFFIXES


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


def read_delimited(path: Path, *, header: bool = True) -> pd.DataFrame:
    """Read a table with comma, semicolon or tab between columns; every cell as text, without spaces around it.

    Raises:
        CohortError: the file is unreadable, not UTF-8 or empty, or its rows differ in length.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CohortError(f"{path}: no such file; check the path.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CohortError(f"{path}, row {line}: the text is not UTF-8; save the table as 'CSV UTF-8'.") from None
    except OSError as error:
        raise CohortError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error as error:
        raise CohortError(f"{path}: cannot be read as a table ({error}); save it again as CSV.") from None
    return _frame(path, rows, header=header)


def _frame(path: Path, rows: list[list[str]], *, header: bool) -> pd.DataFrame:
    """Cells as a data frame whose index is the row as in a spreadsheet; empty rows are left out."""
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not numbered:
        raise CohortError(f"{path} is empty; it needs a header row and one row per image.")
    names = numbered[0][1] if header else [str(column) for column in range(len(numbered[0][1]))]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise CohortError(f"{path}: column {', '.join(map(repr, twice))} stands twice in the header; remove one.")
    body = numbered[1:] if header else numbered
    for number, row in body:
        if len(row) != len(names):
            raise CohortError(
                f"{path}, row {number}: {len(row)} cells where the header has {len(names)}; "
                "put quotes around a cell that holds the separator."
            )
    return pd.DataFrame([row for _, row in body], columns=names, index=[number for number, _ in body], dtype=object)
