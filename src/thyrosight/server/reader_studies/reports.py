"""The thread that has the documents and the results of studies made, each in a process of its own."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.errors import ThyroSightError
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database
from thyrosight.server.database.tables import Job, ReaderStudy
from thyrosight.server.jobs import Claimed, claim, enqueue, extend, fail, finish
from thyrosight.server.jobs.apart import apart
from thyrosight.server.reader_studies.documents import documents_asked, write_documents
from thyrosight.server.reader_studies.results import results_asked, write_results
from thyrosight.server.studies import FileStore

LOG = logging.getLogger("thyrosight.server.studies")
DOCUMENTS, RESULTS = "documents", "results"
KINDS: Final = (DOCUMENTS, RESULTS)
_DEFECT: Final = "This is a defect of the workstation; the log of the server has its place."
Apart = Callable[..., Any]


class StudyReports:
    """Takes such jobs from the queue, one after the other.

    Args:
        database, store, clock: of the workstation.
        apart: calls a function in a process of its own.
    """

    def __init__(self, database: Database, store: FileStore, clock: Clock, *, apart: Apart = apart) -> None:
        self._database, self._store, self._clock, self._apart = database, store, clock, apart

    def work(self) -> bool:
        """Do the next job; False where none waits."""
        job = claim(self._database, KINDS, now=self._clock())
        if job is None:
            return False
        try:
            self._make(job)
        except ThyroSightError as error:
            fail(self._database, job, str(error).replace(str(self._store.folder), "the data folder"), now=self._clock())
        except Exception as error:
            LOG.error("defect in a job of kind %s: %s", job.kind, type(error).__name__, exc_info=error)
            fail(self._database, job, _DEFECT, now=self._clock())
        return True

    def _make(self, job: Claimed) -> None:
        with self._database.read() as session:
            study = session.get_one(ReaderStudy, UUID(str(job.what["study_id"])))
            write: Callable[..., list[str]] = write_documents
            asked: object = None
            language = str(job.what["language"])
            if job.kind == DOCUMENTS:
                asked = documents_asked(session, study, language=language)
            else:
                write, asked = write_results, results_asked(session, study, language=language)
        with tempfile.TemporaryDirectory(dir=self._store.uploads, prefix="study.") as folder:
            path = Path(folder) / "made.zip"
            names = self._apart(write, asked, path)
            if not extend(self._database, job, now=self._clock()):
                return
            self._store.put(archive_of(job.id), path.read_bytes())
        finish(self._database, job, {"files": names}, now=self._clock())


def archive_of(job_id: UUID) -> str:
    """The name of the archive that a job made, in the store."""
    return f"{job_id.hex}.zip"


def ask(session: Session, study: ReaderStudy, kind: str, *, user_id: UUID, clock: Clock, language: str = "en") -> None:
    """Have documents or results made; where the same are being made already, nothing more is done."""
    before = job_of(study, kind)
    if before is not None and session.get_one(Job, before).state in ("waiting", "running"):
        return
    what = {"study_id": str(study.id), "language": language}
    job = enqueue(session, kind, what, user_id=user_id, now=clock())
    if kind == DOCUMENTS:
        study.documents_job_id = job.id
    else:
        study.results_job_id = job.id
    session.flush()


def job_of(study: ReaderStudy, kind: str) -> UUID | None:
    """The job that made such files last, or makes them now."""
    return study.documents_job_id if kind == DOCUMENTS else study.results_job_id
