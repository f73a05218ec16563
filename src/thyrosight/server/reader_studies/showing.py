"""Pictures for readers: asked by task, and handed out only while the task may be looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.server.database.tables import CaseView, StoredImage
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.reader_studies.answering import JUDGE
from thyrosight.server.reader_studies.cases import views_by_case
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.room import desk


def view_to_show(
    session: Session, user_id: UUID, task_id: UUID, place: int, *, now: datetime, model: bool = False
) -> tuple[CaseView, StoredImage]:
    """A view of a task with its image.

    Args:
        session: a reading transaction.
        user_id: the reader.
        task_id, place: the task, and the view within it, from 1.
        now: the present time.
        model: whether the model's heat map over it is asked for.

    Raises:
        ProblemError: 404 where there is none, 409 where the task is not to be looked at now, or the reader pauses.
    """
    found = desk(session, user_id, task_id, now=now)
    if found.task.paused_at is not None:
        raise conflict("You are pausing; go on to see the pictures.")
    views = views_by_case(session, [found.case])[found.case.id]
    if place > len(views):
        raise not_found("picture")
    view, image = views[place - 1]
    if model:
        arm = protocol_of(session, found.seat.study).arm(found.arm)
        if found.stage == "before" or arm.model != JUDGE or not view.heat_map:
            raise not_found("heat map")
    return view, image
