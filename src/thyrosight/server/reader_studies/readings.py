"""Readings: opened, drafted at every keystroke, locked once and for good, revealed after that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.files import sha256_of_json
from thyrosight.readings import Protocol, check_answers
from thyrosight.server.clock import Clock
from thyrosight.server.database import append
from thyrosight.server.database.tables import Reading, ReadingTask
from thyrosight.server.problems import ProblemError, conflict, refused
from thyrosight.server.reader_studies.answering import answer_of
from thyrosight.server.reader_studies.cases import views_by_case
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.events import SERVER, active_ms_of, note_event, note_typing
from thyrosight.server.reader_studies.room import Desk, desk
from thyrosight.server.reader_studies.sessions import end_where_all_is_read

Next = Literal["reveal", "feedback", "task"]
"""Step after a lock: the model's answer, the feedback of a practice case, or the next task."""
_MOST_KEYS: Final = 100


def newer_draft(reading: Reading) -> ProblemError:
    """409 with the draft that another page has written since."""
    return ProblemError(
        409,
        "Another page has changed this reading since; its answers are the newer ones.",
        more={"draft": reading.draft, "version": reading.version},
    )


def open_reading(session: Session, place: Desk, *, clock: Clock) -> Reading:
    """The reading of the present stage; the first look at a task opens it."""
    if place.reading is not None:
        return place.reading
    return _begin(session, place.task.id, place.stage, place.seat.study.protocol_version, now=clock())


def _begin(session: Session, task_id: UUID, stage: str, version: int, *, now: datetime) -> Reading:
    reading = Reading(
        task_id=task_id, stage=stage, protocol_version=version, draft={}, version=0, answers={}, lock_key=None,
        opened_at=now, locked_at=None, active_ms=None, shown={}, revealed_at=None, created_at=now,
    )  # fmt: skip
    session.add(reading)
    session.flush()
    note_event(session, reading, "opened", page=SERVER, now=now)
    return reading


def save_draft(
    session: Session, reading: Reading, answers: Mapping[str, Any], *, version: int, page: str, now: datetime
) -> int:
    """Keep what is answered so far, and give the new version of the draft.

    Raises:
        ProblemError: 409 where it is locked, or where another page has written since, with what that wrote.
    """
    if reading.locked_at is not None:
        raise conflict("This reading is locked and does not change any more.")
    if len(answers) > _MOST_KEYS:
        raise refused(f"A draft holds at most {_MOST_KEYS} answers.")
    if version == reading.version - 1 and dict(answers) == reading.draft:
        return reading.version  # the answer to the first try was lost on its way
    if version != reading.version:
        raise newer_draft(reading)
    reading.draft = dict(answers)
    reading.version += 1
    note_typing(session, reading, page=page, now=now)
    return reading.version


def lock_reading(
    session: Session,
    user_id: UUID,
    reading: Reading,
    answers: Mapping[str, Any],
    *,
    key: UUID,
    version: int,
    protocol_version: int,
    who: str,
    clock: Clock,
) -> Next:
    """Lock a reading; it never changes again.

    Args:
        session: a writing transaction.
        user_id: the reader.
        reading: of the reader.
        answers: that are locked.
        key: drawn by the page; who asks again with it gets the same answer.
        version: of the draft that the page has.
        protocol_version: whose questions the page has asked.
        who: name of the account, for the audit trail.
        clock: gives the time.

    Raises:
        ProblemError: 409 where it is locked by another page, where another page has written since, while the reader
            pauses, or where the questions were amended since.
        ReadingsError: an answer is missing or wrong.
    """
    if reading.locked_at is not None:
        if reading.lock_key == key:
            return _next(session, reading)
        raise conflict("This reading was locked by another page, and stays as that page locked it.")
    now = clock()
    place = desk(session, user_id, reading.task_id, now=now)
    if place.task.paused_at is not None:
        raise conflict("You are pausing; go on before you lock the case.")
    if version != reading.version:
        raise newer_draft(reading)
    protocol = protocol_of(session, place.seat.study)
    _require_same_questions(session, place, protocol, protocol_version)
    reading.answers = dict(check_answers(protocol.questions_in(place.arm), answers))
    reading.draft, reading.lock_key, reading.protocol_version = dict(reading.answers), key, protocol.version
    reading.active_ms = active_ms_of(session, reading, place.seat.reader.id, until=now)
    reading.locked_at = now
    session.flush()
    content = {"reading": str(reading.id), "stage": reading.stage, "answers": reading.answers}
    append(
        session, who=who, what="reading locked", object=f"reading {reading.id}",
        body={"stage": reading.stage, "protocol_version": protocol.version, "content": sha256_of_json(content)},
        clock=clock,
    )  # fmt: skip
    end_where_all_is_read(session, place.seat.reader, protocol, now=now)
    return _next(session, reading)


def reveal(session: Session, user_id: UUID, reading: Reading, *, who: str, clock: Clock) -> Desk:
    """Show what follows the lock: of a sequential design the model's answer, with the reading after it; of a practice
    case the truth. Asking again shows the same.

    Raises:
        ProblemError: 409 before the lock, or where nothing is to be shown.
    """
    if reading.locked_at is None:
        raise conflict("Lock your own reading first; what follows is shown after that.")
    now = clock()
    place = desk(session, user_id, reading.task_id, now=now)
    if _next(session, reading) == "task":
        raise conflict("Nothing is shown after this reading; go on with the next case.")
    if reading.revealed_at is None:
        after = _after(place, reading)
        reading.revealed_at = now
        if after is not None:
            stage, arm = after
            _begin(session, place.task.id, stage, place.seat.study.protocol_version, now=now)
            reading.shown = shown_of(session, place, arm)
        append(
            session, who=who, what="reading revealed", object=f"reading {reading.id}",
            body={"stage": reading.stage, "practice": place.task.practice}, clock=clock,
        )  # fmt: skip
        session.flush()
    return desk(session, user_id, reading.task_id, now=now)


def shown_of(session: Session, place: Desk, arm: str) -> dict[str, Any]:
    """Answer of an arm's model as it is shown, for the record; empty where the arm shows none."""
    protocol = protocol_of(session, place.seat.study)
    views = [view for view, _ in views_by_case(session, [place.case])[place.case.id]]
    said = answer_of(place.case, views, protocol.arm(arm).model)
    return {} if said is None else {"score": said.score, "positive": said.positive}


def _after(place: Desk, reading: Reading) -> tuple[str, str] | None:
    """The stage behind a reading's, and its arm; None where it is the last."""
    stages = [str(stage) for stage, _ in place.task.stages]
    behind = place.task.stages[stages.index(reading.stage) + 1 :]
    return (str(behind[0][0]), str(behind[0][1])) if behind else None


def _next(session: Session, reading: Reading) -> Next:
    task = session.get_one(ReadingTask, reading.task_id)
    if reading.stage != task.stages[-1][0]:
        return "reveal"
    return "feedback" if task.practice else "task"


def _require_same_questions(session: Session, place: Desk, protocol: Protocol, version: int) -> None:
    if version == protocol.version:
        return
    if not 1 <= version < protocol.version:
        raise refused(f"The protocol has no version {version}.")
    asked = protocol_of(session, place.seat.study, version)
    if asked.questions_in(place.arm) != protocol.questions_in(place.arm):
        raise conflict("The questions were changed since you opened this case; load it again, your answers are kept.")
