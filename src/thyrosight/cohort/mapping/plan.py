"""The mapping of a table: what each column becomes. It is written as YAML, to be corrected and used again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from thyrosight.cohort.columns import COLUMNS, READER_PREFIX, closest, in_words
from thyrosight.cohort.mapping.fields import KEEP, LEAVE_OUT, known_fields
from thyrosight.errors import CohortError
from thyrosight.files import write_text

UNKNOWN_VALUE = "?"
"""Stands in a mapping for the meaning of a value that nobody has stated yet; such cells count as empty."""

_HEAD = """\
# How the columns of a table become columns of a cohort. Correct it, and use it again:
#
#     thyrosight cohort map TABLE --images FOLDER --mapping {name}
#
# to: what a column holds: {fields};
#     reader:NAME for the category one reader gave; keep for a column of its own; leave out.
# values: what a word means where it is not understood by itself; "?" is to be filled in, and counts as empty.
"""


class ColumnPlan(BaseModel):
    """Plan for one column: the field it becomes, and the rules for its cells.

    Attributes:
        to: a field, `reader:NAME`, `keep` or `leave out`.
        unit: of sizes where the cell names none: mm or cm.
        smallest: sizes below it, in cells without a unit, are empty, for their unit is not plain.
        dates: which comes first in dates such as 03/04/2021: day (dmy) or month (mdy).
        nodule: number of the nodule the column describes, where a row describes several.
        bethesda: whether a number in a column of cytology is a Bethesda category.
        values: what words mean, by cell.
        because: why, for the reader of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    unit: Literal["", "mm", "cm"] = ""
    smallest: float = 0
    dates: Literal["", "dmy", "mdy"] = ""
    nodule: int | None = None
    bethesda: bool = False
    values: dict[str, str] = Field(default_factory=dict)
    because: str = ""

    @field_validator("to")
    @classmethod
    def _known(cls, to: str) -> str:
        allowed = [*known_fields(), KEEP, LEAVE_OUT]
        if to not in allowed and not to.startswith(READER_PREFIX):
            meant = closest(to, allowed)
            raise ValueError(f"there is no field {to!r}" + (f"; did you mean {meant}?" if meant else ""))
        return to


class MappingPlan(BaseModel):
    """Plan for all columns of a table, with the rules that hold for the whole table.

    Attributes:
        table: name of the file it was made for.
        sheets: the sheets to use, in order; all that look like tables where empty.
        hidden: whether hidden rows and columns are used.
        patient_blocks: whether an empty patient means the patient of the row above.
        patients: whether names of patients that differ only in form become one (merge) or stay apart (keep).
        label_source: where labels come from that no column of histology or cytology gives.
        private: private fields that are asked for, such as patient_name.
        columns: by header.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = ""
    sheets: tuple[str, ...] = ()
    hidden: Literal["use", "leave out"] = "use"
    patient_blocks: bool = False
    patients: Literal["merge", "keep"] = "merge"
    label_source: Literal["pathology", "cytology", "TI-RADS", "unstated"] = "unstated"
    private: tuple[str, ...] = ()
    columns: dict[str, ColumnPlan]

    def save(self, path: Path) -> None:
        """Write the mapping with the meanings of its values, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        content = self.model_dump(mode="json", exclude_defaults=True)
        for whole in ("sheets", "patient_blocks", "patients", "hidden"):
            content.setdefault(whole, self.model_dump(mode="json")[whole])
        content["columns"] = content.pop("columns")
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
        known = ", ".join(known_fields())
        lines = [f"# {line}" for line in _wrapped(known)]
        head = _HEAD.format(name=path.name, fields="one of the fields below").rstrip()
        write_text(path, f"{head}\n# Fields:\n" + "\n".join(lines) + f"\n\n{text}")

    @classmethod
    def load(cls, path: Path) -> "MappingPlan":
        """Read a mapping.

        Raises:
            CohortError: no such file, no YAML, or an entry that cannot be.
        """
        try:
            content: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise CohortError(f"There is no mapping {path}; leave out --mapping to have one proposed.") from None
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            raise CohortError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}.") from None
        if not isinstance(content, dict):
            raise CohortError(f"{path} is no mapping: it needs an entry columns.")
        try:
            return cls.model_validate(_texts(content))
        except ValidationError as error:
            first = error.errors()[0]
            place = " / ".join(str(part) for part in first["loc"])
            raise CohortError(f"{path}, {place}: {first['msg'].removeprefix('Value error, ')}.") from None


def _texts(content: dict[Any, Any]) -> dict[str, Any]:
    """The content with headers and cells as text, whatever YAML took them for; a bare word stands for its `to`."""
    columns = content.get("columns")
    if not isinstance(columns, dict):
        return {str(name): value for name, value in content.items()}
    made: dict[str, Any] = {}
    for header, entry in columns.items():
        made[str(header)] = {"to": entry} if isinstance(entry, str) else entry
        if isinstance(entry, dict) and isinstance(entry.get("values"), dict):
            values = {_text(cell): _text(meant) for cell, meant in entry["values"].items()}
            made[str(header)] = {**entry, "values": values}
    return {**{str(name): value for name, value in content.items()}, "columns": made}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _wrapped(text: str, width: int = 106) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def require_usable(plan: MappingPlan, headers: Sequence[frozenset[str]]) -> None:
    """Refuse a mapping from which no cohort can come.

    Args:
        plan: the mapping.
        headers: of each sheet.

    Raises:
        CohortError: two columns become one that holds one only, or a word that a vocabulary does not know.
    """
    for sheet in headers:
        taken: dict[tuple[str, int | None], str] = {}
        for header, column in plan.columns.items():
            field = known_fields().get(column.to)
            if field is None or field.several or header not in sheet:
                continue
            other = taken.setdefault((column.to, column.nodule), header)
            if other != header:
                raise CohortError(
                    f"The columns {other!r} and {header!r} both become {column.to}; leave one out in the mapping."
                )
    for header, column in plan.columns.items():
        allowed = COLUMNS[column.to].allowed if column.to in COLUMNS else ()
        if column.to in ("histology", "cytology"):
            allowed = COLUMNS["label"].allowed
        wrong = next((m for m in column.values.values() if m not in ("", UNKNOWN_VALUE, *allowed)), None)
        if allowed and wrong is not None:
            raise CohortError(
                f"The mapping of column {header!r} makes {wrong!r} of a value; write {in_words(allowed)}."
            )
