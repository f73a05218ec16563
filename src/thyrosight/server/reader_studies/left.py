"""Readings left in a session, asked of the database in one query: it is asked with every keystroke."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from thyrosight.server.database.tables import Reading, ReadingTask, StudyCase

_ENDED, _OPENED = aliased(Reading), aliased(Reading)
_IS_ENDED = (_ENDED.task_id == ReadingTask.id) & (_ENDED.stage != "before") & _ENDED.locked_at.is_not(None)
"""The reading that ends a task: its last stage is locked."""
_IS_OPENED = (_OPENED.task_id == ReadingTask.id) & (_OPENED.stage != "after")
"""The reading with which a task was opened: its first stage."""

_PRACTICE: Final = (
    select(ReadingTask.id)
    .join(StudyCase, StudyCase.id == ReadingTask.case_id)
    .outerjoin(_ENDED, _IS_ENDED)
    .where(
        ReadingTask.session_id == bindparam("session"),
        ReadingTask.practice.is_(True),
        StudyCase.withdrawn_at.is_(None),
        _ENDED.id.is_(None),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Count:
    """Tasks of a session; withdrawn cases count where they were locked before.

    Attributes:
        total, locked: tasks.
    """

    total: int
    locked: int


@dataclass(frozen=True)
class Left:
    """A task that is not locked.

    Attributes:
        id, position, practice: of the task.
        opened: whether the reader has looked at it.
    """

    id: UUID
    position: int
    practice: bool
    opened: bool


def count_of(session: Session, session_id: UUID) -> Count:
    """How many tasks a session has, and how many of them are locked."""
    total, locked = session.execute(
        select(
            func.coalesce(func.sum(case((StudyCase.withdrawn_at.is_(None) | _ENDED.id.is_not(None), 1), else_=0)), 0),
            func.count(_ENDED.id),
        )
        .select_from(ReadingTask)
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .outerjoin(_ENDED, _IS_ENDED)
        .where(ReadingTask.session_id == session_id)
    ).one()
    return Count(int(total), int(locked))


def left_to_read(session: Session, session_id: UUID) -> list[Left]:
    """The tasks of a session that are not locked, in their order; while practice cases are left, these alone."""
    rows = session.execute(
        select(ReadingTask.id, ReadingTask.position, ReadingTask.practice, _OPENED.id.is_not(None))
        .join(StudyCase, StudyCase.id == ReadingTask.case_id)
        .outerjoin(_ENDED, _IS_ENDED)
        .outerjoin(_OPENED, _IS_OPENED)
        .where(ReadingTask.session_id == session_id, StudyCase.withdrawn_at.is_(None), _ENDED.id.is_(None))
        .order_by(ReadingTask.position)
    )
    left = [Left(task_id, position, practice, bool(seen)) for task_id, position, practice, seen in rows]
    practice = any(one.practice for one in left)
    return [one for one in left if one.practice or not practice]


def practice_is_left(session: Session, session_id: UUID) -> bool:
    """Whether practice cases of a session are not locked yet."""
    return session.scalar(_PRACTICE, {"session": session_id}) is not None
