"""Backup and restore: every row and every file in one archive that any of the databases takes back."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, Uuid, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from thyrosight import __version__
from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import sha256_of_bytes, sha256_of_file, write_atomically
from thyrosight.progress import Progress, silent
from thyrosight.server.clock import as_text, utc_now
from thyrosight.server.database import Database, Head, head, migrate, verify
from thyrosight.server.database.base import UtcDateTime
from thyrosight.server.database.database import reason_of
from thyrosight.server.database.tables import Base
from thyrosight.server.studies import FileStore

FORMAT: Final = 1
_FOLDERS: Final = ("images", "results")
"""Folders that are part of a backup; what is derived is made again, and unfinished uploads are begun again."""
_AT_A_TIME: Final = 500


class BackupError(ThyroSightError):
    """A backup that is damaged, or a place that is not empty."""


@dataclass(frozen=True)
class BackedUp:
    """A finished backup.

    Attributes:
        path: the archive.
        rows, files: how many.
        head: the end of the audit trail.
    """

    path: Path
    rows: int
    files: int
    head: Head


def back_up(database: Database, store: FileStore, path: Path, *, progress: Progress = silent) -> BackedUp:
    """Write a backup while the workstation may go on; it holds the state at one moment.

    Args:
        database, store: of the workstation.
        path: the archive (tar); whole or not at all.
        progress: called with the files written.

    Raises:
        OutputError: the place cannot be written.
        BackupError: the audit trail is not intact, or a file is missing.
    """
    hashes: dict[str, str] = {}
    with write_atomically(path) as temporary, tarfile.open(temporary, "w") as archive:
        rows, revision, end = _write_tables(database, archive, hashes)
        # Files are written before the rows that name them and never change, so that all that rows name are there.
        files = [one for folder in _FOLDERS for one in sorted((store.folder / folder).rglob("*")) if _is_kept(one)]
        for number, file in enumerate(files, start=1):
            name = file.relative_to(store.folder).as_posix()
            hashes[name] = sha256_of_file(file)
            archive.add(file, name, recursive=False)
            progress("Backing up", number, len(files))
        manifest = {
            "format": FORMAT, "version": __version__, "revision": revision, "made": as_text(utc_now()),
            "audit": {"seq": end.seq, "hash": end.hash}, "rows": rows, "files": hashes,
        }  # fmt: skip
        _add(archive, "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    return BackedUp(path, sum(rows.values()), len(files), end)


def restore(path: Path, database: Database, folder: Path, *, progress: Progress = silent) -> BackedUp:
    """Put a backup into an empty database and an empty folder, and check that it is what was backed up.

    Args:
        path: the archive.
        database: empty; of the same kind as before or of the other.
        folder: the data folder; empty or not there.
        progress: called with the files read.

    Raises:
        BackupError: the archive is damaged, from a newer version, or the place is not empty.
        OutputError: the folder cannot be written.
    """
    try:
        with tarfile.open(path) as archive:
            manifest = _manifest(archive, path)
            _require_empty(database, folder)
            store = FileStore(folder)
            _read_files(archive, manifest, store, path, progress)
            _read_tables(archive, manifest, database, path)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise BackupError(f"{path} is damaged or no backup ({error}); take another one.") from error
    except OSError as error:
        raise OutputError(f"{path} could not be restored ({error.strerror or error}).") from error
    with database.read() as session:
        problems, end = verify(session), head(session)
    expected = Head(manifest["audit"]["seq"], manifest["audit"]["hash"])
    if problems or end != expected:
        raise BackupError(f"{path}: the audit trail differs from the one that was backed up; do not use this copy.")
    return BackedUp(path, sum(manifest["rows"].values()), len(manifest["files"]), end)


def _write_tables(
    database: Database, archive: tarfile.TarFile, hashes: dict[str, str]
) -> tuple[dict[str, int], str, Head]:
    counts: dict[str, int] = {}
    options = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        revision = MigrationContext.configure(connection).get_current_revision() or ""
        for table in Base.metadata.sorted_tables:
            lines = [
                json.dumps(_row_out(dict(row)), sort_keys=True) for row in connection.execute(select(table)).mappings()
            ]
            counts[table.name] = len(lines)
            content = "".join(f"{line}\n" for line in lines).encode()
            hashes[f"tables/{table.name}.jsonl"] = sha256_of_bytes([content])
            _add(archive, f"tables/{table.name}.jsonl", content)
        seq, digest = connection.execute(text("SELECT seq, hash FROM audit_head")).one()
    return counts, revision, Head(seq, digest)


def _read_tables(archive: tarfile.TarFile, manifest: dict[str, Any], database: Database, path: Path) -> None:
    migrate(database)
    try:
        with database.engine.execution_options(writing=True).begin() as connection:
            connection.execute(text("DELETE FROM audit_head"))
            for table in Base.metadata.sorted_tables:
                name = f"tables/{table.name}.jsonl"
                if name not in manifest["files"]:
                    continue  # a table that came later
                rows = [json.loads(line) for line in _checked(archive, name, manifest, path).decode().splitlines()]
                for some in _chunks(_those_referred_to_first(rows, table), table):
                    connection.execute(insert(table), some)
    except SQLAlchemyError as error:
        raise BackupError(f"{path} does not fit this version of ThyroSight ({reason_of(error)}).") from error


def _those_referred_to_first(rows: list[dict[str, Any]], table: Table) -> list[dict[str, Any]]:
    """Rows that refer to others of their table, as reports to those that they supersede, behind these."""
    names = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    ordered, waiting = list[dict[str, Any]](), rows
    while names and waiting:
        absent = {row["id"] for row in waiting}
        ready = [row for row in waiting if absent.isdisjoint(row[name] for name in names)]
        if not ready:
            break  # a circle, which the database refuses
        ordered, waiting = [*ordered, *ready], [row for row in waiting if not absent.isdisjoint(map(row.get, names))]
    return [*ordered, *waiting]


def _chunks(rows: list[dict[str, Any]], table: Table) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _AT_A_TIME):
        yield [_row_in(row, table) for row in rows[start : start + _AT_A_TIME]]


def _row_out(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: as_text(value) if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
        for name, value in row.items()
    }


def _row_in(row: dict[str, Any], table: Table) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.columns[name].type
        if value is not None and isinstance(kind, UtcDateTime):
            value = datetime.fromisoformat(value)  # noqa: PLW2901
        elif value is not None and isinstance(kind, Uuid):
            value = UUID(value)  # noqa: PLW2901
        read[name] = value
    return read


def _read_files(
    archive: tarfile.TarFile, manifest: dict[str, Any], store: FileStore, path: Path, progress: Progress
) -> None:
    names = [name for name in manifest["files"] if not name.startswith("tables/")]
    for number, name in enumerate(names, start=1):
        folder, *rest = name.split("/")
        if folder not in _FOLDERS or len(rest) != 2 or any(part in ("", ".", "..") or "\\" in part for part in rest):
            raise BackupError(f"{path}: the name {name!r} leads outside the data folder; this is no backup of ours.")
        target = store.folder / folder / rest[0] / rest[1]
        target.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(target) as temporary, temporary.open("wb") as out:
            digest = _copy(archive, name, out)
        if digest != manifest["files"][name]:
            raise BackupError(f"{path}: the file {name} is damaged; take another backup.")
        progress("Restoring", number, len(names))


def _copy(archive: tarfile.TarFile, name: str, out: io.BufferedWriter) -> str:
    stream = archive.extractfile(name)
    if stream is None:
        raise tarfile.TarError(f"{name} is no file")
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()


def _checked(archive: tarfile.TarFile, name: str, manifest: dict[str, Any], path: Path) -> bytes:
    stream = archive.extractfile(name)
    content = b"" if stream is None else stream.read()
    if sha256_of_bytes([content]) != manifest["files"][name]:
        raise BackupError(f"{path}: the table {name} is damaged; take another backup.")
    return content


def _manifest(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    stream = archive.extractfile("manifest.json")
    try:
        manifest = json.loads(b"" if stream is None else stream.read())
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupError(f"{path} is no backup that this version of ThyroSight reads.")
    return manifest


def _require_empty(database: Database, folder: Path) -> None:
    present = [
        one for one in folder.rglob("*") if one.is_file() and not one.name.startswith((".lock", "thyrosight.sqlite"))
    ]
    if present:
        raise BackupError(f"{folder} is not empty; restore into a new folder.")
    migrate(database)
    with database.read() as session:
        if any(session.scalar(select(func.count()).select_from(table)) for table in _tables_of_people()):
            raise BackupError("The database is not empty; restore into a new one.")


def _tables_of_people() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name in ("users", "studies", "audit")]


def _is_kept(path: Path) -> bool:
    return path.is_file() and path.suffix != ".part"


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
