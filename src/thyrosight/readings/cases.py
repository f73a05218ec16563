"""Cases and readers of a study, and their tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from thyrosight.errors import ReadingsError
from thyrosight.tables import TextTable, is_missing, read_table

Role = Literal["study", "practice", "attention"]
ROLES: Final[tuple[Role, ...]] = ("study", "practice", "attention")
ZERO_OR_ONE: Final = {
    "0": 0, "no": 0, "false": 0, "benign": 0,
    "1": 1, "yes": 1, "true": 1, "malignant": 1,
}  # fmt: skip
"""How tables write no and yes, and benign and malignant."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what a reader judges at a time.

    Attributes:
        key: its name in the study's tables; never shown to readers.
        truth: 1 malignant, 0 benign; None where it is not known yet.
        cluster: the patient, where one has several cases; "" otherwise.
        label_source: where the truth comes from, for example "pathology".
        role: "study", "practice" (with feedback) or "attention" (with an obvious answer).
        since: version of the protocol with which it joined.
        withdrawn: taken out by an amendment; it keeps its place, so that no order changes, and is not read any more.
    """

    key: str
    truth: int | None = None
    cluster: str = ""
    label_source: str = ""
    role: Role = "study"
    since: int = 1
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader.

    Attributes:
        key: the name in the study's tables.
        group: for example "senior"; orders are balanced within groups.
        since: version of the protocol with which the reader joined.
    """

    key: str
    group: str = ""
    since: int = 1


def require_distinct_keys(cases: Sequence[Case], readers: Sequence[Reader]) -> None:
    """Refuse no case, no reader, or one twice.

    Raises:
        ReadingsError: names the key.
    """
    for what, keys in (("case", [case.key for case in cases]), ("reader", [reader.key for reader in readers])):
        if not keys:
            raise ReadingsError(f"The study has no {what}; add one.")
        twice = [key for key, times in Counter(keys).items() if times > 1]
        if twice:
            raise ReadingsError(f"The {what} {twice[0]!r} is named twice; each {what} needs a name of its own.")


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read a table of cases.

    It needs a column `case` (or `nodule_id`, `image`). Where there are any, it has `truth` (or `label`: 0 or 1, benign
    or malignant), `cluster` (or `patient_id`), `label_source`, `role`, `since` and `withdrawn` (0 or 1).

    Raises:
        ReadingsError: no such file or column, or a cell that cannot be used; names the row.
    """
    table = read_table(path, error=ReadingsError)
    key = _first(table, ("case", "nodule_id", "case_id", "image"))
    if key is None:
        raise ReadingsError(f"{path} has no column 'case'; its columns are {', '.join(table.header)}.")
    truth = _first(table, ("truth", "label"))
    cluster = _first(table, ("cluster", "patient_id", "patient"))
    found = []
    for number, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        where = f"{path}, row {number}"
        if is_missing(row[key]):
            raise ReadingsError(f"{where}: the cell of {key!r} is empty; name the case.")
        found.append(
            Case(
                key=row[key],
                truth=None if truth is None else _flag(row, truth, where),
                cluster="" if cluster is None or is_missing(row[cluster]) else row[cluster],
                label_source=row.get("label_source", ""),
                role=_role(row, where),
                since=_whole(row, "since", where) or 1,
                withdrawn=bool(_flag(row, "withdrawn", where)),
            )
        )
    return tuple(found)


def read_readers(path: Path) -> tuple[Reader, ...]:
    """Read a table of readers: a column `reader`, and where there are any `group` and `since`.

    Raises:
        ReadingsError: no such file or column, or a cell that cannot be used; names the row.
    """
    table = read_table(path, error=ReadingsError)
    if "reader" not in table.header:
        raise ReadingsError(f"{path} has no column 'reader'; its columns are {', '.join(table.header)}.")
    rows = [(f"{path}, row {number}", dict(zip(table.header, cells, strict=True))) for number, cells in table.rows]
    return tuple(Reader(row["reader"], row.get("group", ""), _whole(row, "since", where) or 1) for where, row in rows)


def _first(table: TextTable, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in table.header), None)


def _role(row: dict[str, str], where: str) -> Role:
    given = row.get("role", "")
    if is_missing(given):
        return "study"
    for role in ROLES:
        if given == role:
            return role
    raise ReadingsError(f"{where}: 'role' should be one of {', '.join(ROLES)}, got {given!r}.")


def _flag(row: dict[str, str], name: str, where: str) -> int | None:
    """0 or 1, also in words; None for an empty cell or no such column."""
    given = row.get(name, "")
    if is_missing(given):
        return None
    found = ZERO_OR_ONE.get(given.lower().removesuffix(".0"))
    if found is None:
        words = "0 or 1" if name == "withdrawn" else "0 or 1 (benign or malignant)"
        raise ReadingsError(f"{where}: {name!r} should be {words}, got {given!r}.")
    return found


def _whole(row: dict[str, str], name: str, where: str) -> int | None:
    """A whole number from 1; None for an empty cell or no such column."""
    given = row.get(name, "")
    if is_missing(given):
        return None
    text = given.removesuffix(".0")
    if not text.isdecimal() or int(text) < 1:
        raise ReadingsError(f"{where}: {name!r} should be a whole number from 1, got {given!r}.")
    return int(text)
