"""The second reader: opinions, and the model's result once one is locked."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database.tables import NoduleRow, StoredAssessment, Study
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.jobs.heat import comparable
from thyrosight.server.nodules import NewOpinion, lock_opinion, reveal, stage_of
from thyrosight.server.nodules.editing import open_nodule, unlocked_study
from thyrosight.server.nodules.opinions import may_see_results
from thyrosight.server.nodules.questions import latest_assessments
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.routes.nodules import (
    ChangeNodule,
    Descriptors,
    NoduleAnswer,
    ask_about,
    nodule_answer,
    save_change,
)
from thyrosight.server.sentences import Said, SaidFacts
from thyrosight.server.services import Services

router = APIRouter(tags=["second reader"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]


class LockOpinion(Body):
    """An opinion: 0 (surely benign) to 100 (surely malignant), without a default, and whether to advise a biopsy.

    With stage "after", whether the opinion before is kept, and the reason for changing it. `nodule`: what was entered
    and is not saved yet; it is saved in the same step. `reveal`: whether to show the model's result at once.
    """

    stage: Literal["before", "after"] = "before"
    descriptors: Descriptors
    score: Annotated[int, Field(ge=0, le=100)]
    biopsy: bool
    kept: bool | None = None
    reason: Annotated[str, Field(max_length=4000)] = ""
    nodule: ChangeNodule | None = None
    reveal: bool = False


class AssessmentAnswer(Answer):
    """Answer of the model on one view, with the facts that stand beside every result.

    State "refused": the model cannot judge the image, for the reason in `problem`. `heat_map`: address of a picture of
    the frame's size, to be laid over the frame. `heat_map_comparable`: whether its colours mean the same in all
    pictures of the model; false where they are scaled to this picture.
    """

    id: Id
    view_id: Id
    state: Literal["done", "refused"]
    problem: Said
    result: SaidFacts
    heat_map: str | None
    heat_map_comparable: bool | None


class Revealed(Answer):
    """The model's results, or `waiting` with the job to wait for."""

    waiting: bool
    job_id: Id | None
    research_use: Said
    assessments: list[AssessmentAnswer]


class Locked(Answer):
    """The nodule with the locked opinion, and the job that `reveal` waits for; None where nothing is to be done.

    `revealed`: the model's result where it was asked for with the lock.
    """

    nodule: NoduleAnswer
    job_id: Id | None
    revealed: Revealed | None


@router.post("/nodules/{nodule_id}/opinions", status_code=201)
def opinion(nodule_id: Id, body: LockOpinion, services: Caller, actor: Clinical) -> Locked:
    """Lock an opinion; it never changes again. The first one has the model judge the nodule."""
    now = services.clock()
    new = NewOpinion(body.stage, body.descriptors, body.score, body.biopsy, body.kept, body.reason)
    with services.database.write() as session:
        nodule = open_nodule(session, nodule_id)
        unlocked_study(session, nodule.study_id, user_id=actor.user_id, now=now)
        if body.nodule is not None and stage_of(session, nodule.id, actor.user_id) == "open":
            save_change(session, services, actor, nodule, body.nodule)
        lock_opinion(session, nodule, new, user_id=actor.user_id, who=actor.name, clock=services.clock)
        if body.stage == "before":
            ask_about(session, services, actor, nodule)
        if body.reveal:
            found = reveal(session, nodule, user_id=actor.user_id, who=actor.name, clock=services.clock)
        else:
            found = latest_assessments(session, nodule.id)
        answer = Locked(
            nodule=nodule_answer(session, nodule, actor),
            job_id=_waited_for(found),
            revealed=_revealed(services, found) if body.reveal else None,
        )
    services.wake()
    return answer


@router.post("/nodules/{nodule_id}/reveal")
def show(nodule_id: Id, response: Response, services: Caller, actor: Clinical) -> Revealed:
    """The model's result; 409 before an opinion is locked, 202 while the model works."""
    with services.database.write() as session:
        nodule = open_nodule(session, nodule_id)
        found = reveal(session, nodule, user_id=actor.user_id, who=actor.name, clock=services.clock)
    answer = _revealed(services, found)
    response.status_code = 202 if answer.waiting else 200
    return answer


@router.post("/nodules/{nodule_id}/assessments", status_code=202)
def judge_again(nodule_id: Id, services: Caller, actor: Clinical) -> Revealed:
    """Have views judged that were drawn after the result was revealed; 409 before that."""
    with services.database.write() as session:
        nodule = open_nodule(session, nodule_id)
        if not may_see_results(session, nodule.id, actor.user_id):
            raise conflict("The model's result was not shown to you yet; lock an opinion and reveal it first.")
        job = ask_about(session, services, actor, nodule)
    services.wake()
    return Revealed(
        waiting=job is not None,
        job_id=None if job is None else job.id,
        research_use=services.models.judge_facts[0].research_use,
        assessments=[],
    )


@router.get(
    "/assessments/{assessment_id}/heat-map", response_class=Response, responses={200: {"content": {"image/png": {}}}}
)
def heat_map(assessment_id: Id, services: Caller, actor: Clinical) -> Response:
    """The heat map as a transparent picture of the frame's size; 404 before the result was revealed to the user."""
    with services.database.read() as session:
        row = _seen(session, assessment_id, actor)
    if not row.heat_map:
        raise not_found("heat map")
    content = services.store.result(row.heat_map).read_bytes()
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


def _seen(session: Session, assessment_id: Id, actor: Actor) -> StoredAssessment:
    row = session.scalar(
        select(StoredAssessment)
        .join(NoduleRow, NoduleRow.id == StoredAssessment.nodule_id)
        .join(Study, Study.id == NoduleRow.study_id)
        .where(StoredAssessment.id == assessment_id, Study.removed_at.is_(None))
    )
    if row is None or not may_see_results(session, row.nodule_id, actor.user_id):
        raise not_found("heat map")
    return row


def _waited_for(found: Sequence[StoredAssessment]) -> UUID | None:
    return next((one.job_id for one in found if one.state == "waiting"), None)


def _revealed(services: Services, found: Sequence[StoredAssessment]) -> Revealed:
    job_id = _waited_for(found)
    return Revealed(
        waiting=job_id is not None,
        job_id=job_id,
        research_use=services.models.judge_facts[0].research_use,
        assessments=[] if job_id is not None else [_assessment(one) for one in found],
    )


def _assessment(row: StoredAssessment) -> AssessmentAnswer:
    return AssessmentAnswer(
        id=row.id,
        view_id=row.view_id,
        state="done" if row.state == "done" else "refused",
        problem=row.problem,
        result=row.body,
        heat_map=f"/api/v1/assessments/{row.id}/heat-map" if row.heat_map else None,
        heat_map_comparable=comparable(row.body) if row.heat_map else None,
    )
