"""The DICOM objects of a signed report, as `thyrosight.pacs` makes them: the report, and what the models said."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.inference import Assessment
from thyrosight.server.database.tables import NoduleRow, NoduleView, Report, Signature, StoredAssessment, StoredImage
from thyrosight.server.jobs.heat import unpacked_heat
from thyrosight.server.problems import refused
from thyrosight.server.reporting.wording import Wording, wording_of
from thyrosight.server.studies import FileStore, FrameServer

if TYPE_CHECKING:
    from pydicom import Dataset

_SIDES = {"left": "L", "right": "R"}


@dataclass(frozen=True)
class Made:
    """An object as bytes, with its kind and identifier."""

    kind: str
    uid: str
    content: bytes


def objects_of(
    session: Session,
    report: Report,
    signature: Signature,
    pdf: bytes,
    *,
    kinds: Sequence[str],
    store: FileStore,
    frames: FrameServer,
) -> list[Made]:
    """The objects of a signed report; the same report always gives objects with the same identifiers.

    Args:
        session: for reading.
        report, signature: the report.
        pdf: its pages.
        kinds: "signed", and of `thyrosight.pacs.KINDS` "report", "outline" and "heat-map".
        store, frames: where images and heat maps are.

    Raises:
        ProblemError: no image of the study is DICOM, so that an archive could not tell whom they belong to.
        DicomError: a header does not allow it.
    """
    from thyrosight.pacs import encapsulated_report, read_source  # what writes DICOM comes with the first report

    image = session.scalar(
        select(StoredImage)
        .where(StoredImage.study_id == report.study_id, StoredImage.kind == "dicom", StoredImage.removed_at.is_(None))
        .order_by(StoredImage.number)
    )
    if image is None:
        raise refused("The study has no DICOM image, so that an archive could not tell whom the report belongs to.")
    source = read_source(store.image(image.sha256))
    made: list[Made] = []
    if "signed" in kinds:
        own = wording_of(report.body)
        heading = own.say("Ultrasound of the thyroid (research use only)")
        dataset = encapsulated_report(
            pdf, source, heading=heading, content_hash=signature.content_hash, made=signature.created_at,
            language=own.tag, put=own.put,
        )  # fmt: skip
        made.append(_made("signed", dataset))
    words = Wording(report.body.get("language", "en"), names=(signature.name[:64],))
    wanted = [kind for kind in ("report", "outline", "heat-map") if kind in kinds]
    for nodule in report.body["nodules"]:
        for one in nodule["model"]:
            if wanted and one["state"] == "done":
                made += _of_model(
                    session, one["assessment_id"], nodule, wanted, signature, words=words, store=store, frames=frames
                )
    return made


def _of_model(
    session: Session,
    assessment_id: str,
    nodule: dict[str, Any],
    kinds: Sequence[str],
    signature: Signature,
    *,
    words: Wording,
    store: FileStore,
    frames: FrameServer,
) -> list[Made]:
    from thyrosight.pacs import Findings, make_objects, read_source

    row = session.get_one(StoredAssessment, UUID(assessment_id))
    view = session.get_one(NoduleView, row.view_id)
    image = session.get_one(StoredImage, view.image_id)
    if image.kind != "dicom":
        return []
    source = read_source(store.image(image.sha256))
    body = {key: value for key, value in row.body.items() if key != "scale_rule"}
    assessment = Assessment.model_validate({**body, "image": image.sha256})
    packed = store.result(row.heat_map.replace(".png", ".npz"))
    if row.heat_map and packed.is_file():
        assessment = assessment.model_copy(update={"heat_map": unpacked_heat(packed.read_bytes(), row.body)})
    number = session.get_one(NoduleRow, row.nodule_id).number
    findings = Findings(
        descriptors=nodule["descriptors"],
        origin=signature.name[:64],
        laterality=_SIDES.get(nodule["side"], ""),
        nodule=f"nodule {number}",
        language=words.tag,
    )
    objects, _ = make_objects(
        [assessment], source, [frames.read(image, view.frame)], kinds=kinds, findings=findings,
        drawn_by_person=not view.proposed, made=signature.created_at, put=words.put,
    )  # fmt: skip
    return [_made(one.kind, one.dataset) for one in objects]


def _made(kind: str, dataset: "Dataset") -> Made:
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return Made(kind, str(dataset.SOPInstanceUID), stream.getvalue())
