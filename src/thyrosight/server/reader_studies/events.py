"""What pages tell of a reading and the server sees, by the clock of the server, and the time that follows from it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import Reading, ReadingEvent
from thyrosight.server.problems import conflict

_TYPING_EVERY: Final = timedelta(seconds=5)
"""Of typing so much is written down, not each keystroke."""
_MOST: Final = 20_000
"""Events of one reading."""


def note_event(session: Session, reading: Reading, kind: str, *, page: str, now: datetime) -> None:
    """Write an event; never before the one that came before it, even where the clock was set back.

    Raises:
        ProblemError: 409 where the reading is locked, or has more events than a person can make.
    """
    if reading.locked_at is not None:
        raise conflict("This reading is locked and does not change any more.")
    last = _last(session, reading)
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
        note_event(session, reading, "answered", page=page, now=now)


def events_of(session: Session, reading: Reading) -> list[ReadingEvent]:
    """The events of a reading, in their order."""
    return list(
        session.scalars(select(ReadingEvent).where(ReadingEvent.reading_id == reading.id).order_by(ReadingEvent.seq))
    )


def _last(session: Session, reading: Reading) -> ReadingEvent | None:
    return session.scalar(
        select(ReadingEvent).where(ReadingEvent.reading_id == reading.id).order_by(ReadingEvent.seq.desc()).limit(1)
    )


def active_ms_of(session: Session, reading: Reading) -> int:
    """Time spent on a reading in milliseconds."""
    events = events_of(session, reading)
    return round((events[-1].created_at - events[0].created_at).total_seconds() * 1000)
