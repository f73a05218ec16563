"""How many readings each reader was to make, so that those that are missing can be counted."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from thyrosight.errors import ReadingsError
from thyrosight.readings.cases import ZERO_OR_ONE
from thyrosight.readings.fields import ProtocolFields
from thyrosight.tables import is_missing, read_table

_NEEDED: Final = ("reader", "case", "arm")
_FLAGS: Final = ("practice", "attention", "repeat", "withdrawn")


@dataclass(frozen=True)
class Planned:
    """The readings of the main analysis that a study was to have.

    Attributes:
        total: of all readers.
        by_reader: of each; None where the lots alone tell, which the protocol does not hold.
    """

    total: int
    by_reader: Mapping[str, int] | None = None


def planned_by_design(protocol: ProtocolFields, *, readers: Sequence[str], cases: int) -> Planned:
    """Readings planned by a protocol alone: in total, and by reader where every reader reads every case.

    Args:
        protocol: the plan.
        readers: who reads.
        cases: to be read.

    >>> from thyrosight.readings import parse_protocol, template
    >>> blocks = parse_protocol(template()).model_copy(update={"reading": "blocks", "readers_per_case": 2})
    >>> planned_by_design(blocks, readers=["A", "B", "C"], cases=50)
    Planned(total=200, by_reader=None)
    """
    once = protocol.readers == "nested" or protocol.design == "concurrent"
    times = 1 if once else len(protocol.arms)
    if protocol.reading == "crossed":
        return Planned(cases * times * len(readers), dict.fromkeys(readers, cases * times))
    return Planned(cases * times * (protocol.readers_per_case or 1))


def planned_by_orders(orders: Iterable[Mapping[str, Any]], *, without: Collection[str] = ()) -> Planned:
    """Readings planned by the orders, of each reader, without practice, attention cases, repeats and withdrawn cases.

    In a sequential design with several models the first stages of later sessions count as repeats.

    Args:
        orders: rows as `task_rows` makes them.
        without: cases that are not analysed, as they were withdrawn later or have no truth.
    """
    found: Counter[str] = Counter()
    for row in orders:
        again = row.get("stage") == "before" and int(row.get("session") or 1) > 1
        if not again and row["case"] not in without and not any(row.get(flag) for flag in _FLAGS):
            found[row["reader"]] += 1
        else:
            found[row["reader"]] += 0
    return Planned(sum(found.values()), dict(found))


def read_orders(path: Path) -> list[dict[str, Any]]:
    """Read `orders.csv`, as `thyrosight reader-study design` writes it.

    Raises:
        ReadingsError: no such file or column, or a cell that cannot be read; names the row.
    """
    table = read_table(path, error=ReadingsError)
    for name in _NEEDED:
        if name not in table.header:
            raise ReadingsError(f"{path} has no column {name!r}; its columns are {', '.join(table.header)}.")
    rows = []
    for number, cells in table.rows:
        row: dict[str, Any] = dict(zip(table.header, cells, strict=True))
        row |= {flag: _flag(row, flag, f"{path}, row {number}") for flag in _FLAGS}
        session = row.get("session", "1")
        if not session.isdecimal() or int(session) < 1:
            raise ReadingsError(f"{path}, row {number}: 'session' should be a whole number from 1, got {session!r}.")
        rows.append(row | {"session": int(session)})
    return rows


def _flag(row: Mapping[str, str], name: str, where: str) -> int:
    cell = row.get(name, "")
    if is_missing(cell):
        return 0
    found = ZERO_OR_ONE.get(cell.lower().removesuffix(".0"))
    if found is None:
        raise ReadingsError(f"{where}: {name!r} should be 0 or 1, got {cell!r}.")
    return found
