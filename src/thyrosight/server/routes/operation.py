"""Models and backups: what the workstation runs, and what is kept of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import select

from thyrosight.errors import BundleError
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database.tables import ModelRow
from thyrosight.server.http import Answer, Caller, allow
from thyrosight.server.importing.chores import BACKUPS
from thyrosight.server.jobs import enqueue
from thyrosight.server.jobs.models import facts_of
from thyrosight.server.routes.jobs import JobAnswer, job_answer
from thyrosight.server.sentences import SaidFacts

router = APIRouter(tags=["operation"])
Administrator = Annotated[Actor, allow(Role.ADMINISTRATOR)]
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER, Role.ADMINISTRATOR)]


class ModelAnswer(Answer):
    """A model: what it was trained on, how it was measured, and since when it is used here; `present` runs now."""

    role: str
    hash: str
    present: bool
    used_at: datetime | None
    facts: SaidFacts


class BackupAnswer(Answer):
    """A backup in the data folder, which an administrator of the machine copies elsewhere."""

    name: str
    bytes: int


@router.get("/backups")
def backups(services: Caller, actor: Administrator) -> list[BackupAnswer]:
    """The backups in the data folder, the newest first."""
    found = sorted((services.store.folder / BACKUPS).glob("*.tar"), reverse=True)
    return [BackupAnswer(name=one.name, bytes=one.stat().st_size) for one in found]


@router.post("/backups", status_code=202)
def make_backup(services: Caller, actor: Administrator) -> JobAnswer:
    """Make a backup in a job, while the workstation goes on."""
    with services.database.write() as session:
        job = enqueue(session, "backup", {"who": actor.name}, user_id=actor.user_id, now=services.clock(), total=100)
    services.wake()
    return job_answer(job)


@router.get("/models")
def models(services: Caller, actor: Clinical) -> list[ModelAnswer]:
    """The models that run now, and those that ran before."""
    present: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        info, digest = services.models.judge_facts
        present["judge", digest] = facts_of(info)
        finder = services.models.finder_facts
        if finder is not None:
            present["finder", finder[1]] = facts_of(finder[0])
    except BundleError as error:
        present["judge", ""] = {"problem": str(error)}
    with services.database.read() as session:
        rows = session.scalars(select(ModelRow).order_by(ModelRow.used_at.desc())).all()
    known = {(row.role, row.hash): row for row in rows}
    now = [
        ModelAnswer(
            role=role,
            hash=digest,
            present=True,
            used_at=known[role, digest].used_at if (role, digest) in known else None,
            facts=facts,
        )
        for (role, digest), facts in present.items()
    ]
    before = [
        ModelAnswer(role=row.role, hash=row.hash, present=False, used_at=row.used_at, facts=row.facts)
        for key, row in known.items()
        if key not in present
    ]
    return [*now, *before]
