"""Labels from a separate table, joined to images by patient, study, series or object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from thyrosight.cohort.columns import COLUMNS, LABEL_SOURCES, LABELS, closest, in_words
from thyrosight.cohort.sources.user_tables import read_warned
from thyrosight.errors import CohortError
from thyrosight.identifiers import names_nobody, plain_form

IDENTIFIERS: Final = ("sop_instance_uid", "series_instance_uid", "study_instance_uid", "patient_id")
"""The columns by which a table of labels can name images, most specific first."""

_NARROWING: Final = ("frame", "laterality")
_CARRIED: Final = tuple(
    name for name in COLUMNS if name not in ("key", "image", "patient_id", "age", "sex", "elastogram")
)


@dataclass
class LabelTable:
    """The rows of a table of labels.

    Attributes:
        path: path of the table.
        rows: row number as in a spreadsheet, and cells.
        used: rows that named at least one image.
    """

    path: Path
    rows: list[tuple[int, dict[str, str]]]
    used: set[int] = field(default_factory=set)
    _by: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = field(default_factory=dict, repr=False)
    _one_form: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        written: dict[str, set[str]] = {}
        for number, row in self.rows:
            deciding = _deciding(row)
            if deciding is not None:
                self._by.setdefault((deciding, row[deciding]), []).append((number, row))
            if deciding == "patient_id":
                written.setdefault(plain_form(row["patient_id"]), set()).add(row["patient_id"])
        self._one_form = {form: names.pop() for form, names in written.items() if len(names) == 1}

    def cells_for(self, image: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """Label and other columns of one image; empty if no row names it.

        Of several rows that name an image the most specific counts: a row for the object before one for the series, the
        study or the patient. A patient without a row of exactly its name gets the rows of the one patient whose name
        differs only in form (12 for 0012).

        Args:
            image: for each name of `IDENTIFIERS`, `frame` and `laterality` the values that mean this image (a UID as
                stored and as replaced).

        Raises:
            CohortError: two rows name the image with the same identifier and differ.
        """
        for identifier in IDENTIFIERS:
            values = dict.fromkeys(image[identifier])
            named = [one for value in values for one in self._by.get((identifier, value), ())]
            if identifier == "patient_id" and not named:
                # A spreadsheet takes the zeros from 0012.
                alike = (self._one_form.get(plain_form(value), "") for value in values if value)
                named = [one for value in alike for one in self._by.get((identifier, value), ())]
            found = sorted(((number, row) for number, row in named if _narrows(row, image)), key=lambda one: one[0])
            if not found:
                continue
            narrow = [one for one in found if any(one[1].get(name) for name in _NARROWING)] or found
            self.used.update(number for number, _ in found)
            first, *others = narrow
            for number, row in others:
                if _carried(row) != _carried(first[1]):
                    raise CohortError(
                        f"{self.path}, rows {first[0]} and {number}: both name the {identifier} {row[identifier]} and "
                        "differ; keep one, or name the single images by sop_instance_uid."
                    )
            return _carried(first[1])
        return {}

    def unused(self) -> tuple[int, ...]:
        """Rows that named no image."""
        return tuple(number for number, _ in self.rows if number not in self.used)


def read_labels(path: Path) -> LabelTable:
    """Read a table of labels.

    Raises:
        CohortError: it cannot be read, has no column for the label or to join by, or a cell is not a label.
    """
    table = read_warned(path)
    if "label" not in table or not any(name in table for name in IDENTIFIERS):
        raise CohortError(
            f"{path}: a table of labels needs a column label and one of {in_words(IDENTIFIERS)} "
            f"(found {', '.join(map(str, table.columns))})."
        )
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in zip(table.index, table.to_dict("records"), strict=True):
        row = {str(name): str(cell) for name, cell in cells.items()}
        row["label"] = row["label"].casefold()
        if names_nobody(row.get("patient_id", "")):
            row.pop("patient_id", None)
        _require(path, number, row)
        rows.append((int(number), row))
    return LabelTable(path, rows)


def _require(path: Path, number: Any, row: dict[str, str]) -> None:
    for column, allowed in (("label", ("", *LABELS)), ("label_source", ("", *LABEL_SOURCES))):
        cell = row.get(column, "")
        if cell not in allowed:
            meant = closest(cell, allowed)
            hint = f"did you mean {meant}?" if meant else "correct the cell."
            raise CohortError(f"{path}, row {number}, column {column}: {cell!r} is not {in_words(allowed[1:])}; {hint}")
    if _deciding(row) is None:
        raise CohortError(f"{path}, row {number}: no identifier is filled in; give one of {in_words(IDENTIFIERS)}.")


def _deciding(row: Mapping[str, str]) -> str | None:
    """The most specific identifier that a row fills."""
    return next((name for name in IDENTIFIERS if row.get(name)), None)


def _narrows(row: Mapping[str, str], image: Mapping[str, tuple[str, ...]]) -> bool:
    return all(not row.get(name) or row[name] in image[name] for name in _NARROWING)


def _carried(row: Mapping[str, str]) -> dict[str, str]:
    """The cells that are copied to the manifest."""
    return {name: cell for name, cell in row.items() if cell and (name in _CARRIED or name.startswith("reader:"))}
