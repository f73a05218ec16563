"""Studies of DICOMweb archives: searched, and fetched in a job."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from thyrosight.pacs.dicomweb.answers import value, values
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import append
from thyrosight.server.http import Answer, Body, Caller, allow
from thyrosight.server.jobs import enqueue
from thyrosight.server.names import PersonName
from thyrosight.server.peers import PeerEntry
from thyrosight.server.problems import not_found, refused
from thyrosight.server.routes.jobs import JobAnswer, job_answer
from thyrosight.server.services import Services

router = APIRouter(prefix="/imports", tags=["imports"])
Clinician = Annotated[Actor, allow(Role.CLINICIAN)]
_MOST = 200
_FIELDS = (
    "StudyDescription",
    "ModalitiesInStudy",
    "NumberOfStudyRelatedInstances",
    "PatientBirthDate",
    "AccessionNumber",
)


class ArchivedStudy(Answer):
    """A study of an archive."""

    study_uid: str
    patient_id: str
    patient_name: PersonName
    birth_date: str
    study_date: str
    accession: str
    description: str
    modalities: list[str]
    instances: str


class FetchStudy(Body):
    """The peer, and the Study Instance UID of what is to be fetched."""

    peer: Annotated[str, Field(max_length=64)]
    study_uid: Annotated[str, Field(pattern=r"^[0-9.]{1,64}$")]


@router.get("/dicomweb")
def search(
    *,
    services: Caller,
    actor: Clinician,
    peer: Annotated[str, Query(max_length=64)],
    patient_id: Annotated[str, Query(max_length=64)] = "",
    patient_name: Annotated[str, Query(max_length=128)] = "",
    accession: Annotated[str, Query(max_length=64)] = "",
    study_date: Annotated[str, Query(pattern=r"^(\d{8}(-\d{8})?|)$")] = "",
) -> list[ArchivedStudy]:
    """Ultrasound studies of an archive, at most 200; at least one of the filters is needed."""
    archive = _archive(services, peer).web
    given = {
        "PatientID": patient_id, "PatientName": patient_name, "AccessionNumber": accession, "StudyDate": study_date,
    }  # fmt: skip
    filters = {name: text for name, text in given.items() if text}
    if archive is None or not filters:
        raise refused("Give a patient's identifier or name, an accession number or a date.")
    found: list[ArchivedStudy] = []
    for item in archive.search("studies", filters={**filters, "ModalitiesInStudy": "US"}, fields=_FIELDS, page=100):
        found.append(
            ArchivedStudy(
                study_uid=value(item, "StudyInstanceUID"),
                patient_id=value(item, "PatientID"),
                patient_name=value(item, "PatientName"),
                birth_date=value(item, "PatientBirthDate"),
                study_date=value(item, "StudyDate"),
                accession=value(item, "AccessionNumber"),
                description=value(item, "StudyDescription"),
                modalities=values(item, "ModalitiesInStudy"),
                instances=value(item, "NumberOfStudyRelatedInstances"),
            )
        )
        if len(found) >= _MOST:
            break
    return found


@router.post("/dicomweb", status_code=202)
def fetch(body: FetchStudy, services: Caller, actor: Clinician) -> JobAnswer:
    """Fetch a study of an archive; the job tells the images that were taken in, and those that were refused."""
    _archive(services, body.peer)
    what = {"peer": body.peer, "study_uid": body.study_uid, "who": actor.name}
    with services.database.write() as session:
        job = enqueue(session, "import", what, user_id=actor.user_id, now=services.clock(), total=100)
        append(
            session, who=actor.name, what="study fetched", object=f"job {job.id}", body={"peer": body.peer},
            clock=services.clock,
        )  # fmt: skip
    services.wake()
    return job_answer(job)


def _archive(services: Services, name: str) -> PeerEntry:
    peer = services.peers.get(name)
    if peer is None or not peer.query or not peer.peer.is_web:
        raise not_found("archive to search")
    return peer
