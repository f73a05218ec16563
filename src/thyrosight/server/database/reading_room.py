"""Tables of the reading room: sessions, tasks, readings, and the events from which their time is computed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thyrosight.server.database.base import Row


class ReadingSession(Row):
    """A sitting of one reader under one arm.

    Attributes:
        reader_id: of `study_readers`.
        number: from 1.
        arm: of all its tasks, of sequential designs the one with the model; "" where tasks differ.
        earliest: before which it does not open; None where nothing is waited for, or not known yet.
        ended_at: when its last reading was locked; no earlier than any of its readings, whatever the clock says.
    """

    __tablename__ = "reading_sessions"
    __table_args__ = (UniqueConstraint("reader_id", "number"),)

    reader_id: Mapped[UUID] = mapped_column(ForeignKey("study_readers.id"))
    number: Mapped[int]
    arm: Mapped[str] = mapped_column(String(64))
    earliest: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReadingTask(Row):
    """A case in a session; its identifier and its code are random, so that neither tells the case.

    Attributes:
        position: within the session, from 1.
        code: that the reader sees.
        stages: pairs of a stage and its arm, in the order in which they are locked.
        practice, attention, repeat: kinds of tasks that are not analysed as the others.
        paused_at: since when the reader pauses; no picture is handed out meanwhile.
    """

    __tablename__ = "reading_tasks"
    __table_args__ = (UniqueConstraint("session_id", "position"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("reading_sessions.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("study_cases.id"), index=True)
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(16))
    stages: Mapped[list[Any]]
    practice: Mapped[bool]
    attention: Mapped[bool]
    repeat: Mapped[bool]
    paused_at: Mapped[datetime | None]


class Reading(Row):
    """An answer to a stage of a task; triggers refuse to change it once it is locked.

    Attributes:
        stage: "only", "before" or "after".
        protocol_version: under which it is made.
        draft: answers so far.
        version: of the draft; goes up with every change.
        answers: as they were locked.
        lock_key: drawn by the page that locked it, so that asking once more gives the same answer.
        opened_at, locked_at: by the clock of the server.
        active_ms: time spent on it, computed from its events at the lock.
        shown: what was shown of the model, or as feedback, after the lock; empty before.
        revealed_at: when that was.
    """

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("task_id", "stage"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("reading_tasks.id"))
    stage: Mapped[str] = mapped_column(String(8))
    protocol_version: Mapped[int]
    draft: Mapped[dict[str, Any]]
    version: Mapped[int]
    answers: Mapped[dict[str, Any]]
    lock_key: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    active_ms: Mapped[int | None]
    shown: Mapped[dict[str, Any]]
    revealed_at: Mapped[datetime | None]


class ReadingEvent(Row):
    """Something that a page told, or that the server saw, at `created_at` by the clock of the server.

    Attributes:
        kind: of `thyrosight.readings`.
        page: drawn by the page, so that overlapping pages count once.
        seq: within the reading, from 1.
    """

    __tablename__ = "reading_events"
    __table_args__ = (UniqueConstraint("reading_id", "seq"),)

    reading_id: Mapped[UUID] = mapped_column(ForeignKey("readings.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    page: Mapped[str] = mapped_column(String(64))
