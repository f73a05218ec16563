"""A workstation (`thyrosight serve`) spoken to from Python, with a token that its user made.

>>> from thyrosight.client import Workstation
>>> with Workstation("http://127.0.0.1:8000", token="...") as station:  # doctest: +SKIP
...     study = station.upload("scan.dcm").images[0].study_id
...     for image in station.study(study).items:
...         print(image.name, image.frames, image.spacing_reason)
"""

import hashlib
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx2 as httpx
from pydantic import BaseModel, ConfigDict

from thyrosight.errors import ThyroSightError

_PIECE = 8 * 2**20
Form = Literal["html", "pdf", "json", "fhir"]


class WorkstationError(ThyroSightError):
    """Refusal of a workstation: its sentence and the HTTP status, which is 0 where the workstation did not answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class TakenImage(_Answer):
    """An image that was taken in."""

    study_id: UUID
    image_id: UUID


class RefusedFile(_Answer):
    """A file that was not taken in, and why."""

    name: str
    reason: str


class UploadAnswer(_Answer):
    """State of an upload: bytes received, images taken, files refused, and the job that assesses the images."""

    id: UUID
    offset: int
    size: int
    state: str
    images: list[TakenImage]
    refused: list[RefusedFile]
    job_id: UUID | None


class RegionAnswer(_Answer):
    """A region of the scanner with its mm per pixel, or the reason why there are none."""

    box: list[int]
    kind: str
    spacing_mm: list[float] | None
    spacing_reason: str


class ImageAnswer(_Answer):
    """A picture or loop."""

    id: UUID
    study_id: UUID
    name: str
    kind: str
    number: int
    rows: int
    columns: int
    frames: int
    frames_per_second: float | None
    regions: list[RegionAnswer]
    spacing_mm: list[float] | None
    spacing_reason: str
    blanked: bool


class StudyAnswer(_Answer):
    """A study of the worklist."""

    id: UUID
    code: str
    patient_id: str
    patient_name: str
    study_date: str
    description: str
    state: str
    version: int
    assignee: str
    images: int
    frames: int


class StudyWithImages(StudyAnswer):
    """A study with its images."""

    items: list[ImageAnswer]


class Lesion(_Answer):
    """A place that the finder proposes."""

    box: list[int]
    outline: list[list[float]]


class JobAnswer(_Answer):
    """A job and its state."""

    id: UUID
    kind: str
    state: str
    problem: str
    lesions: list[Lesion]


class ViewAnswer(_Answer):
    """A nodule in one frame."""

    id: UUID
    image_id: UUID
    frame: int
    box: list[int]
    outline: list[list[float]]
    version: int
    size_mm: list[float] | None
    size_reason: str


class NoduleAnswer(_Answer):
    """A nodule; `stage` is how far the token's user is with it."""

    id: UUID
    study_id: UUID
    number: int
    side: str
    pole: str
    descriptors: dict[str, str]
    size_mm: list[float | None]
    version: int
    views: list[ViewAnswer]
    stage: str


class AssessmentAnswer(_Answer):
    """Assessment of one view by the model."""

    id: UUID
    view_id: UUID
    state: str
    problem: str
    result: dict[str, Any]
    heat_map: str | None
    heat_map_comparable: bool | None


class Category(_Answer):
    """The category of a nodule under one system."""

    system: str
    title: str
    category: str | None
    text: str
    recommendation: str


