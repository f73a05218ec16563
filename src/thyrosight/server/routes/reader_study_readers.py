"""The readers of a reader study."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from thyrosight.server.http import Answer, Body, Caller, Id
from thyrosight.server.reader_studies.amending import join, leave
from thyrosight.server.reader_studies.designing import reader_study, require_version
from thyrosight.server.reader_studies.readers import people, reader_of
from thyrosight.server.routes.reader_studies import Designer, Reason, Version
from thyrosight.server.routes.reader_study_answers import ReaderStudyAnswer, study_answer
from thyrosight.server.sentences import Said

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])


class Person(Answer):
    """An account with the role reader; `fit` is false for one that could see cases elsewhere, as `reason` says."""

    user_id: Id
    display: str
    fit: bool
    reason: Said


class NewReader(Body):
    """An account, and the group of readers to which it belongs."""

    user_id: Id
    group: Annotated[str, Field(max_length=64)] = ""


class NewReaders(Body):
    """Readers who join: all, or none. In an open study this makes the next version of the protocol."""

    version: Version
    readers: Annotated[list[NewReader], Field(min_length=1, max_length=200)]


class Leaving(Body):
    """Reason why a reader leaves."""

    reason: Reason


@router.get("/{study_id}/people")
def who_can_read(study_id: Id, services: Caller, actor: Designer) -> list[Person]:
    """Accounts with the role reader."""
    with services.database.read() as session:
        reader_study(session, study_id)
        return [
            Person(user_id=user.id, display=user.display, fit=not reason, reason=reason)
            for user, reason in people(session)
        ]


@router.post("/{study_id}/readers", status_code=201)
def add(study_id: Id, body: NewReaders, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Add readers; nobody else's order changes."""
    with services.database.write() as session:
        study = reader_study(session, study_id)
        require_version(study, body.version)
        new = [(one.user_id, one.group) for one in body.readers]
        join(session, study, new, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.post("/{study_id}/readers/{reader_id}/remove")
def remove(study_id: Id, reader_id: Id, body: Leaving, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Let a reader leave; readings that are locked are kept."""
    with services.database.write() as session:
        study = reader_study(session, study_id)
        reader = reader_of(session, study, reader_id)
        leave(session, study, reader, reason=body.reason, actor=actor, clock=services.clock)
        return study_answer(session, study)
