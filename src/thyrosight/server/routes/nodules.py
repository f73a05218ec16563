"""Nodules and their views."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.errors import BundleError
from thyrosight.imaging import Box
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import append
from thyrosight.server.database.tables import Job, NoduleRow, NoduleView, StoredImage, User
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.nodules import NoduleChange, ViewChange, ask_judge, opinions_seen_by, size_of_view, stage_of
from thyrosight.server.nodules.editing import (
    add_nodule,
    change_nodule,
    open_nodule,
    put_view,
    remove_nodule,
    remove_view,
    unlocked_study,
    views_of,
)
from thyrosight.server.sentences import Said
from thyrosight.server.studies.locking import open_study

router = APIRouter(tags=["nodules"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]
Side = Literal["", "left", "right", "isthmus"]
Pole = Literal["", "upper", "middle", "lower"]
Descriptors = Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=6)]
Millimetres = Annotated[float, Field(gt=0, le=200)] | None
Axes = Annotated[list[Millimetres], Field(min_length=3, max_length=3)]
Coordinate = Annotated[float, Field(ge=0, le=100_000)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
Line = Annotated[list[Point], Field(min_length=2, max_length=2)]


def _unknown_axes() -> list[float | None]:
    return [None, None, None]


class NewNodule(Body):
    """A nodule to be made. Descriptors are words as TI-RADS reads them; three axes in mm, each perhaps unknown."""

    side: Side = ""
    pole: Pole = ""
    descriptors: Descriptors = Field(default_factory=dict)
    size_mm: Axes = Field(default_factory=_unknown_axes)
    note: Annotated[str, Field(max_length=4000)] = ""
    proposed: bool = False


class ChangeNodule(Body):
    """Changes, and the version that was looked at; fields left out stay."""

    version: Annotated[int, Field(ge=1)]
    side: Side | None = None
    pole: Pole | None = None
    descriptors: Descriptors | None = None
    size_mm: Axes | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None


class PutView(Body):
    """A view as it is drawn: the version that was looked at (0 for a new one), where, box, outline and callipers."""

    version: Annotated[int, Field(ge=0)]
    image_id: Id
    frame: Annotated[int, Field(ge=0)]
    box: Annotated[list[int], Field(min_length=4, max_length=4)]
    outline: Annotated[list[Point], Field(max_length=2000)] = Field(default_factory=list)
    callipers: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    proposed: bool = False


class ViewAnswer(Answer):
    """A view: height and width of its box in mm, or the reason why there are none."""

    id: Id
    image_id: Id
    frame: int
    box: list[int]
    outline: list[list[float]]
    callipers: list[list[list[float]]]
    author: str
    proposed: bool
    version: int
    size_mm: list[float] | None
    size_reason: Said


class OpinionAnswer(Answer):
    """A locked opinion; those of others are shown once the own one is locked."""

    id: Id
    author: str
    mine: bool
    stage: Literal["before", "after"]
    locked_at: datetime
    descriptors: dict[str, str]
    score: int
    biopsy: bool
    kept: bool | None
    reason: str


class NoduleAnswer(Answer):
    """A nodule. `stage` is how far the user is: open, locked, revealed or ended."""

    id: Id
    study_id: Id
    number: int
    side: str
    pole: str
    descriptors: dict[str, str]
    size_mm: list[float | None]
    note: str
    author: str
    proposed: bool
    version: int
    views: list[ViewAnswer]
    stage: Literal["open", "locked", "revealed", "ended"]
    opinions: list[OpinionAnswer]


@router.get("/studies/{study_id}/nodules")
def listing(study_id: Id, services: Caller, actor: Clinical) -> list[NoduleAnswer]:
    """The nodules of a study."""
    with services.database.read() as session:
        open_study(session, study_id)
        rows = session.scalars(
            select(NoduleRow)
            .where(NoduleRow.study_id == study_id, NoduleRow.removed_at.is_(None))
            .order_by(NoduleRow.number)
        ).all()
        return [nodule_answer(session, row, actor) for row in rows]


@router.post("/studies/{study_id}/nodules", status_code=201)
def add(study_id: Id, body: NewNodule, services: Caller, actor: Clinical) -> NoduleAnswer:
    """Make a nodule."""
    now = services.clock()
    with services.database.write() as session:
        study = unlocked_study(session, study_id, user_id=actor.user_id, now=now)
        change = NoduleChange(body.side, body.pole, body.descriptors, body.size_mm, body.note)
        row = add_nodule(session, study, change, user_id=actor.user_id, proposed=body.proposed, now=now)
        _note(session, services, actor, "nodule made", row)
        return nodule_answer(session, row, actor)


@router.get("/nodules/{nodule_id}")
def show(nodule_id: Id, services: Caller, actor: Clinical) -> NoduleAnswer:
    """One nodule."""
    with services.database.read() as session:
        return nodule_answer(session, open_nodule(session, nodule_id), actor)


@router.patch("/nodules/{nodule_id}")
def change(nodule_id: Id, body: ChangeNodule, services: Caller, actor: Clinical) -> NoduleAnswer:
    """Change a nodule; 409 where it was changed since it was looked at."""
    with services.database.write() as session:
        row = open_nodule(session, nodule_id)
        unlocked_study(session, row.study_id, user_id=actor.user_id, now=services.clock())
        save_change(session, services, actor, row, body)
        answer = nodule_answer(session, row, actor)
        # The model works while the reader fills in the form; its answer waits in the database for the lock.
        job = None
        if body.descriptors is not None and answer.stage == "open":
            with suppress(BundleError):
                job = ask_about(session, services, actor, row)
    if job is not None:
        services.wake()
    return answer


@router.delete("/nodules/{nodule_id}", status_code=204)
def remove(nodule_id: Id, services: Caller, actor: Clinical) -> None:
    """Take a nodule out of its study; 409 where an opinion on it is locked."""
    now = services.clock()
    with services.database.write() as session:
        row = open_nodule(session, nodule_id)
        unlocked_study(session, row.study_id, user_id=actor.user_id, now=now)
        remove_nodule(session, row, now=now)
        _note(session, services, actor, "nodule removed", row)


@router.put("/nodules/{nodule_id}/views/{view_id}")
def draw(nodule_id: Id, view_id: Id, body: PutView, services: Caller, actor: Clinical) -> ViewAnswer:
    """Draw a nodule in a frame, or change what was drawn; the page chooses the identifier of a new view."""
    now = services.clock()
    left, top, right, bottom = body.box
    asked = ViewChange(
        version=body.version,
        image_id=body.image_id,
        frame=body.frame,
        box=(left, top, right, bottom),
        outline=[_point(point) for point in body.outline],
        callipers=[(_point(line[0]), _point(line[1])) for line in body.callipers],
        proposed=body.proposed,
    )
    with services.database.write() as session:
        row = open_nodule(session, nodule_id)
        unlocked_study(session, row.study_id, user_id=actor.user_id, now=now)
        view = put_view(session, row, view_id, asked, user_id=actor.user_id, now=now)
        _note(session, services, actor, "view drawn", row, view=str(view.id), version=view.version)
        return _view(session, view)


@router.delete("/nodules/{nodule_id}/views/{view_id}", status_code=204)
def erase(nodule_id: Id, view_id: Id, services: Caller, actor: Clinical, version: Annotated[int, Query(ge=1)]) -> None:
    """Take a view away; 409 where it was changed since, or an opinion rests on it."""
    now = services.clock()
    with services.database.write() as session:
        row = open_nodule(session, nodule_id)
        unlocked_study(session, row.study_id, user_id=actor.user_id, now=now)
        remove_view(session, row, view_id, version=version, now=now)
        _note(session, services, actor, "view removed", row, view=str(view_id))


def save_change(session: Session, services: Caller, actor: Actor, row: NoduleRow, body: ChangeNodule) -> None:
    """Change a nodule; 409 where it was changed since it was looked at."""
    asked = NoduleChange(body.side, body.pole, body.descriptors, body.size_mm, body.note)
    change_nodule(row, asked, version=body.version)
    _note(session, services, actor, "nodule changed", row)


def ask_about(session: Session, services: Caller, actor: Actor, row: NoduleRow) -> Job | None:
    """Have the views of a nodule judged that were not judged as they are drawn now; None where all were.

    Raises:
        BundleError: the workstation has no model that judges nodules.
    """
    model = services.models.judge_facts[1]
    return ask_judge(session, row, views_of(session, row.id), model=model, user_id=actor.user_id, now=services.clock())


def nodule_answer(session: Session, row: NoduleRow, actor: Actor) -> NoduleAnswer:
    """A nodule for a user."""
    opinions = opinions_seen_by(session, row.id, actor.user_id)
    return NoduleAnswer(
        id=row.id,
        study_id=row.study_id,
        number=row.number,
        side=row.side,
        pole=row.pole,
        descriptors=row.descriptors,
        size_mm=row.size_mm,
        note=row.note if actor.sees_names else "",
        author=_display(session, row.author_id),
        proposed=row.proposed,
        version=row.version,
        views=[_view(session, view) for view in views_of(session, row.id)],
        stage=stage_of(session, row.id, actor.user_id),
        opinions=[
            OpinionAnswer(
                id=one.id,
                author=_display(session, one.user_id),
                mine=one.user_id == actor.user_id,
                stage=one.stage,
                locked_at=one.locked_at,
                descriptors=one.descriptors,
                score=one.score,
                biopsy=one.biopsy,
                kept=one.kept,
                reason=one.reason,
            )
            for one in opinions
        ],
    )


def _view(session: Session, view: NoduleView) -> ViewAnswer:
    image = session.get_one(StoredImage, view.image_id)
    size, reason = size_of_view(image, Box(*view.box))
    return ViewAnswer(
        id=view.id,
        image_id=view.image_id,
        frame=view.frame,
        box=view.box,
        outline=view.outline,
        callipers=view.callipers,
        author=_display(session, view.author_id),
        proposed=view.proposed,
        version=view.version,
        size_mm=None if size is None else list(size),
        size_reason=reason,
    )


def _point(point: list[float]) -> tuple[float, float]:
    return point[0], point[1]


def _display(session: Session, user_id: UUID) -> str:
    return session.get_one(User, user_id).display


def _note(session: Session, services: Caller, actor: Actor, what: str, row: NoduleRow, **body: Any) -> None:
    facts = {"study": str(row.study_id), "version": row.version, **body}
    append(session, who=actor.name, what=what, object=f"nodule {row.id}", body=facts, clock=services.clock)
