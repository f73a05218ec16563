"""Transactions on SQLite or PostgreSQL: any number of readers, one writer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from thyrosight.errors import ThyroSightError

WRITER_LOCK = 7_263_184_021
"""The advisory lock of PostgreSQL that writers take, one after the other."""
_PATIENCE = 30
"""Seconds that a writer waits for another process."""


class DatabaseError(ThyroSightError):
    """A database that cannot be reached, or does not belong to this version."""


class Database:
    """A database by its address.

    Args:
        url: as SQLAlchemy writes it: `sqlite:///file` or `postgresql+pg8000://user:password@host/name`.

    Raises:
        DatabaseError: no such kind of database, or its driver is missing.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = {
            durable: self.engine.execution_options(writing=True, durable=durable) for durable in (True, False)
        }
        # SQLite lets waiting writers sleep and try again; a lock hands over at once, in the order of asking.
        self._turn: Any = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A view of the database as it is now; nothing is written."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Session]:
        """One transaction, alone: all of it is on the disk when the block ends without an error, or nothing.

        Args:
            durable: whether the block waits for the disk. Without, what was written survives the end of this program
                at any moment, and a power cut may undo the last seconds: for signs of life, which readers send often.
        """
        with self._turn, Session(self._writing[durable], expire_on_commit=False) as session, session.begin():
            if not self.is_sqlite:
                if not durable:
                    session.execute(text("SET LOCAL synchronous_commit = off"))
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        if name not in ("sqlite", "postgresql"):
            raise DatabaseError(f"The workstation keeps its data in SQLite or PostgreSQL, not in {name}.")
        if name == "postgresql" and parsed.get_driver_name() != "pg8000":
            raise DatabaseError("Write the address of PostgreSQL as postgresql+pg8000://user:password@host/name.")
        if name == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": _PATIENCE, "check_same_thread": False})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=40)
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(
            "The address of the database cannot be read; write sqlite:///FILE or "
            "postgresql+pg8000://user:password@host/name."
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"PostgreSQL needs the package {error.name}; install it with pip install 'thyrosight[postgres]'."
        ) from error


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Write-ahead mode with full synchronisation: what was committed survives a crash of the machine."""
    connection.isolation_level = None  # transactions are begun below, and not by the driver
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {_PATIENCE}000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writing", False):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('durable', True) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def reason_of(error: SQLAlchemyError) -> str:
    """The first line of what the database said, without the statement and its values, which may name patients."""
    origin = getattr(error, "orig", None)
    if origin is not None and origin.args and isinstance(origin.args[0], dict):  # pg8000 answers with fields
        return str(origin.args[0].get("M", "no reason given"))
    return (str(origin or error).strip() or type(error).__name__).splitlines()[0]
