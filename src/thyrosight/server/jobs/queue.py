"""The queue: a job is done once, even where the process that worked on it was killed.

A process takes a job with a lease that it prolongs while it works. Where the lease runs out, another process may take
the job with a lease of its own; results are written only by the holder of the present lease, in the same transaction
that ends the job.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from thyrosight.server.database import Database
from thyrosight.server.database.tables import Job

LEASE: Final = timedelta(seconds=30)
_MOST_ATTEMPTS: Final = 3
_KILLED: Final = f"The process ended {_MOST_ATTEMPTS} times while it worked on this; the log of the server may say why."


@dataclass(frozen=True)
class Claimed:
    """A job that this process works on."""

    id: UUID
    kind: str
    what: Mapping[str, Any]
    lease: UUID
    user_id: UUID | None


def enqueue(
    session: Session, kind: str, what: Mapping[str, Any], *, user_id: UUID | None, now: datetime, total: int = 1
) -> Job:
    """Put a job into the queue, within a transaction."""
    job = Job(
        user_id=user_id,
        kind=kind,
        what=dict(what),
        state="waiting",
        lease=None,
        lease_until=None,
        attempts=0,
        done=0,
        total=total,
        result={},
        problem="",
        ended_at=None,
        created_at=now,
    )
    session.add(job)
    session.flush()
    return job


def claim(database: Database, kinds: Sequence[str], *, now: datetime) -> Claimed | None:
    """Take the job that has waited longest; None where there is none."""
    if _next(database, kinds, now) is None:  # asked first without keeping writers out
        return None
    with database.write() as session:
        job = session.scalar(_free(kinds, now))
        if job is None:
            return None
        if job.attempts >= _MOST_ATTEMPTS:
            job.state, job.problem, job.ended_at = "failed", _KILLED, now
            return None
        job.state, job.lease, job.lease_until = "running", uuid4(), now + LEASE
        job.attempts += 1
        return Claimed(job.id, job.kind, job.what, job.lease, job.user_id)


def extend(database: Database, job: Claimed, *, now: datetime, done: int | None = None) -> bool:
    """Prolong the lease, and say how much is done; False where the job is no longer ours."""
    with database.write() as session:
        row = session.get_one(Job, job.id)
        if row.lease != job.lease or row.state != "running":
            return False
        row.lease_until = now + LEASE
        row.done = row.done if done is None else done
        return True


def finish(
    database: Database,
    job: Claimed,
    result: Mapping[str, Any],
    *,
    now: datetime,
    store: Callable[[Session], None] = lambda _: None,
) -> bool:
    """End a job, and write what came out in the same transaction; False, and nothing, where it is no longer ours."""
    with database.write() as session:
        row = session.get_one(Job, job.id)
        if row.lease != job.lease or row.state != "running":
            return False
        store(session)
        row.state, row.result, row.done, row.ended_at = "done", dict(result), row.total, now
        return True


def fail(database: Database, job: Claimed, problem: str, *, now: datetime) -> bool:
    """End a job with the reason why it could not be done, in one sentence."""
    with database.write() as session:
        row = session.get_one(Job, job.id)
        if row.lease != job.lease or row.state != "running":
            return False
        row.state, row.problem, row.ended_at = "failed", problem, now
        return True


def _next(database: Database, kinds: Sequence[str], now: datetime) -> UUID | None:
    with database.read() as session:
        found = session.scalar(_free(kinds, now))
    return None if found is None else found.id


def _free(kinds: Sequence[str], now: datetime) -> Any:
    waits = Job.state == "waiting"
    left = (Job.state == "running") & (Job.lease_until < now)
    return select(Job).where(Job.kind.in_(kinds), or_(waits, left)).order_by(Job.created_at, Job.id).limit(1)
