"""Jobs: waiting for their end, and what the finder proposes."""

import time
from typing import Annotated, Literal
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import Field

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database.tables import Job
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.nodules import ask_finder
from thyrosight.server.problems import conflict, not_found, refused
from thyrosight.server.routes.images import open_image
from thyrosight.server.routes.uploads import RefusedFile, TakenImage
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services

router = APIRouter(tags=["jobs"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]
Waiting = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER, Role.ADMINISTRATOR)]
_LOOK_EVERY = 0.04
"""Seconds between two looks at a job that is waited for."""


class Lesion(Answer):
    """A place that the finder proposes: box and outline, and nothing of how it is to be judged."""

    box: list[int]
    outline: list[list[float]]


class JobAnswer(Answer):
    """A job. For the judging model it gives the state alone; its result stays with `reveal`."""

    id: Id
    kind: Literal["assess", "find", "import", "backup", "case", "documents", "results"]
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    problem: Said
    lesions: list[Lesion]
    images: list[TakenImage]
    refused: list[RefusedFile]


class LookIn(Body):
    """The frame to look in, from 0."""

    frame: Annotated[int, Field(ge=0)] = 0


@router.get("/jobs/{job_id}")
async def show(
    job_id: Id, services: Caller, actor: Waiting, wait: Annotated[float, Query(ge=0, le=20)] = 0
) -> JobAnswer:
    """A job; with `wait`, the answer comes when it ends, or after so many seconds."""
    end = time.monotonic() + wait
    while True:
        job = await run_sync(_job, services, job_id, actor)
        if job.state not in ("waiting", "running") or time.monotonic() >= end:
            return job_answer(job)
        await anyio.sleep(_LOOK_EVERY)


@router.post("/images/{image_id}/proposals", status_code=202)
def propose(image_id: Id, body: LookIn, services: Caller, actor: Clinical) -> JobAnswer:
    """Have the finder look for nodules in a frame; the job's `lesions` are what it proposes."""
    if services.models.finder_facts is None:
        raise conflict("The workstation has no model that looks for nodules; draw the box by hand.")
    with services.database.write() as session:
        image = open_image(session, image_id)
        if body.frame >= image.frames:
            number = f"{image.frames} frame{'' if image.frames == 1 else 's'}"
            raise refused(f"The image has {number}, counted from 0; there is no {body.frame}.")
        job = ask_finder(session, image, body.frame, user_id=actor.user_id, now=services.clock())
    services.wake()
    return job_answer(job)


def _job(services: Services, job_id: UUID, actor: Actor) -> Job:
    with services.database.read() as session:
        job = session.get(Job, job_id)
    # A job of the judging model tells its state alone; whoever locked an opinion on the same nodule waits for it too.
    if job is None or (job.user_id != actor.user_id and job.kind != "assess"):
        raise not_found("job")
    return job


def job_answer(job: Job) -> JobAnswer:
    """A job for its user."""
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        total=job.total,
        problem=job.problem,
        lesions=[Lesion(**one) for one in job.result.get("lesions", [])] if job.kind == "find" else [],
        images=[TakenImage(**one) for one in job.result.get("images", [])] if job.kind == "import" else [],
        refused=[RefusedFile(**one) for one in job.result.get("refused", [])] if job.kind == "import" else [],
    )
