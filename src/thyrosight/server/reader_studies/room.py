"""The reading room: which task a reader may look at now. Whatever is not the reader's own, or not now, is refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import (
    ReaderStudy,
    Reading,
    ReadingSession,
    ReadingTask,
    StudyCase,
    StudyReader,
    User,
)
from thyrosight.server.problems import ProblemError, conflict, not_found
from thyrosight.server.reader_studies.left import Count, count_of, left_to_read, practice_is_left
from thyrosight.server.reader_studies.readers import unfit
from thyrosight.server.reader_studies.sessions import current_session, is_locked, sessions_of, state_of

_NO_TASK, _NO_STUDY = "case to read", "open study for you to read"

# Asked with every keystroke and every frame, and put together once.
_DESK: Final = (
    select(ReadingTask, ReadingSession, StudyReader, StudyCase, ReaderStudy, User)
    .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
    .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
    .join(StudyCase, StudyCase.id == ReadingTask.case_id)
    .join(ReaderStudy, ReaderStudy.id == StudyReader.reader_study_id)
    .join(User, User.id == StudyReader.user_id)
    .where(ReadingTask.id == bindparam("task"), StudyReader.user_id == bindparam("user"))
)
_OWN: Final = (
    select(Reading)
    .join(ReadingTask, ReadingTask.id == Reading.task_id)
    .join(ReadingSession, ReadingSession.id == ReadingTask.session_id)
    .join(StudyReader, StudyReader.id == ReadingSession.reader_id)
    .where(Reading.id == bindparam("reading"), StudyReader.user_id == bindparam("user"))
)
_READINGS: Final = select(Reading).where(Reading.task_id == bindparam("task"))


@dataclass(frozen=True)
class Seat:
    """A reader in a study.

    Attributes:
        study, reader: the rows.
        sittings: the reader's sessions.
        current: the first that has not ended; None where all have.
        state: "open", "waiting" for a later date, or "ended".
    """

    study: ReaderStudy
    reader: StudyReader
    sittings: list[ReadingSession]
    current: ReadingSession | None
    state: Literal["open", "waiting", "ended"]


@dataclass(frozen=True)
class Desk:
    """A task that a reader may look at.

    Attributes:
        seat: of the reader.
        sitting, task, case: the rows.
        stage, arm: that are read now; the last ones where all is locked.
        readings: of the task, by stage.
        locked: whether all its stages are locked.
    """

    seat: Seat
    sitting: ReadingSession
    task: ReadingTask
    case: StudyCase
    stage: str
    arm: str
    readings: dict[str, Reading]
    locked: bool

    @property
    def reading(self) -> Reading | None:
        """The reading of the present stage, if it was opened."""
        return self.readings.get(self.stage)


@dataclass(frozen=True)
class NextTask:
    """Next task of a reader.

    Attributes:
        state: "task", "waiting" or "ended".
        task: identifier; None where there is none now.
        count: of the present session, or of the last one.
        unlocked: tasks that were opened and are not locked, by identifier and position.
    """

    state: Literal["task", "waiting", "ended"]
    task: UUID | None
    count: Count
    earliest: datetime | None
    unlocked: list[tuple[UUID, int]]


def seats(session: Session, user_id: UUID, *, now: datetime, study_id: UUID | None = None) -> list[Seat]:
    """The open studies in which a user reads, the oldest first; or the one that is named.

    Raises:
        ProblemError: 403 where the account could see cases elsewhere.
    """
    _require_fit(session.get_one(User, user_id))
    chosen = (
        select(StudyReader, ReaderStudy)
        .join(ReaderStudy, ReaderStudy.id == StudyReader.reader_study_id)
        .where(
            StudyReader.user_id == user_id,
            StudyReader.removed_at.is_(None),
            ReaderStudy.state == "open",
            ReaderStudy.removed_at.is_(None),
        )
        .order_by(ReaderStudy.opened_at, ReaderStudy.id)
    )
    rows = session.execute(chosen if study_id is None else chosen.where(ReaderStudy.id == study_id))
    return [_seat(session, study, reader, now) for reader, study in rows]


def seat_in(session: Session, user_id: UUID, study_id: UUID, *, now: datetime) -> Seat:
    """A user's seat in an open study.

    Raises:
        ProblemError: 404 where there is none.
    """
    found = seats(session, user_id, now=now, study_id=study_id)
    if not found:
        raise not_found(_NO_STUDY)
    return found[0]


def next_task(session: Session, seat: Seat, *, after: UUID | None = None) -> NextTask:
    """The first task that is not locked; behind `after`, from the beginning where nothing is left behind it."""
    sitting = seat.current
    if sitting is None:
        return NextTask("ended", None, count_of(session, seat.sittings[-1].id), None, [])
    count = count_of(session, sitting.id)
    if seat.state == "waiting":
        return NextTask("waiting", None, count, sitting.earliest, [])
    left = left_to_read(session, sitting.id)
    before = None if after is None else session.get(ReadingTask, after)
    place = before.position if before is not None and before.session_id == sitting.id else 0
    behind = [task for task in left if task.position > place] or left
    unlocked = [(task.id, task.position) for task in left if task.opened]
    return NextTask("task", behind[0].id if behind else None, count, None, unlocked)


def _require_fit(user: User) -> None:
    reason = unfit(user)
    if reason:
        raise ProblemError(
            403, f"This account cannot read blindly. {reason} Use an account with the role reader alone."
        )


def desk(session: Session, user_id: UUID, task_id: UUID, *, now: datetime) -> Desk:
    """A task that a user may look at now: open, or a practice case whose feedback may be read again.

    Raises:
        ProblemError: 404 where it is somebody else's, 409 where it is locked, withdrawn, or not to be read now.
    """
    row = session.execute(_DESK, {"task": task_id, "user": user_id}).one_or_none()
    if row is None:
        raise not_found(_NO_TASK)
    task, sitting, reader, case, study, user = row
    _require_fit(user)
    if reader.removed_at is not None or study.state != "open" or study.removed_at is not None:
        raise not_found(_NO_STUDY)
    seat = _seat(session, study, reader, now)
    if case.withdrawn_at is not None:
        raise conflict("This case was taken out of the study; go on with the next one.")
    if seat.current is None or seat.current.id != sitting.id or seat.state != "open":
        raise conflict("This case is not to be read now; go to the next one.")
    readings = session.scalars(_READINGS, {"task": task.id})
    own = {reading.stage: reading for reading in readings}
    locked = is_locked(task, own)
    if locked and not task.practice:
        raise conflict("You have locked this case, and it stays as it is; go on with the next one.")
    if not task.practice and practice_is_left(session, sitting.id):
        raise conflict("The practice cases come first.")
    stage, arm = _present_stage(task, own)
    return Desk(seat, sitting, task, case, stage, arm, own, locked)


def desk_of_reading(session: Session, user_id: UUID, reading_id: UUID, *, now: datetime) -> tuple[Desk, Reading]:
    """A reading that a user may still change, at its desk.

    Raises:
        ProblemError: as by `desk`.
    """
    reading = own_reading(session, user_id, reading_id)
    return desk(session, user_id, reading.task_id, now=now), reading


def own_reading(session: Session, user_id: UUID, reading_id: UUID) -> Reading:
    """A reading of a user.

    Raises:
        ProblemError: 404 where it is somebody else's.
    """
    found = session.scalar(_OWN, {"reading": reading_id, "user": user_id})
    if found is None:
        raise not_found("reading")
    return found


def _seat(session: Session, study: ReaderStudy, reader: StudyReader, now: datetime) -> Seat:
    sittings = sessions_of(session, reader)
    current = current_session(sittings)
    return Seat(study, reader, sittings, current, state_of(current, now=now))


def _present_stage(task: ReadingTask, readings: dict[str, Reading]) -> tuple[str, str]:
    """The stage that is read now: the last one that was opened, or the first one."""
    for stage, arm in reversed(task.stages):
        if stage in readings:
            return str(stage), str(arm)
    stage, arm = task.stages[0]
    return str(stage), str(arm)
