"""How far the readers of a study are."""

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import ReaderStudy
from thyrosight.server.http import Answer, Caller, Id
from thyrosight.server.reader_studies.cases import cases_of
from thyrosight.server.reader_studies.designing import reader_study
from thyrosight.server.reader_studies.readers import readers_of
from thyrosight.server.reader_studies.sessions import progress_of, sessions_of
from thyrosight.server.routes.reader_studies import Designer
from thyrosight.server.routes.reader_study_answers import State, state_of_study

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])


class SessionProgress(Answer):
    """How far a session is; `arm` is "" where its tasks differ. `active_minutes` are those of locked readings, and
    `median_seconds` those of a case."""

    number: int
    arm: str
    earliest: datetime | None
    ended_at: datetime | None
    total: int
    opened: int
    locked: int
    active_minutes: float
    median_seconds: float | None


class ReaderProgress(Answer):
    """How far a reader is."""

    id: Id
    code: str
    display: str
    group: str
    removed_at: datetime | None
    removed_for: str
    sessions: list[SessionProgress]


class ProgressAnswer(Answer):
    """How far the study is, without any answer of a reader."""

    state: State
    cases: int
    withdrawn: int
    locked: int
    total: int
    readers: list[ReaderProgress]


@router.get("/{study_id}/progress")
def progress(study_id: Id, services: Caller, actor: Designer) -> ProgressAnswer:
    """How far the readers are, and how long they took; none of their answers."""
    with services.database.read() as session:
        return progress_answer(session, reader_study(session, study_id))


def progress_answer(session: Session, study: ReaderStudy) -> ProgressAnswer:
    """How far the readers of a study are."""
    readers = []
    for reader, user in readers_of(session, study.id):
        found = [progress_of(session, sitting) for sitting in sessions_of(session, reader)]
        readers.append(
            ReaderProgress(
                id=reader.id, code=reader.code, display=user.display, group=reader.reader_group,
                removed_at=reader.removed_at, removed_for=reader.removed_for,
                sessions=[
                    SessionProgress(
                        number=one.session.number, arm=one.session.arm, earliest=one.session.earliest,
                        ended_at=one.session.ended_at, total=one.total, opened=one.opened, locked=one.locked,
                        active_minutes=round(one.active_ms / 60_000, 2),
                        median_seconds=None if one.median_ms is None else round(one.median_ms / 1000, 1),
                    )
                    for one in found
                ],
            )
        )  # fmt: skip
    cases = cases_of(session, study.id)
    # Nobody waits for what a reader who left did not read.
    here = [one for reader in readers if reader.removed_at is None for one in reader.sessions]
    gone = [one for reader in readers if reader.removed_at is not None for one in reader.sessions]
    return ProgressAnswer(
        state=state_of_study(study), cases=len(cases), withdrawn=sum(case.withdrawn_at is not None for case in cases),
        locked=sum(one.locked for one in [*here, *gone]),
        total=sum(one.total for one in here) + sum(one.locked for one in gone), readers=readers,
    )  # fmt: skip
