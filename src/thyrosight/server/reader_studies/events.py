"""Events that pages report of a reading, by the clock of the server, and the active time that follows from them."""

from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from thyrosight.readings import Event, EventKind, active_seconds
from thyrosight.server.database.tables import Reading, ReadingEvent, ReadingSession, ReadingTask
from thyrosight.server.problems import conflict

SERVER: Final = "server"
"""Page of events that the server saw before a page reported any."""
_TYPING_EVERY: Final = timedelta(seconds=5)
"""Typing is recorded at most this often, not at each keystroke."""
_MOST: Final = 20_000
"""Events of one reading."""
_LAST: Final = (
    select(ReadingEvent)
    .where(ReadingEvent.reading_id == bindparam("reading"))
    .order_by(ReadingEvent.seq.desc())
    .limit(1)
)


def note_event(session: Session, reading: Reading, kind: EventKind, *, page: str, now: datetime) -> None:
    """Write an event; never before the one that came before it, even where the clock was set back.

    Raises:
        ProblemError: 409 where the reading is locked, or has more events than a person can make.
    """
    _write(session, reading, kind, page=page, now=now, last=_last(session, reading))


def _write(
    session: Session, reading: Reading, kind: EventKind, *, page: str, now: datetime, last: ReadingEvent | None
) -> None:
    if reading.locked_at is not None:
        raise conflict("This reading is locked and does not change any more.")
    if last is not None and last.seq >= _MOST:
        raise conflict("The page tells too much; load it again.")
    session.add(
        ReadingEvent(
            reading_id=reading.id, seq=1 if last is None else last.seq + 1, kind=kind, page=page,
            created_at=now if last is None else max(now, last.created_at),
        )
    )  # fmt: skip
    session.flush()


def note_typing(session: Session, reading: Reading, *, page: str, now: datetime) -> None:
    """Write down that something was answered, at most once in a few seconds."""
    last = _last(session, reading)
    recent = last is not None and last.kind == "answered" and last.page == page
    if last is None or not recent or now - last.created_at >= _TYPING_EVERY:
        _write(session, reading, "answered", page=page, now=now, last=last)


def page_of(session: Session, reading: Reading) -> str:
    """The page that told something of a reading last."""
    last = _last(session, reading)
    return SERVER if last is None else last.page


def active_ms_of(session: Session, reading: Reading, reader_id: UUID, *, until: datetime) -> int:
    """Time spent on a reading in milliseconds, without what was idle, hidden, paused or spent on another reading.

    Args:
        session: a transaction.
        reading: whose time is wanted.
        reader_id: of `study_readers`; what the reader's pages told of other readings meanwhile counts there.
        until: when it is locked.
    """
    rows = session.scalars(
        select(ReadingEvent)
        .join(Reading, Reading.id == ReadingEvent.reading_id)
        .join(ReadingTask, ReadingTask.id == Reading.task_id)
        .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
        .where(ReadingSession.reader_id == reader_id, ReadingEvent.created_at >= reading.opened_at)
        .order_by(ReadingEvent.created_at, ReadingEvent.reading_id, ReadingEvent.seq)
    ).all()
    # Where a page tells of a reading, what the server saw of it would be a second page.
    told = {row.reading_id for row in rows if row.page != SERVER}
    events = [
        Event(at=row.created_at, kind=cast(EventKind, row.kind), page=row.page, reading=str(row.reading_id))
        for row in rows
        if row.page != SERVER or row.reading_id not in told
    ]
    return round(1000 * active_seconds(events, until=until, reading=str(reading.id)))


def _last(session: Session, reading: Reading) -> ReadingEvent | None:
    return session.scalar(_LAST, {"reading": reading.id})
