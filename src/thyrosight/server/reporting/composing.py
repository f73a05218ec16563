"""The content of a report, from what is drawn, locked and revealed; computed nowhere else again."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight import __version__
from thyrosight.imaging import Box
from thyrosight.server.clock import as_text
from thyrosight.server.database.tables import (
    NoduleRow,
    NoduleView,
    Opinion,
    Reveal,
    StoredImage,
    Study,
)
from thyrosight.server.nodules import size_of_view
from thyrosight.server.nodules.editing import views_of
from thyrosight.server.nodules.questions import latest_assessments
from thyrosight.server.site import SiteSettings
from thyrosight.tirads import TiradsError, assess, read_nodule, systems

FORMAT: Final = 1
RESEARCH_USE: Final = "For research use only. Not a medical device; not for diagnosis."


def compose(session: Session, study: Study, *, user_id: UUID, site: SiteSettings) -> dict[str, Any]:
    """The content of a user's report, as JSON: the study and its nodules with opinion, TI-RADS and the model's result.

    Only what was revealed to this user is taken of the models. `site` names the institution, and the TI-RADS system
    that stands first.
    """
    nodules = session.scalars(
        select(NoduleRow)
        .where(NoduleRow.study_id == study.id, NoduleRow.removed_at.is_(None))
        .order_by(NoduleRow.number)
    )
    images = session.scalar(
        select(func.count())
        .select_from(StoredImage)
        .where(StoredImage.study_id == study.id, StoredImage.removed_at.is_(None))
    )
    return {
        "format": FORMAT,
        "software": f"ThyroSight {__version__}",
        "research_use": RESEARCH_USE,
        "institution": site.institution,
        "study": {
            "id": str(study.id),
            "code": study.code,
            "study_uid": study.study_uid,
            "patient_id": study.patient_id,
            "patient_name": study.patient_name,
            "birth_date": study.birth_date,
            "sex": study.sex,
            "accession": study.accession,
            "study_date": study.study_date,
            "description": study.description,
            "images": images or 0,
        },
        "nodules": [_nodule(session, nodule, user_id, site) for nodule in nodules],
        "findings": "",
        "conclusion": "",
    }


def _nodule(session: Session, nodule: NoduleRow, user_id: UUID, site: SiteSettings) -> dict[str, Any]:
    own = session.scalars(
        select(Opinion).where(Opinion.nodule_id == nodule.id, Opinion.user_id == user_id).order_by(Opinion.stage.desc())
    ).all()
    described = own[-1].descriptors if own else nodule.descriptors
    return {
        "id": str(nodule.id),
        "number": nodule.number,
        "side": nodule.side,
        "pole": nodule.pole,
        "size_mm": nodule.size_mm,
        "note": nodule.note,
        "descriptors": described,
        "tirads": _categories(described, nodule.size_mm, site.systems_in_order()),
        "views": [_view(session, view) for view in views_of(session, nodule.id)],
        "opinions": [
            {
                "stage": one.stage,
                "locked_at": as_text(one.locked_at),
                "score": one.score,
                "biopsy": one.biopsy,
                "kept": one.kept,
                "reason": one.reason,
            }
            for one in own
        ],
        "model": _results(session, nodule.id, user_id),
    }


def _view(session: Session, view: NoduleView) -> dict[str, Any]:
    image = session.get_one(StoredImage, view.image_id)
    size, reason = size_of_view(image, Box(*view.box))
    return {
        "id": str(view.id),
        "image_id": str(image.id),
        "image": image.number,
        "frame": view.frame,
        "frames": image.frames,
        "box": view.box,
        "size_mm": None if size is None else [round(side, 2) for side in size],
        "size_reason": reason,
    }


def _categories(descriptors: dict[str, str], size_mm: list[Any], order: list[str]) -> list[dict[str, Any]]:
    """The category under each system; nothing where no feature is described."""
    if not descriptors:
        return []
    largest = max((side for side in size_mm if side is not None), default=None)
    record = descriptors if largest is None else {**descriptors, "size_mm": str(largest)}
    try:
        nodule = read_nodule(record)
    except TiradsError:
        nodule = read_nodule(descriptors)  # a size that no system takes
    found = []
    for system in (systems()[key] for key in order):
        result = assess(system, nodule)
        found.append({
            "system": system.key, "title": system.title, "category": result.text(), "advice": result.recommendation(),
            "points": None if result.lowest_points is None else [result.lowest_points, result.highest_points],
        })  # fmt: skip
    return found


def _results(session: Session, nodule_id: UUID, user_id: UUID) -> list[dict[str, Any]]:
    revealed = session.scalar(select(Reveal).where(Reveal.nodule_id == nodule_id, Reveal.user_id == user_id))
    if revealed is None:
        return []
    return [
        {
            "assessment_id": str(one.id),
            "view_id": str(one.view_id),
            "state": one.state,
            "problem": one.problem,
            "result": {key: value for key, value in one.body.items() if key != "contour"},
        }
        for one in latest_assessments(session, nodule_id)
        if one.state != "waiting"
    ]
