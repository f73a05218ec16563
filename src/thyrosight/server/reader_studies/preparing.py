"""Having the pictures of a study blanked, looked at for text, and judged by the model, before anybody reads them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.readings import Protocol
from thyrosight.server.database.tables import CaseView, Job, ReaderStudy
from thyrosight.server.jobs import CASE_KIND, enqueue
from thyrosight.server.reader_studies.answering import JUDGE
from thyrosight.server.reader_studies.cases import cases_of, views_by_case


def asks_judge(protocol: Protocol) -> bool:
    """Whether an arm shows the answer of the workstation's judging model."""
    return any(arm.model == JUDGE for arm in protocol.arms)


def prepare(
    session: Session, study: ReaderStudy, protocol: Protocol, *, judge: str, user_id: UUID, now: datetime
) -> int:
    """Put into the queue what is not prepared yet; gives how many views that are.

    Args:
        session: a writing transaction.
        study: a draft.
        protocol: of the study.
        judge: hash of the judging model; "" where there is none.
        user_id: who asks.
        now: the present time.
    """
    wanted = judge if asks_judge(protocol) else ""
    views = [view for found in views_by_case(session, cases_of(session, study.id)).values() for view, _ in found]
    failed = failed_jobs(session, views)
    asked = 0
    for view in views:
        judged = wanted if view.part != "elastogram" else ""
        prepared = view.state == "ready" and (not judged or view.model_hash == judged)
        if prepared or (view.state == "waiting" and view.job_id not in failed):
            continue
        job = enqueue(session, CASE_KIND, {"view_id": str(view.id), "judge": bool(judged)}, user_id=user_id, now=now)
        view.job_id, view.state, view.problem = job.id, "waiting", ""
        asked += 1
    session.flush()
    return asked


def failed_jobs(session: Session, views: Sequence[CaseView]) -> dict[UUID, str]:
    """The jobs of views that failed, each with its reason."""
    ids = [view.job_id for view in views if view.job_id is not None and view.state == "waiting"]
    rows = session.execute(select(Job.id, Job.problem).where(Job.id.in_(ids), Job.state == "failed"))
    return {row.id: row.problem for row in rows}
