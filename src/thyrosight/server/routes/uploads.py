"""Uploads: announced, sent in one piece or several, and taken in when they are complete."""

from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.files import sha256_of_file
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import append
from thyrosight.server.database.tables import Upload
from thyrosight.server.http import Answer, Body, Caller, Id, allow
from thyrosight.server.jobs import enqueue
from thyrosight.server.problems import ProblemError, conflict, not_found, refused
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services
from thyrosight.server.studies.facts import kind_of
from thyrosight.server.studies.locking import open_study
from thyrosight.server.studies.uploading import read_range

router = APIRouter(prefix="/uploads", tags=["uploads"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]


class NewUpload(Body):
    """A file that is to come: its name, its size in bytes, perhaps its SHA-256, and the study it is to be added to."""

    name: Annotated[str, Field(min_length=1, max_length=1024)]
    size: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    study_id: Id | None = None


class TakenImage(Answer):
    """An image that was taken in."""

    study_id: Id
    image_id: Id


class RefusedFile(Answer):
    """A file that was not taken in, and why."""

    name: str
    reason: Said


class UploadAnswer(Answer):
    """An upload: how many bytes there are, and what became of it.

    State: "open", "complete" (an archive that is being taken in: see `job_id`), "done" or "refused".
    """

    id: Id
    offset: int
    size: int
    state: str
    images: list[TakenImage]
    refused: list[RefusedFile]
    job_id: Id | None


@router.post("", status_code=201)
def announce(body: NewUpload, services: Caller, actor: Clinical) -> UploadAnswer:
    """Announce a file: DICOM, PNG, JPEG, or a zip archive of them."""
    largest = services.site.now.largest_upload
    if body.size > largest:
        raise ProblemError(413, f"The file has {body.size} bytes; at most {largest} are taken.")
    if body.size > services.store.free_bytes():
        raise ProblemError(507, "The disk of the data folder has no room for this file; tell the administrator.")
    with services.database.write() as session:
        if body.study_id is not None:
            open_study(session, body.study_id)
        row = Upload(
            user_id=actor.user_id,
            name=_file_name(body.name),
            size=body.size,
            sha256=body.sha256,
            study_id=body.study_id,
            state="open",
            result={},
            created_at=services.clock(),
        )
        session.add(row)
        session.flush()
    return _answer(row, 0)


@router.get("/{upload_id}")
def show(upload_id: Id, services: Caller, actor: Clinical) -> UploadAnswer:
    """How far an upload is."""
    row = _upload(services, upload_id, actor)
    return _answer(row, _present(services, row))


@router.put("/{upload_id}", openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}})
async def send(
    *,
    upload_id: Id,
    request: Request,
    response: Response,
    services: Caller,
    actor: Clinical,
    content_range: Annotated[str | None, Header()] = None,
) -> UploadAnswer:
    """Send the file or a part of it as the raw body, with Content-Range `bytes FIRST-LAST/SIZE` for a part.

    409 with the number of bytes that are there in the header Upload-Offset where the part does not begin there. With
    the last byte the file is checked and taken in.
    """
    with services.uploading.alone(upload_id):
        row = await run_sync(_upload, services, upload_id, actor)
        if row.state != "open":
            return _answer(row, row.size)
        part = read_range(content_range, total=row.size)
        try:
            present = await services.uploading.receive(services.store.upload(row.id), request.stream(), part=part)
        except ProblemError as error:
            if error.status == 409:
                raise conflict(f"{error} The upload has {_present(services, row)} of {row.size} bytes.") from None
            raise
        response.headers["Upload-Offset"] = str(present)
        if present < row.size:
            return _answer(row, present)
        return await run_sync(_finish, services, row, actor)


def _finish(services: Services, row: Upload, actor: Actor) -> UploadAnswer:
    """Check a complete file and take it in; a refused one is removed."""
    path = services.store.upload(row.id)
    try:
        if row.sha256 is not None and sha256_of_file(path) != row.sha256:
            raise ImageError("The file arrived damaged (its SHA-256 is not the one that was stated); send it again.")
        if kind_of(path) == "zip":
            return _take_archive(services, row, actor)
        taken = services.taker.take(
            path, name=row.name, origin="upload", who=actor.name, study_id=row.study_id, move=True
        )
    except ThyroSightError as error:
        path.unlink(missing_ok=True)
        _end(services, row.id, "refused", {"refused": [{"name": row.name, "reason": str(error)}]}, actor)
        raise error if isinstance(error, ProblemError) else refused(str(error)) from None
    result = {"images": [{"study_id": str(taken.study_id), "image_id": str(taken.image_id)}]}
    return _end(services, row.id, "done", result, actor)


def _take_archive(services: Services, row: Upload, actor: Actor) -> UploadAnswer:
    """Have an archive taken in by a job: it may hold thousands of images, and no proxy waits that long."""
    what = {"upload": str(row.id), "who": actor.name}
    with services.database.write() as session:
        stored = session.get_one(Upload, row.id)
        if stored.state == "open":
            job = enqueue(session, "import", what, user_id=actor.user_id, now=services.clock(), total=100)
            stored.state, stored.result = "complete", {"job_id": str(job.id)}
    services.wake()
    return _answer(stored, stored.size)


def _end(services: Services, upload_id: UUID, state: str, result: dict[str, Any], actor: Actor) -> UploadAnswer:
    with services.database.write() as session:
        row = session.get_one(Upload, upload_id)
        row.state, row.result = state, result
        append(
            session, who=actor.name, what=f"upload {state}", object=f"upload {upload_id}",
            body={"images": len(result.get("images", [])), "refused": len(result.get("refused", []))},
            clock=services.clock,
        )  # fmt: skip
    return _answer(row, row.size)


def _upload(services: Services, upload_id: UUID, actor: Actor) -> Upload:
    with services.database.read() as session:
        row = session.get(Upload, upload_id)
    if row is None or row.user_id != actor.user_id:
        raise not_found("upload")
    return row


def _present(services: Services, row: Upload) -> int:
    path = services.store.upload(row.id)
    return row.size if row.state != "open" else path.stat().st_size if path.exists() else 0


def _file_name(name: str) -> str:
    """The last part of a name, whatever system it comes from; it is shown, and never part of a path."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][-255:] or "file"


def _answer(row: Upload, offset: int) -> UploadAnswer:
    return UploadAnswer(
        id=row.id,
        offset=offset,
        size=row.size,
        state=row.state,
        images=[TakenImage(**one) for one in row.result.get("images", [])],
        refused=[RefusedFile(**one) for one in row.result.get("refused", [])],
        job_id=row.result.get("job_id"),
    )
