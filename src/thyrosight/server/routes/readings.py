"""A reader's own readings: drafts, what the page tells, the lock, and what follows it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from thyrosight.server.database.tables import Reading
from thyrosight.server.http import Answer, Body, Caller, Id
from thyrosight.server.reader_studies.events import note_event
from thyrosight.server.reader_studies.readings import lock_reading, reveal, save_draft
from thyrosight.server.reader_studies.room import desk_of_reading, own_reading
from thyrosight.server.routes.reading_answers import TaskAnswer, task_answer
from thyrosight.server.routes.reading_room import Reader

router = APIRouter(prefix="/readings", tags=["reading room"])
Page = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Answers = Annotated[dict[Annotated[str, Field(max_length=64)], Any], Field(max_length=100)]


class PutDraft(Body):
    """Answers so far, the version of the draft that the page has, and a name that the page has drawn for itself."""

    version: Annotated[int, Field(ge=0)]
    answers: Answers
    page: Page = "page"


class DraftSaved(Answer):
    """The version of the draft from now on."""

    version: int


class PageEvent(Body):
    """Something that happened on a page, at the time at which the server hears of it."""

    page: Page
    kind: Literal["opened", "idle", "active", "hidden", "shown", "answered"]


class LockReading(Body):
    """Answers to be locked; `key` is drawn by the page, so that asking again locks nothing twice."""

    key: Id
    version: Annotated[int, Field(ge=0)]
    protocol_version: Annotated[int, Field(ge=1)]
    answers: Answers


class LockedAnswer(Answer):
    """Time of the lock, and the next step: the model's answer, the feedback of a practice case, or a task."""

    locked_at: datetime
    next: Literal["reveal", "feedback", "task"]


@router.put("/{reading_id}/draft")
def put_draft(reading_id: Id, body: PutDraft, services: Caller, actor: Reader) -> DraftSaved:
    """Keep what is answered so far; 409 with `draft` and `version` where another page has written since."""
    now = services.clock()
    with services.database.read() as session:  # whether it may be changed is seen before the others have to wait
        desk_of_reading(session, actor.user_id, reading_id, now=now)
    with services.database.write() as session:
        reading = session.get_one(Reading, reading_id)
        return DraftSaved(
            version=save_draft(session, reading, body.answers, version=body.version, page=body.page, now=now)
        )


@router.post("/{reading_id}/events", status_code=204)
def tell(reading_id: Id, body: PageEvent, services: Caller, actor: Reader) -> None:
    """Tell what happens on the page, for the time of the reading."""
    with services.database.write(durable=False) as session:
        reading = own_reading(session, actor.user_id, reading_id)
        if reading.locked_at is None:  # a page that closes after the lock tells too
            note_event(session, reading, body.kind, page=body.page, now=services.clock())


@router.post("/{reading_id}/lock")
def lock(reading_id: Id, body: LockReading, services: Caller, actor: Reader) -> LockedAnswer:
    """Lock a reading; it never changes again."""
    with services.database.write() as session:
        reading = own_reading(session, actor.user_id, reading_id)
        follows = lock_reading(
            session, actor.user_id, reading, body.answers, key=body.key, version=body.version,
            protocol_version=body.protocol_version, who=actor.name, clock=services.clock,
        )  # fmt: skip
        assert reading.locked_at is not None
        return LockedAnswer(locked_at=reading.locked_at, next=follows)


@router.post("/{reading_id}/reveal")
def show(reading_id: Id, services: Caller, actor: Reader) -> TaskAnswer:
    """Step after the lock: the model's answer with the reading after it, or the truth on a practice case."""
    with services.database.write() as session:
        reading = own_reading(session, actor.user_id, reading_id)
        place = reveal(session, actor.user_id, reading, who=actor.name, clock=services.clock)
        return task_answer(session, place)
