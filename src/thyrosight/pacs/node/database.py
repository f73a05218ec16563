"""The SQLite file of the node's queue: every change is on the disk when the call that makes it returns."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thyrosight.errors import OutputError
from thyrosight.pacs.node.tables import LATER_COLUMNS, SCHEMA


class Database:
    """Transactions in write-ahead mode with full synchronisation.

    Args:
        path: made if it is not there; columns that came later are added to an older one.

    Raises:
        OutputError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = _opened(path)
        with self.transaction() as run:
            for statement in SCHEMA.split(";"):
                run(statement)
            for table, columns in LATER_COLUMNS.items():
                there = {row[1] for row in run(f"PRAGMA table_info({table})")}
                for name, kind in columns.items():
                    if name not in there:
                        run(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """One transaction, on the disk when the block ends."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database.execute
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._database.execute(query, values).fetchall()


def _opened(path: Path) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        raise OutputError(f"{path} cannot be opened ({error}); check the folder.") from error
    return database
