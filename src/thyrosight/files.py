"""Writing files so that a reader never meets half of one, and naming their content by a hash."""

import csv
import errno
import hashlib
import io
import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from thyrosight.errors import OutputError

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EACCES: "there is no permission to write there; choose another folder",
    errno.EPERM: "there is no permission to write there; choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another folder",
    errno.EEXIST: "a file of that name stands in the way; choose another folder",
}


def parse_json(text: str | bytes) -> Any:
    """Return the value of JSON text; what `json.loads` cannot hold, such as lists 10,000 deep, is not valid either.

    Raises:
        ValueError: not valid JSON; `json.JSONDecodeError` where the place is known.

    >>> parse_json("[" * 100_000)
    Traceback (most recent call last):
    ...
    ValueError: lists or objects too deep inside each other
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("lists or objects too deep inside each other") from None


def json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where the file is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def output_error(path: Path, error: OSError) -> OutputError:
    """Say in one sentence why `path` could not be written."""
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; check the path")
    return OutputError(f"Could not write {path}: {reason}.")


def make_folder(path: Path) -> Path:
    """Create `path` and its parents.

    Raises:
        OutputError: the folder cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    return path


@contextmanager
def write_atomically(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to, and move it into place once the block ends without an error.

    If the block fails, the temporary file is removed and whatever stood at `path` stays as it was.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with write_atomically(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("done")
    >>> (folder / "a.txt").read_text()
    'done'
    """
    path = Path(path)
    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".part" + path.suffix)
    except OSError as error:
        raise output_error(path, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        if error.filename is None or Path(os.fsdecode(error.filename)) in (temporary, path):
            raise output_error(path, error) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8 with unix line ends, whole or not at all."""
    with write_atomically(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as readable JSON, whole or not at all. NaN is refused: it is not JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(
    path: Path | str,
    rows: Iterable[Mapping[Any, Any]],
    columns: Sequence[str] | None = None,
    *,
    digits: int | None = None,
) -> None:
    """Write rows as a CSV file, whole or not at all; arguments as in `csv_text`."""
    write_text(path, csv_text(rows, columns, digits=digits))


def csv_text(
    rows: Iterable[Mapping[Any, Any]], columns: Sequence[str] | None = None, *, digits: int | None = None
) -> str:
    """Rows as CSV with a header. Cells that are missing, None or NaN are empty.

    Args:
        rows: one mapping from column to cell for each row.
        columns: the columns in their order; None takes them in the order in which the rows first name them.
        digits: significant digits of floating-point numbers; None writes them in full.

    Raises:
        ValueError: a row has a cell in a column that is not among `columns`.

    >>> print(csv_text([{"image": "1.png", "risk": 1 / 3}, {"image": "2.png", "note": "a, b"}], digits=3), end="")
    image,risk,note
    1.png,0.333,
    2.png,,"a, b"
    """
    rows = list(rows)
    if columns is None:
        columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value, digits) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any, digits: int | None) -> Any:
    if isinstance(value, Integral) or not isinstance(value, Real):
        return value
    if math.isnan(value):
        return ""
    return value if digits is None else f"{value:.{digits}g}"


def sha256_of_bytes(parts: Iterable[bytes]) -> str:
    """SHA-256 of byte strings, one after the other, in hexadecimal.

    >>> sha256_of_bytes([b"thyro", b"sight"]) == sha256_of_bytes([b"thyrosight"])
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def sha256_of_file(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_json(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form (sorted keys, no spaces).

    >>> sha256_of_json({"b": 1, "a": 2}) == sha256_of_json({"a": 2, "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256_of_bytes([text.encode("ascii")])
