"""The work list: everything that is to be assessed, in parts that workers on any machine read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from thyrosight.archives.parts import DamagedPartError, part_name, read_columns, read_facts, write_part
from thyrosight.archives.sources import COLUMNS, GIVEN, WorkRow
from thyrosight.errors import OutputError
from thyrosight.files import sha256_of_json

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class WorkList:
    """A work list that was written.

    Attributes:
        folder: of its parts.
        part_rows: rows in every part but the last.
        rows: in all parts.
        digests: hash of the rows of each part.
    """

    folder: Path
    part_rows: int
    rows: int
    digests: tuple[str, ...]

    def rows_of(self, number: int) -> int:
        """Rows in a part."""
        return min(self.part_rows, self.rows - number * self.part_rows)


@dataclass(frozen=True)
class Item:
    """One row of the work list: `number` counts all rows from 0, `cells` are its texts by column."""

    number: int
    cells: WorkRow


def write_work_list(
    rows: Iterable[WorkRow],
    folder: Path,
    *,
    part_rows: int,
    keep: Sequence[str] = (),
    known: Sequence[str] | None = None,
) -> WorkList:
    """Write rows in parts; one that is there and whole is not written again.

    Args:
        rows: in an order that stays the same.
        folder: of the parts.
        part_rows: rows in each part.
        keep: columns that are repeated in the results.
        known: hashes of the parts of a run that goes on; every part must be the same again.

    Raises:
        OutputError: the folder cannot be written, the list is empty, or it is another than the known one.
    """
    digests: list[str] = []
    count = 0
    schema = _schema(keep)
    for number, chunk in enumerate(_chunks(rows, part_rows)):
        content = [[row.get(column, "") for column in schema.names[1:]] for row in chunk]
        digest = sha256_of_json(content)
        if known is not None and (number >= len(known) or known[number] != digest):
            raise _changed(folder)
        path = folder / f"{part_name(number)}.parquet"
        if not _holds(path, digest):
            numbered = [{"item": count + place} | row for place, row in enumerate(chunk)]
            write_part(path, numbered, schema, {"digest": digest})
        digests.append(digest)
        count += len(chunk)
    if known is not None and len(known) != len(digests):
        raise _changed(folder)
    if not digests:
        raise OutputError("The work list is empty: nothing was named that holds an image.")
    return WorkList(folder, part_rows, count, tuple(digests))


def read_items(folder: Path, number: int, *, digest: str) -> list[Item]:
    """The rows of one part of a work list.

    Raises:
        OutputError: it is not there, or not the one with this hash.
        DamagedPartError: it is cut short or changed.
    """
    path = folder / f"{part_name(number)}.parquet"
    if read_facts(path).get("digest") != digest:
        raise OutputError(f"{path} is of another work list; run the same command again, which writes it anew.")
    items = []
    for row in read_columns(path).to_pylist():
        place = row.pop("item")
        items.append(Item(place, {name: text or "" for name, text in row.items()}))
    return items


def _holds(path: Path, digest: str) -> bool:
    try:
        return path.exists() and read_facts(path).get("digest") == digest
    except DamagedPartError:
        return False


def _schema(keep: Sequence[str]) -> "pa.Schema":
    import pyarrow as pa

    texts = (*COLUMNS, *(GIVEN + name for name in keep))
    return pa.schema([("item", pa.int64()), *((name, pa.string()) for name in texts)])


def _chunks(rows: Iterable[WorkRow], size: int) -> Iterator[list[WorkRow]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


def _changed(folder: Path) -> OutputError:
    return OutputError(
        f"The work list is another than the one that the run in {folder.parent} began with (images, rows or boxes "
        "came, went or changed); choose another --out for the new list."
    )
