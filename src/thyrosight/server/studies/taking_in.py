"""Taking files in as images of studies."""

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from thyrosight.cohort.unpacking import unpack
from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.progress import Progress, silent
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import StoredImage, Study
from thyrosight.server.problems import conflict, not_found
from thyrosight.server.studies.facts import ImageFacts, describe, kind_of
from thyrosight.server.studies.files import FileStore

_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_SKIPPED: Final = frozenset({"DICOMDIR", "Thumbs.db", ".DS_Store"})


@dataclass(frozen=True)
class Taken:
    """An image that was taken in.

    Attributes:
        study_id, image_id: where it is now.
        is_new: False where the same file was there already.
    """

    study_id: UUID
    image_id: UUID
    is_new: bool


class Taker:
    """Takes files in: keeps the file, reads its facts, and finds or makes its study."""

    def __init__(self, database: Database, store: FileStore, clock: Clock) -> None:
        self._database, self._store, self._clock = database, store, clock

    def take(
        self, path: Path, *, name: str, origin: str, who: str, study_id: UUID | None = None, move: bool = False
    ) -> Taken:
        """Take one image in; it is on the disk and in the database when this returns.

        Args:
            path: the file.
            name: as its sender calls it.
            origin: where it comes from, for example "upload".
            who: the user.
            study_id: the study that a picture without a header belongs to; None makes one. DICOM images go to the study
                that their header names.
            move: whether the file may be moved, and not copied.

        Raises:
            ImageError: it cannot be used.
            ProblemError: there is no such study.
            OutputError: the data folder cannot be written.
        """
        facts = describe(path)
        size = path.stat().st_size
        digest = self._store.keep(path, move=move)
        with self._database.write() as session:
            study = self._study(session, facts, study_id, origin=origin, who=who)
            return self._image(session, study, facts, digest=digest, size=size, name=name, who=who)

    def take_archive(
        self, path: Path, *, origin: str, who: str, study_id: UUID | None = None, progress: Progress = silent
    ) -> dict[str, Any]:
        """Take the images of a zip archive in; unusable files are named and left out.

        Raises:
            ThyroSightError: the archive is damaged, leads outside its folder, or is a decompression bomb.
        """
        folder = Path(tempfile.mkdtemp(dir=self._store.uploads, prefix="unpacked."))
        try:
            unpacked = unpack(path, folder / "files")
            found = sorted(one for one in unpacked.rglob("*") if one.is_file() and one.name not in _SKIPPED)
            return self.take_files(
                found,
                name_of=lambda one: one.relative_to(unpacked).as_posix(),
                origin=origin,
                who=who,
                study_id=study_id,
                move=True,
                progress=progress,
            )
        except ThyroSightError as error:
            raise ImageError(str(error).replace(str(path), "The archive")) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def take_files(
        self,
        paths: list[Path],
        *,
        name_of: Callable[[Path], str],
        origin: str,
        who: str,
        study_id: UUID | None = None,
        move: bool = False,
        progress: Progress = silent,
    ) -> dict[str, Any]:
        """Take several images in. Pictures without a header become one study together.

        Returns:
            "images": identifiers of studies and images; "refused": names and reasons.
        """
        taken: list[dict[str, str]] = []
        refused: list[dict[str, str]] = []
        pictures = study_id
        for number, path in enumerate(paths, start=1):
            name = name_of(path)[-255:]
            try:
                if kind_of(path) == "zip":
                    raise ImageError("The file is an archive within an archive; unpack it first.")
                is_picture = kind_of(path) != "dicom"
                one = self.take(
                    path, name=name, origin=origin, who=who, study_id=pictures if is_picture else None, move=move
                )
                pictures = one.study_id if is_picture else pictures
                taken.append({"study_id": str(one.study_id), "image_id": str(one.image_id)})
            except ImageError as error:
                refused.append({"name": name, "reason": str(error)})
            progress("Taking images in", number, len(paths))
        return {"images": taken, "refused": refused}

    def _study(self, session: Session, facts: ImageFacts, study_id: UUID | None, *, origin: str, who: str) -> Study:
        if facts.study_uid is not None:
            found = session.scalar(select(Study).where(Study.study_uid == facts.study_uid))
            if found is not None:
                _require_same_patient(found, facts)
                return found
        elif study_id is not None:
            given = session.get(Study, study_id)
            if given is None or given.removed_at is not None:
                raise not_found("study")
            return given
        study = Study(
            code=_new_code(session),
            study_uid=facts.study_uid,
            state="new",
            origin=origin,
            version=1,
            created_at=self._clock(),
            **{name: facts.study.get(name, "") for name in _STUDY_FIELDS},
        )
        session.add(study)
        session.flush()
        append(
            session, who=who, what="study made", object=f"study {study.id}",
            body={"origin": origin, "code": study.code}, clock=self._clock,
        )  # fmt: skip
        return study

    def _image(
        self, session: Session, study: Study, facts: ImageFacts, *, digest: str, size: int, name: str, who: str
    ) -> Taken:
        same = session.scalar(select(StoredImage).where(StoredImage.study_id == study.id, StoredImage.sha256 == digest))
        if same is None and facts.sop_uid is not None:
            same = session.scalar(select(StoredImage).where(StoredImage.sop_uid == facts.sop_uid))
            if same is not None and same.sha256 != digest:
                raise ImageError(
                    "The file has the identifier (SOP Instance UID) of an image that is here already, and other "
                    "content; send it with an identifier of its own."
                )
        study.removed_at = None
        if same is not None:
            same.removed_at = None
            return Taken(same.study_id, same.id, is_new=False)
        count = session.scalar(select(func.count()).select_from(StoredImage).where(StoredImage.study_id == study.id))
        image = StoredImage(
            study_id=study.id,
            sha256=digest,
            name=name[-255:],
            kind=facts.kind,
            size=size,
            rows=facts.rows,
            columns=facts.columns,
            frames=facts.frames,
            frames_per_second=facts.frames_per_second,
            facts=facts.facts,
            passed_through=facts.passed_through,
            sop_uid=facts.sop_uid,
            series_uid=facts.series_uid,
            number=facts.number or (count or 0) + 1,
            created_at=self._clock(),
        )
        session.add(image)
        session.flush()
        append(
            session, who=who, what="image taken in", object=f"image {image.id}",
            body={"study": str(study.id), "sha256": digest}, clock=self._clock,
        )  # fmt: skip
        return Taken(study.id, image.id, is_new=True)


_STUDY_FIELDS: Final = ("patient_id", "patient_name", "birth_date", "sex", "accession", "study_date", "description")


def _require_same_patient(study: Study, facts: ImageFacts) -> None:
    """One study is of one patient: another identifier under the same study is a mix-up, and must be looked at."""
    other = facts.study.get("patient_id", "")
    if other != study.patient_id:
        raise conflict(
            "The file names another patient than the study with the same identifier (Study Instance UID); check where "
            "it comes from."
        )


def _new_code(session: Session) -> str:
    while True:
        code = "S-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
        if session.scalar(select(Study.id).where(Study.code == code)) is None:
            return code