class Workstation:
    """A workstation.

    Args:
        url: its address with the prefix of a proxy, for example "https://clinic.example/thyrosight".
        token: made under the user's own account.
        verify: False never; a file of another authority, or True.
        timeout: seconds that an answer may take.
        http: a client of `httpx2` to be used instead of an own one.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        verify: bool | str = True,
        timeout: float = 60,
        http: httpx.Client | None = None,
    ) -> None:
        self._base = f"{url.rstrip('/')}/api/v1"
        self._own = http is None
        self._http = http or httpx.Client(verify=verify, timeout=timeout)
        self._token = token

    def __enter__(self) -> "Workstation":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._own:
            self._http.close()

    def studies(self, *, state: str = "", text: str = "", limit: int = 50, offset: int = 0) -> list[StudyAnswer]:
        """Studies of the worklist, the newest first."""
        asked = {"state": state, "text": text, "limit": limit, "offset": offset}
        found = self._json("GET", "/studies", params={name: value for name, value in asked.items() if value != ""})
        return [StudyAnswer.model_validate(one) for one in found["items"]]

    def study(self, study: UUID | str) -> StudyWithImages:
        """One study with its images."""
        return StudyWithImages.model_validate(self._json("GET", f"/studies/{study}"))

    def upload(self, path: Path | str, *, study: UUID | str | None = None) -> UploadAnswer:
        """Upload a DICOM, PNG or JPEG file, or a zip archive of them, in pieces; what breaks off goes on.

        Raises:
            WorkstationError: the file is refused.
        """
        path = Path(path)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
            body = {"name": path.name, "size": size, "sha256": digest}
            made = self._json("POST", "/uploads", json=body if study is None else {**body, "study_id": str(study)})
            offset = 0
            while True:
                stream.seek(offset)
                piece = stream.read(_PIECE)
                where = f"bytes {offset}-{offset + len(piece) - 1}/{size}"
                answer = UploadAnswer.model_validate(
                    self._json("PUT", f"/uploads/{made['id']}", content=piece, headers={"Content-Range": where})
                )
                offset = answer.offset
                if answer.job_id is not None:
                    self.wait(answer.job_id)
                    return UploadAnswer.model_validate(self._json("GET", f"/uploads/{answer.id}"))
                if offset >= size:
                    return answer

    def frame(self, image: UUID | str, number: int = 0) -> bytes:
        """One frame as PNG, or as JPEG where it is stored so."""
        return self._send("GET", f"/images/{image}/frames/{number}").content

    def propose(self, image: UUID | str, frame: int = 0) -> list[Lesion]:
        """The places in a frame that the finder proposes."""
        job = JobAnswer.model_validate(self._json("POST", f"/images/{image}/proposals", json={"frame": frame}))
        return self.wait(job.id).lesions

    def wait(self, job: UUID | str, *, seconds: float = 300) -> JobAnswer:
        """Wait for the end of a job.

        Raises:
            WorkstationError: it failed, or takes longer.
        """
        end = time.monotonic() + seconds
        while True:
            answer = JobAnswer.model_validate(self._json("GET", f"/jobs/{job}", params={"wait": 2}))
            if answer.state == "done":
                return answer
            if answer.state == "failed" or time.monotonic() > end:
                raise WorkstationError(0, answer.problem or f"The job is {answer.state} after {seconds:g} seconds.")

    def nodules(self, study: UUID | str) -> list[NoduleAnswer]:
        """The nodules of a study."""
        return [NoduleAnswer.model_validate(one) for one in self._json("GET", f"/studies/{study}/nodules")]

    def add_nodule(self, study: UUID | str, **facts: Any) -> NoduleAnswer:
        """Make a nodule; `facts` are side, pole, descriptors, size_mm and note."""
        return NoduleAnswer.model_validate(self._json("POST", f"/studies/{study}/nodules", json=facts))

    def draw(
        self,
        nodule: UUID | str,
        image: UUID | str,
        box: tuple[int, int, int, int],
        *,
        frame: int = 0,
        outline: list[tuple[float, float]] | None = None,
    ) -> ViewAnswer:
        """Draw a nodule in a frame: box (left, top, right, bottom), and perhaps an outline of points (column, row)."""
        body = {
            "version": 0, "image_id": str(image), "frame": frame, "box": list(box),
            "outline": [list(point) for point in outline or []],
        }  # fmt: skip
        return ViewAnswer.model_validate(self._json("PUT", f"/nodules/{nodule}/views/{uuid4()}", json=body))

    def lock_opinion(
        self, nodule: UUID | str, *, score: int, biopsy: bool, descriptors: dict[str, str], **more: Any
    ) -> NoduleAnswer:
        """Lock an opinion; `more` are stage, kept and reason of the one after the model's result."""
        body = {"score": score, "biopsy": biopsy, "descriptors": descriptors, **more}
        return NoduleAnswer.model_validate(self._json("POST", f"/nodules/{nodule}/opinions", json=body)["nodule"])

    def reveal(self, nodule: UUID | str) -> list[AssessmentAnswer]:
        """The model's results on a nodule, waited for; refused before an opinion is locked."""
        while True:
            answer = self._json("POST", f"/nodules/{nodule}/reveal")
            if not answer["waiting"]:
                return [AssessmentAnswer.model_validate(one) for one in answer["assessments"]]
            self.wait(answer["job_id"])

    def tirads(self, descriptors: dict[str, str], *, size_mm: float | None = None) -> list[Category]:
        """The category under each system."""
        body = {"descriptors": descriptors, "size_mm": size_mm}
        return [Category.model_validate(one) for one in self._json("POST", "/tirads", json=body)]

    def report(self, report: UUID | str, form: Form = "pdf") -> bytes:
        """A report in one of its forms."""
        return self._send("GET", f"/reports/{report}.{form}").content

    def _json(self, method: str, path: str, **parts: Any) -> Any:
        return self._send(method, path, **parts).json()

    def _send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **parts: Any) -> httpx.Response:
        named = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        try:
            answer = self._http.request(method, self._base + path, headers=named, **parts)
        except httpx.HTTPError as error:
            raise WorkstationError(0, f"{self._base} does not answer ({error}); check the address.") from error
        if answer.is_success:
            return answer
        try:
            sentence = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            sentence = f"{self._base} answers with {answer.status_code}; check the address."
        raise WorkstationError(answer.status_code, sentence)
