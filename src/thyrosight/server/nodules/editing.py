"""Making and changing nodules and their views; a change to an old version is refused with a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight.errors import ImageError
from thyrosight.imaging import Box
from thyrosight.server.database.tables import NoduleRow, NoduleView, Opinion, StoredImage, Study
from thyrosight.server.problems import conflict, not_found, refused
from thyrosight.server.studies.locking import open_study, require_unlocked
from thyrosight.tirads import COLUMNS, TiradsError, read_nodule

SIDES: Final = ("", "left", "right", "isthmus")
POLES: Final = ("", "upper", "middle", "lower")
_CHANGED: Final = "It was changed meanwhile; load it again."
_LOCKED: Final = "An opinion on this nodule is locked, and was formed on what was drawn then; add another view instead."


@dataclass(frozen=True)
class NoduleChange:
    """Changes of a nodule; None leaves a part as it is."""

    side: str | None = None
    pole: str | None = None
    descriptors: Mapping[str, str] | None = None
    size_mm: Sequence[float | None] | None = None
    note: str | None = None


@dataclass(frozen=True)
class ViewChange:
    """A view as it is drawn now.

    Attributes:
        version: of the view that was looked at; 0 for a new one.
        image_id, frame: where it is drawn.
        box: left, top, right, bottom in pixels.
        outline: points (column, row), at least three, or none.
        callipers: lines of two points each.
        proposed: whether the finder drew it.
    """

    version: int
    image_id: UUID
    frame: int
    box: tuple[int, int, int, int]
    outline: Sequence[tuple[float, float]] = ()
    callipers: Sequence[tuple[tuple[float, float], tuple[float, float]]] = ()
    proposed: bool = False


def open_nodule(session: Session, nodule_id: UUID) -> NoduleRow:
    """A nodule of a study of the worklist.

    Raises:
        ProblemError: there is none.
    """
    nodule = session.get(NoduleRow, nodule_id)
    if nodule is None or nodule.removed_at is not None:
        raise not_found("nodule")
    open_study(session, nodule.study_id)
    return nodule


def unlocked_study(session: Session, study_id: UUID, *, user_id: UUID, now: datetime) -> Study:
    """The study, if nobody else works on it; from now on it is in progress."""
    study = open_study(session, study_id)
    require_unlocked(session, study, user_id=user_id, now=now)
    if study.state == "new":
        study.state = "in progress"
        study.version += 1
    return study


def add_nodule(
    session: Session, study: Study, change: NoduleChange, *, user_id: UUID, proposed: bool, now: datetime
) -> NoduleRow:
    """Make a nodule."""
    highest = session.scalar(select(func.max(NoduleRow.number)).where(NoduleRow.study_id == study.id)) or 0
    nodule = NoduleRow(
        study_id=study.id,
        number=highest + 1,
        side="",
        pole="",
        descriptors={},
        size_mm=[None, None, None],
        note="",
        author_id=user_id,
        proposed=proposed,
        version=1,
        removed_at=None,
        created_at=now,
    )
    _apply(nodule, change)
    session.add(nodule)
    session.flush()
    return nodule


def change_nodule(nodule: NoduleRow, change: NoduleChange, *, version: int) -> None:
    """Change a nodule.

    Raises:
        ProblemError: 409 where it was changed since, 422 where a word is unknown.
    """
    if nodule.version != version:
        raise conflict(_CHANGED)
    _apply(nodule, change)
    nodule.version += 1


def remove_nodule(session: Session, nodule: NoduleRow, *, now: datetime) -> None:
    """Take a nodule out of its study; nothing is deleted.

    Raises:
        ProblemError: 409 where an opinion on it is locked.
    """
    if _has_opinion(session, nodule.id):
        raise conflict("An opinion on this nodule is locked; it stays in the study.")
    nodule.removed_at = now


def put_view(
    session: Session, nodule: NoduleRow, view_id: UUID, change: ViewChange, *, user_id: UUID, now: datetime
) -> NoduleView:
    """Make a view, or change it.

    Raises:
        ProblemError: 409 where it was changed since or an opinion rests on it, 422 where it lies outside its image.
    """
    image = session.get(StoredImage, change.image_id)
    if image is None or image.removed_at is not None or image.study_id != nodule.study_id:
        raise refused("The view is drawn in an image of another study, or in one that was removed.")
    _check_drawing(image, change)
    view = session.get(NoduleView, view_id)
    if view is None:
        if change.version != 0:
            raise not_found("view")
        view = NoduleView(
            id=view_id, nodule_id=nodule.id, author_id=user_id, version=0, created_at=now, removed_at=None
        )
        session.add(view)
    elif view.nodule_id != nodule.id:
        raise conflict("This view belongs to another nodule.")
    elif view.version != change.version:
        raise conflict(_CHANGED)
    else:
        _require_free(session, view)
    view.image_id, view.frame, view.proposed = change.image_id, change.frame, change.proposed
    view.box = list(change.box)
    view.outline = [list(point) for point in change.outline]
    view.callipers = [[list(point) for point in line] for line in change.callipers]
    view.removed_at = None
    view.version += 1
    session.flush()
    return view


def remove_view(session: Session, nodule: NoduleRow, view_id: UUID, *, version: int, now: datetime) -> None:
    """Take a view away; nothing is deleted.

    Raises:
        ProblemError: 404 without one, 409 where it was changed since or an opinion rests on it.
    """
    view = session.get(NoduleView, view_id)
    if view is None or view.nodule_id != nodule.id or view.removed_at is not None:
        raise not_found("view")
    if view.version != version:
        raise conflict(_CHANGED)
    _require_free(session, view)
    view.removed_at = now
    view.version += 1


def views_of(session: Session, nodule_id: UUID) -> list[NoduleView]:
    """The views of a nodule, in the order in which they were drawn."""
    return list(
        session.scalars(
            select(NoduleView)
            .where(NoduleView.nodule_id == nodule_id, NoduleView.removed_at.is_(None))
            .order_by(NoduleView.created_at, NoduleView.id)
        )
    )


def require_descriptors(descriptors: Mapping[str, str]) -> dict[str, str]:
    """The descriptors without empty ones, if TI-RADS knows every word.

    Raises:
        ProblemError: a feature or word that is unknown.
    """
    unknown = sorted(set(descriptors) - set(COLUMNS))
    if unknown:
        raise refused(f"There is no feature {unknown[0]!r}; the features are {', '.join(COLUMNS)}.")
    given = {name: words.strip() for name, words in descriptors.items() if words.strip()}
    try:
        read_nodule(given)
    except TiradsError as error:
        raise refused(str(error)) from None
    return given


def _apply(nodule: NoduleRow, change: NoduleChange) -> None:
    if change.side is not None:
        nodule.side = change.side
    if change.pole is not None:
        nodule.pole = change.pole
    if change.descriptors is not None:
        nodule.descriptors = require_descriptors(change.descriptors)
    if change.size_mm is not None:
        nodule.size_mm = list(change.size_mm)
    if change.note is not None:
        nodule.note = change.note


def _check_drawing(image: StoredImage, change: ViewChange) -> None:
    try:
        Box(*change.box).require_inside((image.rows, image.columns), "The view")
    except ImageError as error:
        raise refused(str(error)) from None
    if not 0 <= change.frame < image.frames:
        number = f"{image.frames} frame{'' if image.frames == 1 else 's'}"
        raise refused(f"The image has {number}, counted from 0; there is no {change.frame}.")
    if change.outline and len(change.outline) < 3:
        raise refused("An outline has at least three points.")
    points = [*change.outline, *(point for line in change.callipers for point in line)]
    if any(not (0 <= x <= image.columns and 0 <= y <= image.rows) for x, y in points):
        raise refused("A point of the outline or of a calliper lies outside the image.")


def _has_opinion(session: Session, nodule_id: UUID) -> bool:
    return session.scalar(select(Opinion.id).where(Opinion.nodule_id == nodule_id).limit(1)) is not None


def _require_free(session: Session, view: NoduleView) -> None:
    """An opinion was formed on the views that were there: those stay as they were."""
    last = session.scalar(select(func.max(Opinion.locked_at)).where(Opinion.nodule_id == view.nodule_id))
    if last is not None and view.created_at <= last:
        raise conflict(_LOCKED)
