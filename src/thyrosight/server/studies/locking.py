"""One person at a time works on a study; a lock ends by itself when it is not renewed."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.server.database.tables import Study, User
from thyrosight.server.problems import conflict, not_found

LASTS: Final = timedelta(minutes=10)


def open_study(session: Session, study_id: UUID) -> Study:
    """A study of the worklist.

    Raises:
        ProblemError: there is none.
    """
    study = session.get(Study, study_id)
    if study is None or study.removed_at is not None:
        raise not_found("study")
    return study


def require_unlocked(session: Session, study: Study, *, user_id: UUID, now: datetime) -> None:
    """Refuse a change while somebody else works on the study.

    Raises:
        ProblemError: 409, with the name of who does.
    """
    if study.locked_by in (None, user_id) or study.locked_until is None or study.locked_until <= now:
        return
    holder = session.get(User, study.locked_by)
    name = holder.display if holder is not None else "Somebody else"
    raise conflict(f"{name} works on this study until {study.locked_until:%H:%M} UTC, or closes it before.")


def take_lock(session: Session, study: Study, *, user_id: UUID, now: datetime) -> None:
    """Take or renew the lock for ten minutes.

    Raises:
        ProblemError: somebody else has it.
    """
    require_unlocked(session, study, user_id=user_id, now=now)
    study.locked_by, study.locked_until = user_id, now + LASTS


def release_lock(study: Study, *, user_id: UUID) -> None:
    """Give the lock back; nothing happens where the user has none."""
    if study.locked_by == user_id:
        study.locked_by = study.locked_until = None
