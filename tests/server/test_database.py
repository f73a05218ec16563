"""Transactions, migrations and the audit trail, on SQLite and on PostgreSQL."""

import threading
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError as Refused

from thyrosight.server.database import Database, DatabaseError, Head, append, head, migrate, verify
from thyrosight.server.database.tables import AuditRow, Base, Setting

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def write_events(database: Database, count: int) -> Head:
    with database.write() as session:
        for number in range(count):
            append(session, who="ana", what="seen", object=f"study {number}", body={"ü": number}, clock=lambda: MOMENT)
        return head(session)


def without_triggers(database: Database, *statements: str) -> None:
    """Do what an intruder with all rights could do."""
    with database.write() as session:
        if database.is_sqlite:
            for name in ("audit_no_update", "audit_no_delete"):
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        for statement in statements:
            session.execute(text(statement))


def test_the_migrations_make_the_tables_that_the_program_uses(empty_database: Database) -> None:
    migrate(empty_database)
    migrate(empty_database)  # again changes nothing
    with empty_database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_write_waits_for_the_disk_but_signs_of_life(database: Database) -> None:
    asked = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    found = []
    for durable in (True, False, True):  # on one connection after the other, or the same again
        with database.write(durable=durable) as session:
            found.append(session.execute(text(asked)).scalar_one())
            session.add(Setting(name=f"one{len(found)}", value={}, changed_at=MOMENT))
    assert found == ([2, 1, 2] if database.is_sqlite else ["on", "off", "on"])
    with database.read() as session:
        assert len(session.scalars(select(Setting)).all()) == 3


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer version"):
        migrate(database)


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://x/y", "no address"])
def test_other_databases_are_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"PostgreSQL|postgresql\+pg8000"):
        Database(url)


def test_an_unreachable_database_names_no_password() -> None:
    pytest.importorskip("pg8000")
    with pytest.raises(DatabaseError) as told:
        migrate(Database("postgresql+pg8000://ana:secret@127.0.0.1:1/nothing"))
    assert "secret" not in str(told.value)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Setting(name="a", value={"x": 1}, changed_at=MOMENT))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.scalars(select(Setting)).all() == []


def test_times_come_back_in_utc(database: Database) -> None:
    with database.write() as session:
        session.add(Setting(name="a", value={}, changed_at=MOMENT))
    with database.read() as session:
        assert session.get_one(Setting, "a").changed_at == MOMENT
    with pytest.raises(Exception, match="zone"), database.write() as session:
        session.add(Setting(name="b", value={}, changed_at=MOMENT.replace(tzinfo=None)))


def test_writers_of_several_threads_give_a_trail_without_gaps(database: Database) -> None:
    threads = [threading.Thread(target=write_events, args=(database, 1)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert list(session.scalars(select(AuditRow.seq).order_by(AuditRow.seq))) == list(range(1, 13))
        assert verify(session) == []


def test_the_trail_hashes_the_same_on_every_database(database: Database) -> None:
    end = write_events(database, 3)
    assert end == Head(3, "b8b038562bbf54b497a8471bbf2b8b2286d8843db1f3e3ee5951a0e3766c94d2")


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'eve' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"])
def test_the_database_refuses_to_change_the_trail(database: Database, statement: str) -> None:
    write_events(database, 3)
    with pytest.raises(Refused, match="never changed"), database.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "seq", "sentence"),
    [
        ("UPDATE audit SET who = 'eve' WHERE seq = 3", 3, "row 3 was changed"),
        ("UPDATE audit SET body = '{}' WHERE seq = 1", 1, "row 1 was changed"),
        ("DELETE FROM audit WHERE seq = 2", 2, "row 2 is missing"),
        ("DELETE FROM audit WHERE seq IN (2, 3)", 2, "rows 2 to 3 are missing"),
        ("DELETE FROM audit WHERE seq = 5", 5, "row 5 is missing at the end"),
        ("DELETE FROM audit", 1, "rows 1 to 5 are missing at the end"),
    ],
)
def test_a_changed_or_deleted_row_is_named(database: Database, statement: str, seq: int, sentence: str) -> None:
    write_events(database, 5)
    without_triggers(database, statement)
    with database.read() as session:
        problems = verify(session)
    assert [(one.seq, one.sentence) for one in problems] == [(seq, sentence)]


def test_a_cut_that_covers_its_tracks_is_found_by_a_head_on_paper(database: Database) -> None:
    known = write_events(database, 5)
    with database.read() as session:
        fourth = session.get_one(AuditRow, 4).hash
    without_triggers(database, "DELETE FROM audit WHERE seq = 5", f"UPDATE audit_head SET seq = 4, hash = '{fourth}'")
    with database.read() as session:
        assert verify(session) == []
        assert [one.seq for one in verify(session, known=known)] == [5]


@pytest.mark.parametrize("older", ["0001", "0002"])
def test_an_older_database_is_brought_up_to_date(empty_database: Database, older: str) -> None:
    migrate(empty_database, to=older)
    write_events(empty_database, 2)
    migrate(empty_database)
    with empty_database.read() as session:
        assert verify(session) == []
        assert head(session).seq == 2


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    with database.read() as reader:
        assert head(reader).seq == 0
        write_events(database, 1)
    with database.read() as reader:
        assert head(reader).seq == 1
