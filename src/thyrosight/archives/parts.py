"""Parts on disk: Parquet files that name what they hold, written whole or not at all and recognised by their hash."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

FACTS = b"thyrosight"
"""Key of the schema's metadata under which a part states its facts, as JSON."""


class DamagedPartError(ThyroSightError):
    """A part that is cut short or changed."""


def part_name(number: int) -> str:
    """The name of a part, from 0; names sort as numbers do.

    >>> part_name(7)
    'part-000007'
    """
    return f"part-{number:06}"


def write_part(path: Path, rows: Sequence[Mapping[str, Any]], schema: "pa.Schema", facts: Mapping[str, Any]) -> None:
    """Write the rows of a part with facts on it, whole or not at all.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    named = schema.with_metadata({FACTS: json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()})
    table = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=named)
    # Not by its name: Arrow's own errors do not say that a disk is full.
    with write_atomically(path) as temporary, temporary.open("wb") as stream:
        pq.write_table(table, stream, compression="zstd", write_page_checksum=True)


def read_facts(path: Path) -> dict[str, Any]:
    """The facts that a part states; only its last bytes are read.

    Raises:
        DamagedPartError: it is cut short, or no part.
        OutputError: it cannot be opened.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        stated = pq.read_schema(path).metadata
        facts = json.loads((stated or {})[FACTS])
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise damaged(path) from error
    except OSError as error:
        # Arrow also reports content that it cannot read as OSError, without a number of the system.
        if error.errno is None:
            raise damaged(path) from error
        raise OutputError(f"{path} cannot be opened ({error.strerror or error}); check the folder.") from error
    return facts if isinstance(facts, dict) else {}


def read_columns(path: Path, columns: Sequence[str] | None = None) -> "pa.Table":
    """Columns of a part, all where none are named; what was changed after it was written is noticed.

    Raises:
        DamagedPartError: it is cut short or changed.
        OutputError: it cannot be opened.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    read_facts(path)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read(columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> DamagedPartError:
    """The error that names a damaged part."""
    return DamagedPartError(f"{path} is damaged; delete it and run the same command again.")
