"""Bringing a database up to the tables of this version."""

from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from thyrosight.server.database.database import Database, DatabaseError, reason_of

_PACKAGE: Final = "thyrosight.server.database"
_LOCK: Final = 7_263_184_022
"""The advisory lock of PostgreSQL under which one process migrates."""


def migrate(database: Database, *, to: str = "head") -> None:
    """Make the tables, or bring those of an older version up to date; one process at a time.

    Args:
        database: an empty one, or one of this or an older version.
        to: an older state, for tests of upgrades.

    Raises:
        DatabaseError: it cannot be reached, or a newer version of ThyroSight wrote it.
    """
    config = configuration()
    try:
        with database.engine.execution_options(writing=True).begin() as connection:
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            _refuse_newer(connection, config)
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"The database cannot be opened ({reason_of(error)}); check its address, its password and that it runs."
        ) from error


def configuration() -> Config:
    """Alembic's configuration; the connection is put into its attributes."""
    config = Config()
    config.set_main_option("script_location", str(files(_PACKAGE) / "migrations"))
    return config


def _refuse_newer(connection: Connection, config: Config) -> None:
    present = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for one in present:
        if one not in known:
            raise DatabaseError(
                f"The database was written by a newer version of ThyroSight (its state is {one}); install that version."
            )
