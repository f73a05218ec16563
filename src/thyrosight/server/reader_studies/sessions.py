"""Opening and end of a reader's sessions; the clock of the server decides, and setting it back opens nothing early."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from thyrosight.readings import Protocol, earliest_start
from thyrosight.readings import Session as PlannedSession
from thyrosight.server.database.tables import (
    Reading,
    ReadingEvent,
    ReadingSession,
    ReadingTask,
    StudyCase,
    StudyReader,
)
from thyrosight.server.reader_studies.left import count_of

_SESSIONS: Final = (
    select(ReadingSession).where(ReadingSession.reader_id == bindparam("reader")).order_by(ReadingSession.number)
)


@dataclass(frozen=True)
class Progress:
    """How far a session is; withdrawn cases do not count, unless they were locked.

    Attributes:
        session: the row.
        total, opened, locked: tasks.
        active_ms: time spent on readings that are locked.
        median_ms: of the time spent on a case that is locked, both stages together; None before the first.
    """

    session: ReadingSession
    total: int
    opened: int
    locked: int
    active_ms: int
    median_ms: float | None


def sessions_of(session: Session, reader: StudyReader) -> list[ReadingSession]:
    """The sessions of a reader, in their order."""
    return list(session.scalars(_SESSIONS, {"reader": reader.id}))


def tasks_of(session: Session, sitting: ReadingSession) -> list[tuple[ReadingTask, StudyCase]]:
    """The tasks of a session with their cases, in their order; those of withdrawn cases too."""
    rows = session.execute(
        select(ReadingTask, StudyCase)
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .where(ReadingTask.session_id == sitting.id)
        .order_by(ReadingTask.position)
    )
    return [(task, of_case) for task, of_case in rows]


def readings_of(session: Session, sitting: ReadingSession) -> dict[UUID, dict[str, Reading]]:
    """The readings of a session: by task, then by stage."""
    rows = session.scalars(
        select(Reading).join(ReadingTask, ReadingTask.id == Reading.task_id).where(ReadingTask.session_id == sitting.id)
    )
    found: dict[UUID, dict[str, Reading]] = {}
    for reading in rows:
        found.setdefault(reading.task_id, {})[reading.stage] = reading
    return found


def is_locked(task: ReadingTask, readings: dict[str, Reading] | None) -> bool:
    """Whether the last stage of a task is locked."""
    last = (readings or {}).get(task.stages[-1][0])
    return last is not None and last.locked_at is not None


def progress_of(session: Session, sitting: ReadingSession) -> Progress:
    """How far a session is."""
    readings = readings_of(session, sitting)
    total, times = 0, list[int]()
    for task, of_case in tasks_of(session, sitting):
        done = is_locked(task, readings.get(task.id))
        if done:
            times.append(sum(one.active_ms or 0 for one in readings[task.id].values()))
        total += done or of_case.withdrawn_at is None
    spent = sum(one.active_ms or 0 for stages in readings.values() for one in stages.values())
    return Progress(sitting, total, len(readings), len(times), spent, median(times) if times else None)


def counts_by_study(session: Session) -> dict[UUID, tuple[int, int]]:
    """For every study the tasks that are locked, and all that are locked or still to be read."""
    waits = StudyCase.withdrawn_at.is_(None) & StudyReader.removed_at.is_(None)
    rows = session.execute(
        select(
            StudyReader.reader_study_id,
            func.count(Reading.id),
            func.sum(case((waits | Reading.id.is_not(None), 1), else_=0)),
        )
        .select_from(ReadingTask)
        .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
        .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .outerjoin(
            Reading,
            (Reading.task_id == ReadingTask.id) & Reading.locked_at.is_not(None) & (Reading.stage != "before"),
        )
        .group_by(StudyReader.reader_study_id)
    )
    return {study_id: (int(locked), int(total)) for study_id, locked, total in rows}


def current_session(sittings: Sequence[ReadingSession]) -> ReadingSession | None:
    """The first session that has not ended; None where all have."""
    return next((one for one in sittings if one.ended_at is None), None)


def state_of(sitting: ReadingSession | None, *, now: datetime) -> Literal["open", "waiting", "ended"]:
    """Whether there is something to read now."""
    if sitting is None:
        return "ended"
    return "waiting" if sitting.earliest is not None and now < sitting.earliest else "open"


def end_where_all_is_read(session: Session, reader: StudyReader, protocol: Protocol, *, now: datetime) -> None:
    """End the present session if nothing is left in it, and say when the next one opens."""
    sittings = sessions_of(session, reader)
    sitting = current_session(sittings)
    if sitting is None:
        return
    session.flush()
    found = count_of(session, sitting.id)
    if found.locked < found.total:
        return
    sitting.ended_at = max(now, _last_seen(session, reader) or now)
    for after in sittings:
        if after.number == sitting.number + 1:
            after.earliest = _earliest(after, protocol, sitting.ended_at)


def _earliest(sitting: ReadingSession, protocol: Protocol, ended: datetime) -> datetime | None:
    planned = PlannedSession(reader="", number=sitting.number, arm=sitting.arm or None, tasks=())
    return earliest_start(planned, washout_days=protocol.washout_days, previous_ended=ended)


def _last_seen(session: Session, reader: StudyReader) -> datetime | None:
    """The latest moment that was written down for a reader: a clock that was set back since does not undo it."""
    return session.scalar(
        select(func.max(ReadingEvent.created_at))
        .join(Reading, Reading.id == ReadingEvent.reading_id)
        .join(ReadingTask, ReadingTask.id == Reading.task_id)
        .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
        .where(ReadingSession.reader_id == reader.id)
    )
