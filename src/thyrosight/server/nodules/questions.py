"""Questions to the models, put into the queue; answers stay in the database until they may be shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.files import sha256_of_json
from thyrosight.server.database.tables import Job, NoduleRow, NoduleView, StoredAssessment, StoredImage
from thyrosight.server.jobs import enqueue

_DRAWN: Final = ("sha256", "frame", "box", "outline")
"""Parts of a question that say what is judged; an answer on other ones is no answer on the view as it is drawn now."""


def ask_judge(
    session: Session, nodule: NoduleRow, views: Sequence[NoduleView], *, model: str, user_id: UUID, now: datetime
) -> Job | None:
    """Have views judged that were not judged as they are drawn now, by this model; None where all were.

    Args:
        session: a writing transaction.
        nodule, views: the views are of the nodule.
        model: hash of the judging model.
        user_id: who asks.
        now: the present time.
    """
    open_questions: list[tuple[NoduleView, dict[str, Any], str]] = []
    for view in views:
        question = _question(session, view)
        key = sha256_of_json([str(view.id), question, model])
        known = session.scalar(select(StoredAssessment).where(StoredAssessment.key == key))
        if known is None:
            open_questions.append((view, question, key))
    if not open_questions:
        return None
    named = [(view, {**question, "assessment_id": str(uuid4())}, key) for view, question, key in open_questions]
    job = enqueue(
        session, "assess", {"views": [question for _, question, _ in named]}, user_id=user_id, now=now, total=len(named)
    )
    for view, question, key in named:
        session.add(
            StoredAssessment(
                id=UUID(question["assessment_id"]), nodule_id=nodule.id, view_id=view.id, job_id=job.id, key=key,
                state="waiting", model_hash=model, body={}, heat_map="", problem="", created_at=now,
            )
        )  # fmt: skip
    session.flush()
    return job


def ask_finder(session: Session, image: StoredImage, frame: int, *, user_id: UUID, now: datetime) -> Job:
    """Have the finder look for nodules in one frame."""
    what = {"sha256": image.sha256, "frames": image.frames, "frame": frame, "image_id": str(image.id)}
    return enqueue(session, "find", what, user_id=user_id, now=now)


def latest_assessments(session: Session, nodule_id: UUID) -> list[StoredAssessment]:
    """The last answer on each present view of a nodule as it is drawn now, in the order of the views."""
    rows = session.execute(
        select(StoredAssessment, NoduleView, Job)
        .join(NoduleView, NoduleView.id == StoredAssessment.view_id)
        .join(Job, Job.id == StoredAssessment.job_id)
        .where(StoredAssessment.nodule_id == nodule_id, NoduleView.removed_at.is_(None))
        .order_by(NoduleView.created_at, NoduleView.id, StoredAssessment.created_at)
    )
    latest = {}
    for assessment, view, job in rows:
        now, asked = _question(session, view), {one["assessment_id"]: one for one in job.what["views"]}
        if all(asked[str(assessment.id)][part] == now[part] for part in _DRAWN):
            latest[view.id] = assessment
    return list(latest.values())


def _question(session: Session, view: NoduleView) -> dict[str, Any]:
    """A view as the judging model is asked about it."""
    image = session.get_one(StoredImage, view.image_id)
    return {
        "sha256": image.sha256,
        "frames": image.frames,
        "frame": view.frame,
        "box": view.box,
        "outline": view.outline,
        "origin": "the finder's box, accepted by the reader" if view.proposed else "drawn by the reader",
    }
