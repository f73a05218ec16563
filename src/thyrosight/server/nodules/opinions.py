"""The second reader: an opinion is locked, then the model's result is shown, then the opinion is kept or changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.clock import Clock
from thyrosight.server.database import append
from thyrosight.server.database.tables import NoduleRow, Opinion, Reveal, StoredAssessment
from thyrosight.server.nodules.editing import require_descriptors, views_of
from thyrosight.server.nodules.questions import latest_assessments
from thyrosight.server.problems import conflict, refused

Stage = Literal["open", "locked", "revealed", "ended"]
"""State of one person on one nodule: no opinion yet; locked; the model's result was shown; kept or changed."""


@dataclass(frozen=True)
class NewOpinion:
    """An opinion to be locked; `kept` and `reason` belong to the one after the model's result."""

    stage: Literal["before", "after"]
    descriptors: Mapping[str, str]
    score: int
    biopsy: bool
    kept: bool | None = None
    reason: str = ""


def lock_opinion(
    session: Session, nodule: NoduleRow, new: NewOpinion, *, user_id: UUID, who: str, clock: Clock
) -> Opinion:
    """Lock an opinion; it never changes again.

    Raises:
        ProblemError: 409 where there is one of this stage, or one of the other stage or a view is missing before it.
    """
    now = clock()
    if _opinion(session, nodule.id, user_id, new.stage) is not None:
        raise conflict("Your opinion on this nodule is locked already.")
    if new.stage == "before":
        if not views_of(session, nodule.id):
            raise conflict("Draw the nodule in at least one frame first.")
        if new.kept is not None or new.reason:
            raise refused("Keeping or changing, and its reason, belong to the opinion after the model's result.")
    else:
        before = _opinion(session, nodule.id, user_id, "before")
        if before is None or _reveal_of(session, nodule.id, user_id) is None:
            raise conflict("The model's result was not shown to you yet; lock an opinion and reveal it first.")
        _check_second(before, new)
    opinion = Opinion(
        nodule_id=nodule.id,
        user_id=user_id,
        stage=new.stage,
        locked_at=now,
        descriptors=require_descriptors(new.descriptors),
        score=new.score,
        biopsy=new.biopsy,
        kept=new.kept,
        reason=new.reason,
        created_at=now,
    )
    session.add(opinion)
    session.flush()
    append(
        session, who=who, what="opinion locked", object=f"nodule {nodule.id}",
        body={"stage": new.stage, "score": new.score, "biopsy": new.biopsy, "opinion": str(opinion.id)}, clock=clock,
    )  # fmt: skip
    return opinion


def _check_second(before: Opinion, new: NewOpinion) -> None:
    if new.kept is None:
        raise refused("Say whether you keep or change your opinion.")
    same = (before.score, before.biopsy) == (new.score, new.biopsy)
    if new.kept and not same:
        raise refused("The opinion is said to be kept, and differs from the one before; say that it is changed.")
    if not new.kept and len(new.reason.strip()) < 3:
        raise refused("Give a reason for changing your opinion.")


def reveal(session: Session, nodule: NoduleRow, *, user_id: UUID, who: str, clock: Clock) -> list[StoredAssessment]:
    """The answers of the model on a nodule, once this person's opinion is locked; some may still be waited for.

    Raises:
        ProblemError: 409 before an opinion is locked.
    """
    if _opinion(session, nodule.id, user_id, "before") is None:
        raise conflict("Lock your own opinion first; the model's result is shown after that.")
    found = latest_assessments(session, nodule.id)
    if any(one.state == "waiting" for one in found):
        return found
    if _reveal_of(session, nodule.id, user_id) is None:
        shown = [str(one.id) for one in found]
        session.add(Reveal(nodule_id=nodule.id, user_id=user_id, assessments=shown, created_at=clock()))
        append(
            session, who=who, what="result revealed", object=f"nodule {nodule.id}", body={"assessments": shown},
            clock=clock,
        )  # fmt: skip
    return found


def may_see_results(session: Session, nodule_id: UUID, user_id: UUID) -> bool:
    """Whether the model's result on a nodule was revealed to a person."""
    return _reveal_of(session, nodule_id, user_id) is not None


def stage_of(session: Session, nodule_id: UUID, user_id: UUID) -> Stage:
    """How far a person is with a nodule."""
    if _opinion(session, nodule_id, user_id, "after") is not None:
        return "ended"
    if _reveal_of(session, nodule_id, user_id) is not None:
        return "revealed"
    return "open" if _opinion(session, nodule_id, user_id, "before") is None else "locked"


def opinions_seen_by(session: Session, nodule_id: UUID, user_id: UUID) -> list[Opinion]:
    """A person's own opinions, and those of others once the own one is locked: opinions stay independent."""
    rows = session.scalars(
        select(Opinion)
        .where(Opinion.nodule_id == nodule_id)
        .order_by(Opinion.locked_at, Opinion.stage.desc(), Opinion.id)
    ).all()
    own = [one for one in rows if one.user_id == user_id]
    if not own:
        return []
    # An opinion after the model's result tells of the result.
    sees_all = _reveal_of(session, nodule_id, user_id) is not None
    return [one for one in rows if one.user_id == user_id or one.stage == "before" or sees_all]


def _opinion(session: Session, nodule_id: UUID, user_id: UUID, stage: str) -> Opinion | None:
    return session.scalar(
        select(Opinion).where(Opinion.nodule_id == nodule_id, Opinion.user_id == user_id, Opinion.stage == stage)
    )


def _reveal_of(session: Session, nodule_id: UUID, user_id: UUID) -> Reveal | None:
    return session.scalar(select(Reveal).where(Reveal.nodule_id == nodule_id, Reveal.user_id == user_id))
