"""The worklist, and single studies."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import append
from thyrosight.server.database.tables import StoredImage, Study, User
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.problems import conflict, refused
from thyrosight.server.routes.answers import StudyAnswer, StudyWithImages, image_answer, study_answer
from thyrosight.server.services import Services
from thyrosight.server.studies import Filters, worklist
from thyrosight.server.studies.locking import open_study, release_lock, require_unlocked, take_lock
from thyrosight.server.studies.worklist import study_rows

router = APIRouter(prefix="/studies", tags=["studies"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]
State = Literal["new", "in progress", "reported", "set aside"]


class Worklist(Answer):
    """Studies that fit, and how many there are in all."""

    items: list[StudyAnswer]
    total: int


class ChangeStudy(Body):
    """Changes, and the version of the study that was looked at; fields left out stay.

    `assignee_id` takes an account, and `nobody` takes the assignment back.
    """

    version: Annotated[int, Field(ge=1)]
    state: State | None = None
    assignee_id: Id | None = None
    nobody: bool = False
    description: Annotated[str, Field(max_length=256)] | None = None


@router.get("")
def listing(
    *,
    services: Caller,
    actor: Clinical,
    state: State | None = None,
    assignee: Annotated[str, Query(pattern=r"^(me|nobody|[0-9a-f-]{36}|)$")] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(pattern=r"^(\d{8}|)$")] = "",
    until: Annotated[str, Query(pattern=r"^(\d{8}|)$")] = "",
    order: Literal["newest", "oldest", "study date", "patient"] = "newest",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Worklist:
    """The worklist: by state, assignee (`me`, `nobody` or an account), words, and study date as YYYYMMDD.

    Without the right to see names, words are looked for in codes only, and dates and the order of patients count for
    nothing: they would tell what is hidden.
    """
    named = actor.sees_names
    filters = Filters(
        state=state,
        assignee=_assignee(assignee, actor),
        text=text,
        names=named,
        since=since if named else "",
        until=until if named else "",
    )
    if not named and order in ("study date", "patient"):
        order = "newest"
    with services.database.read() as session:
        rows, total = worklist(session, filters, order=order, limit=limit, offset=offset, now=services.clock())
    return Worklist(items=[study_answer(row, actor) for row in rows], total=total)


@router.get("/{study_id}")
def show(study_id: Id, services: Caller, actor: Clinical) -> StudyWithImages:
    """One study with its images."""
    with services.database.read() as session:
        return _with_images(session, open_study(session, study_id), services, actor)


@router.patch("/{study_id}")
def change(study_id: Id, body: ChangeStudy, services: Caller, actor: Clinical) -> StudyWithImages:
    """Change state, assignee or description; 409 where the study changed since it was looked at."""
    with services.database.write() as session:
        study = open_study(session, study_id)
        require_unlocked(session, study, user_id=actor.user_id, now=services.clock())
        if study.version != body.version:
            raise conflict("The study was changed meanwhile; load it again.")
        changes = _apply(session, study, body, actor)
        if changes:
            study.version += 1
            append(
                session, who=actor.name, what="study changed", object=f"study {study.id}", body=changes,
                clock=services.clock,
            )  # fmt: skip
        session.flush()
        return _with_images(session, study, services, actor)


@router.put("/{study_id}/lock")
def lock(study_id: Id, services: Caller, actor: Clinical) -> StudyAnswer:
    """Work on a study alone for ten minutes; ask again to renew. 409 while somebody else does."""
    with services.database.write() as session:
        study = open_study(session, study_id)
        take_lock(session, study, user_id=actor.user_id, now=services.clock())
        session.flush()
        return study_answer(study_rows(session, [study], now=services.clock())[0], actor)


@router.delete("/{study_id}/lock", status_code=204)
def unlock(study_id: Id, services: Caller, actor: Clinical) -> None:
    """Let others work on the study."""
    with services.database.write() as session:
        release_lock(open_study(session, study_id), user_id=actor.user_id)


@router.delete("/{study_id}", status_code=204)
def remove(study_id: Id, services: Caller, actor: Annotated[Actor, allow(Role.CLINICIAN)]) -> None:
    """Take a study out of the worklist; nothing of it is deleted, and sending an image of it again brings it back."""
    with services.database.write() as session:
        study = open_study(session, study_id)
        require_unlocked(session, study, user_id=actor.user_id, now=services.clock())
        study.removed_at = services.clock()
        append(session, who=actor.name, what="study removed", object=f"study {study.id}", clock=services.clock)


def _assignee(text: str, actor: Actor) -> UUID | Literal["nobody"] | None:
    if text == "me":
        return actor.user_id
    if text == "nobody":
        return "nobody"
    try:
        return UUID(text) if text else None
    except ValueError:
        raise refused("The assignee should be me, nobody or the identifier of an account.") from None


def _apply(session: Session, study: Study, body: ChangeStudy, actor: Actor) -> dict[str, object]:
    changes: dict[str, object] = {}
    if body.state is not None and body.state != study.state:
        study.state = changes["state"] = body.state
    if body.nobody:
        study.assignee_id = changes["assignee"] = None
    elif body.assignee_id is not None:
        user = session.get(User, body.assignee_id)
        if user is None or user.closed_at is not None or not {"clinician", "researcher"} & set(user.roles):
            raise refused("Studies are assigned to open accounts of clinicians and researchers.")
        study.assignee_id = user.id
        changes["assignee"] = user.name
    if body.description is not None:
        if not actor.sees_names:
            raise refused("The description may hold names; only roles that see them change it.")
        study.description = body.description
        changes["description"] = "changed"
    return changes


def _with_images(session: Session, study: Study, services: Services, actor: Actor) -> StudyWithImages:
    row = study_rows(session, [study], now=services.clock())[0]
    images = session.scalars(
        select(StoredImage)
        .where(StoredImage.study_id == study.id, StoredImage.removed_at.is_(None))
        .order_by(StoredImage.number, StoredImage.created_at, StoredImage.id)
    )
    items = [image_answer(image, actor) for image in images]
    return StudyWithImages(**study_answer(row, actor).model_dump(), items=items)
