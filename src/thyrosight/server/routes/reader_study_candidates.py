"""Images and nodules of the workstation from which the cases of a reader study are chosen, under codes."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import NoduleRow, NoduleView, StoredImage, Study
from thyrosight.server.http import Answer, Caller, Id
from thyrosight.server.reader_studies.designing import reader_study
from thyrosight.server.routes.reader_studies import Designer

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])


class CandidateImage(Answer):
    """An image that can become a case."""

    id: Id
    number: int
    rows: int
    columns: int
    frames: int


class CandidateView(Answer):
    """View in which a nodule is drawn: its frame and box."""

    image_id: Id
    frame: int
    box: list[int]


class CandidateNodule(Answer):
    """A nodule that can become a case."""

    id: Id
    number: int
    views: list[CandidateView]


class CandidateStudy(Answer):
    """A study of the worklist, under its code."""

    study_id: Id
    code: str
    images: list[CandidateImage]
    nodules: list[CandidateNodule]


class Candidates(Answer):
    """Studies from which cases can be chosen."""

    total: int
    items: list[CandidateStudy]


@router.get("/{study_id}/candidates")
def candidates(
    study_id: Id,
    *,
    services: Caller,
    actor: Designer,
    text: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Candidates:
    """Images and nodules from which cases can be chosen, by study; `text` is part of a study's code."""
    with services.database.read() as session:
        reader_study(session, study_id)
        fits = [Study.removed_at.is_(None), Study.code.icontains(text, autoescape=True)]
        total = session.scalar(select(func.count()).select_from(Study).where(*fits)) or 0
        studies = session.scalars(
            select(Study).where(*fits).order_by(Study.created_at, Study.id).limit(limit).offset(offset)
        ).all()
        return Candidates(total=total, items=[_candidate(session, study) for study in studies])


def _candidate(session: Session, study: Study) -> CandidateStudy:
    images = session.scalars(
        select(StoredImage)
        .where(StoredImage.study_id == study.id, StoredImage.removed_at.is_(None))
        .order_by(StoredImage.number, StoredImage.created_at, StoredImage.id)
    )
    drawn = session.execute(
        select(NoduleRow, NoduleView)
        .join(NoduleView, NoduleView.nodule_id == NoduleRow.id)
        .where(NoduleRow.study_id == study.id, NoduleRow.removed_at.is_(None), NoduleView.removed_at.is_(None))
        .order_by(NoduleRow.number, NoduleView.created_at, NoduleView.id)
    )
    nodules: dict[Id, CandidateNodule] = {}
    for nodule, view in drawn:
        found = nodules.setdefault(nodule.id, CandidateNodule(id=nodule.id, number=nodule.number, views=[]))
        found.views.append(CandidateView(image_id=view.image_id, frame=view.frame, box=view.box))
    return CandidateStudy(
        study_id=study.id,
        code=study.code,
        images=[
            CandidateImage(
                id=image.id, number=image.number, rows=image.rows, columns=image.columns, frames=image.frames
            )
            for image in images
        ],
        nodules=list(nodules.values()),
    )
