"""Studies and images as routes answer them: roles without access to names get codes instead."""

from datetime import datetime
from typing import Literal

from thyrosight.server.accounts import Actor
from thyrosight.server.database.tables import StoredImage
from thyrosight.server.http import Answer, Id
from thyrosight.server.names import PersonName
from thyrosight.server.sentences import Said
from thyrosight.server.studies import StudyRow


class RegionAnswer(Answer):
    """A region of the scanner: its box (left, top, right, bottom) and its mm per pixel (row, column), or why not."""

    box: list[int]
    kind: str
    spacing_mm: list[float] | None
    spacing_reason: Said


class ImageAnswer(Answer):
    """A picture or loop. `spacing_mm` holds in the whole frame; None where it differs by region or is unknown."""

    id: Id
    study_id: Id
    name: str
    kind: Literal["dicom", "png", "jpeg"]
    number: int
    rows: int
    columns: int
    frames: int
    frames_per_second: float | None
    regions: list[RegionAnswer]
    spacing_mm: list[float] | None
    spacing_reason: Said
    laterality: str
    stored_as: str
    notes: list[Said]
    blanked: bool
    size: int


class StudyAnswer(Answer):
    """A study. Names, identifiers and dates are empty for roles without access to them."""

    id: Id
    code: str
    patient_id: str
    patient_name: PersonName
    birth_date: str
    sex: str
    accession: str
    study_date: str
    description: str
    state: str
    origin: str
    version: int
    assignee: str
    assignee_id: Id | None
    locked_by: str
    locked_by_me: bool
    locked_until: datetime | None
    images: int
    frames: int
    created_at: datetime


class StudyWithImages(StudyAnswer):
    """A study with its images."""

    items: list[ImageAnswer]


def study_answer(row: StudyRow, actor: Actor) -> StudyAnswer:
    """A study for a user."""
    study, named = row.study, actor.sees_names
    return StudyAnswer(
        id=study.id,
        code=study.code,
        patient_id=study.patient_id if named else "",
        patient_name=study.patient_name if named else "",
        birth_date=study.birth_date if named else "",
        sex=study.sex,
        accession=study.accession if named else "",
        study_date=study.study_date if named else study.study_date[:4],
        description=study.description if named else "",
        state=study.state,
        origin=study.origin,
        version=study.version,
        assignee=row.assignee,
        assignee_id=study.assignee_id,
        locked_by=row.locked_by,
        locked_by_me=bool(row.locked_by) and study.locked_by == actor.user_id,
        locked_until=study.locked_until if row.locked_by else None,
        images=row.images,
        frames=row.frames,
        created_at=study.created_at,
    )


def image_answer(image: StoredImage, actor: Actor) -> ImageAnswer:
    """An image for a user."""
    facts, named = image.facts, actor.sees_names
    return ImageAnswer(
        id=image.id,
        study_id=image.study_id,
        name=image.name if named else f"image {image.number}",
        kind=image.kind,
        number=image.number,
        rows=image.rows,
        columns=image.columns,
        frames=image.frames,
        frames_per_second=image.frames_per_second,
        regions=[RegionAnswer(**region) for region in facts["regions"]],
        spacing_mm=facts["spacing_mm"],
        spacing_reason=facts["spacing_reason"],
        laterality=facts["laterality"],
        stored_as=facts["stored_as"],
        notes=facts["notes"],
        blanked=not named,
        size=image.size,
    )
