"""The queue: each job once, whatever dies."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from thyrosight.server.database import Database
from thyrosight.server.database.tables import Job, Setting
from thyrosight.server.jobs import claim, enqueue, extend, fail, finish
from thyrosight.server.jobs.queue import LEASE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put(database: Database, kind: str = "assess", *, at: datetime = NOW) -> None:
    with database.write() as session:
        enqueue(session, kind, {"x": 1}, user_id=None, now=at)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Job.state).order_by(Job.created_at)))


def test_jobs_are_taken_in_their_order_and_by_kind(database: Database) -> None:
    put(database, "find", at=NOW)
    put(database, "assess", at=NOW + timedelta(seconds=1))
    taken = claim(database, ["assess"], now=NOW)
    assert taken is not None
    assert taken.kind == "assess"
    assert claim(database, ["assess"], now=NOW) is None
    assert claim(database, ["assess", "find"], now=NOW) is not None


def test_a_job_of_a_dead_process_is_done_by_another_and_only_once(database: Database) -> None:
    put(database)
    dead = claim(database, ["assess"], now=NOW)
    assert dead is not None
    assert claim(database, ["assess"], now=NOW + LEASE) is None
    late = NOW + LEASE + timedelta(seconds=1)
    other = claim(database, ["assess"], now=late)
    assert other is not None
    assert other.id == dead.id

    # The first one lives after all: it has lost its lease, and writes nothing.
    def write(name: str) -> None:
        finished = finish(
            database, dead if name == "dead" else other, {"by": name}, now=late,
            store=lambda session: session.add(Setting(name=name, value={}, changed_at=NOW)),
        )  # fmt: skip
        assert finished == (name == "other")

    assert not extend(database, dead, now=late)
    write("dead")
    write("other")
    write("dead")
    with database.read() as session:
        assert list(session.scalars(select(Setting.name))) == ["other"]
        assert session.scalars(select(Job)).one().result == {"by": "other"}
    assert not fail(database, other, "too late", now=late)


def test_a_lease_that_is_prolonged_keeps_the_job(database: Database) -> None:
    put(database)
    mine = claim(database, ["assess"], now=NOW)
    assert mine is not None
    assert extend(database, mine, now=NOW + LEASE, done=1)
    assert claim(database, ["assess"], now=NOW + LEASE + timedelta(seconds=1)) is None


def test_a_job_that_kills_every_process_fails_after_three(database: Database) -> None:
    put(database)
    now = NOW
    for _ in range(3):
        assert claim(database, ["assess"], now=now) is not None
        now += LEASE + timedelta(seconds=1)
    assert claim(database, ["assess"], now=now) is None
    assert states(database) == ["failed"]
