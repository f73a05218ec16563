"""The cases of a reader study: pictures and loops of the workstation, with what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.errors import ImageError
from thyrosight.imaging import Box
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import CaseView, NoduleRow, ReaderStudy, StoredImage, Study, StudyCase
from thyrosight.server.nodules.editing import open_nodule, views_of
from thyrosight.server.problems import not_found, refused
from thyrosight.server.reader_studies.codes import new_code
from thyrosight.server.reader_studies.facts import CaseFacts, apply_facts, shown_of
from thyrosight.server.studies.locking import open_study

PARTS: Final = ("", "B-mode", "elastogram")
MOST_VIEWS: Final = 2


@dataclass(frozen=True)
class NewView:
    """A picture or loop of a case.

    Attributes:
        frame: that is shown, from 0; of a loop the one that is shown first.
        loop: whether all frames are shown.
        box: left, top, right, bottom of the nodule in `frame`; None for the whole frame.
        outline: points (column, row), or none.
        part: of `PARTS`.
    """

    image_id: UUID
    frame: int = 0
    loop: bool = False
    box: tuple[int, int, int, int] | None = None
    outline: Sequence[Sequence[float]] = ()
    part: str = ""


@dataclass(frozen=True)
class NewCase:
    """A case to be added: the views of a nodule, or views that are named.

    Attributes:
        key: the designer's own name for it; "" takes the code that is drawn for it.
    """

    key: str
    nodule_id: UUID | None
    views: Sequence[NewView]
    facts: CaseFacts = field(default_factory=CaseFacts)


def cases_of(session: Session, study_id: UUID, *, removed: bool = False) -> list[StudyCase]:
    """The cases of a study in their order; those that were taken out of the design only where asked for."""
    chosen = select(StudyCase).where(StudyCase.reader_study_id == study_id).order_by(StudyCase.number)
    return list(session.scalars(chosen if removed else chosen.where(StudyCase.removed_at.is_(None))))


def views_by_case(session: Session, cases: Sequence[StudyCase]) -> dict[UUID, list[tuple[CaseView, StoredImage]]]:
    """The views of cases with their images, in their order."""
    found: dict[UUID, list[tuple[CaseView, StoredImage]]] = {case.id: [] for case in cases}
    rows = session.execute(
        select(CaseView, StoredImage)
        .join(StoredImage, StoredImage.id == CaseView.image_id)
        .where(CaseView.case_id.in_(list(found)))
        .order_by(CaseView.case_id, CaseView.place)
    )
    for view, image in rows:
        found[view.case_id].append((view, image))
    return found


def case_of(session: Session, study: ReaderStudy, case_id: UUID) -> StudyCase:
    """A case of a study.

    Raises:
        ProblemError: there is none.
    """
    case = session.get(StudyCase, case_id)
    if case is None or case.reader_study_id != study.id or case.removed_at is not None:
        raise not_found("case")
    return case


def add_cases(session: Session, study: ReaderStudy, new: Sequence[NewCase], *, clock: Clock) -> list[StudyCase]:
    """Add cases to a draft; all of them, or none.

    Raises:
        ProblemError: a view, key or fact that cannot be used; names the case.
    """
    present = cases_of(session, study.id, removed=True)
    codes = {case.code for case in present}
    keys = {case.key for case in present if case.removed_at is None}
    number = max((case.number for case in present), default=0)
    made = []
    for one in new:
        number += 1
        code = new_code(codes, prefix="C-")
        codes.add(code)
        key = one.key.strip() or code
        if key in keys or key in codes - {code}:
            raise refused(f"Two cases have the key {key!r}; each case needs a key of its own.")
        keys.add(key)
        views = _views_of_nodule(session, one) if one.nodule_id is not None else list(one.views)
        images = _checked_images(session, views, key)
        case = StudyCase(
            reader_study_id=study.id, number=number, code=code, key=key, role="study", since=1, truth=None,
            label_source="", cluster=_patient_code(session, images[0]), lesions=[], model_scores={}, facts={},
            cleared="", withdrawn_at=None, withdrawn_for="", removed_at=None, created_at=clock(),
        )  # fmt: skip
        apply_facts(
            case, one.facts, shown=[shown_of(view.loop, image) for view, image in zip(views, images, strict=True)]
        )
        session.add(case)
        session.flush()
        for place, view in enumerate(views):
            session.add(
                CaseView(
                    case_id=case.id, place=place, image_id=view.image_id, frame=view.frame, loop=view.loop,
                    box=None if view.box is None else list(view.box), outline=[list(point) for point in view.outline],
                    part=view.part, job_id=None, state="new", problem="", text=None, covered=None, model_hash="",
                    assessment={}, refusal="", heat_map="", created_at=clock(),
                )
            )  # fmt: skip
        made.append(case)
    session.flush()
    return made


def set_facts(session: Session, study: ReaderStudy, rows: Sequence[tuple[str, CaseFacts]]) -> int:
    """Write what is known of cases, by code or key; all rows, or none.

    Raises:
        ProblemError: a case that is not there, or twice in the rows.
    """
    known: dict[str, StudyCase] = {}
    cases = cases_of(session, study.id)
    views = views_by_case(session, cases)
    for case in cases:
        known[case.code] = known[case.key] = case
    seen: set[UUID] = set()
    for name, facts in rows:
        found = known.get(name.strip())
        if found is None:
            raise refused(f"There is no case {name!r} in the study; nothing was written. Use its key or its code.")
        if found.id in seen:
            raise refused(f"The case {name!r} stands twice in the table; nothing was written.")
        seen.add(found.id)
        apply_facts(found, facts, shown=[shown_of(view.loop, image) for view, image in views[found.id]])
    return len(seen)


def _views_of_nodule(session: Session, new: NewCase) -> list[NewView]:
    assert new.nodule_id is not None
    if new.views:
        raise refused("A case is a nodule or a list of views, not both.")
    nodule: NoduleRow = open_nodule(session, new.nodule_id)
    drawn = views_of(session, nodule.id)
    if not 1 <= len(drawn) <= MOST_VIEWS:
        raise refused(f"A nodule has {len(drawn)} views; a case has one or two. Name the views that are to be read.")
    return [
        NewView(
            image_id=view.image_id,
            frame=view.frame,
            box=(view.box[0], view.box[1], view.box[2], view.box[3]),
            outline=view.outline,
        )
        for view in drawn
    ]


def _checked_images(session: Session, views: Sequence[NewView], key: str) -> list[StoredImage]:
    """The images of a case's views, if they go together."""
    if not 1 <= len(views) <= MOST_VIEWS:
        raise refused(f"The case {key!r} has {len(views)} views; a case has one or two.")
    images = [_checked_image(session, view, key) for view in views]
    if len({image.study_id for image in images}) > 1:
        raise refused(f"The views of the case {key!r} are of two studies; a case is of one patient.")
    parts = sorted(view.part for view in views)
    if parts not in ([""], ["", ""], ["B-mode", "elastogram"]):
        raise refused(f"The views of the case {key!r} are one or two of the nodule, or a B-mode and an elastogram.")
    return images


def _checked_image(session: Session, view: NewView, key: str) -> StoredImage:
    image = session.get(StoredImage, view.image_id)
    if image is None or image.removed_at is not None:
        raise refused(f"An image of the case {key!r} is not there any more.")
    open_study(session, image.study_id)
    if not 0 <= view.frame < image.frames:
        number = f"{image.frames} frame{'' if image.frames == 1 else 's'}"
        raise refused(f"The image of the case {key!r} has {number}, from 0; there is no {view.frame}.")
    if view.loop and image.frames == 1:
        raise refused(f"The image of the case {key!r} is no loop.")
    if view.box is not None:
        try:
            Box(*view.box).require_inside((image.rows, image.columns), f"The nodule of the case {key!r}")
        except ImageError as error:
            raise refused(str(error)) from None
    return image


def _patient_code(session: Session, image: StoredImage) -> str:
    """The code that the cases of one patient share: that of the patient's study on this workstation that came first."""
    study = session.get_one(Study, image.study_id)
    if not study.patient_id:
        return study.code
    first = session.scalars(
        select(Study.code)
        .where(Study.patient_id == study.patient_id, Study.removed_at.is_(None))
        .order_by(Study.created_at, Study.id)
        .limit(1)
    ).first()
    return first or study.code
