"""Jobs that need no model: uploaded archives, studies fetched from elsewhere, and backups."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.server.backup import back_up
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import Upload
from thyrosight.server.jobs import Claimed, claim, extend, fail, finish
from thyrosight.server.peers import PeerEntry
from thyrosight.server.studies import FileStore, Taker

LOG = logging.getLogger("thyrosight.server.chores")
CHORES: Final = ("import", "backup")
BACKUPS: Final = "backups"
"""The folder of backups within the data folder."""
_DEFECT: Final = "This is a defect of the workstation; the log of the server has its place."


class Chores:
    """Takes such jobs from the queue, one after the other.

    Args:
        database, store, taker, peers, clock: what it works with.
        patience: time after which an upload that was never completed is given up.
        keep: backups in the data folder after which the oldest are removed; 0 keeps all.
    """

    def __init__(
        self,
        database: Database,
        store: FileStore,
        taker: Taker,
        peers: Mapping[str, PeerEntry],
        clock: Clock,
        *,
        patience: Callable[[], timedelta],
        keep: Callable[[], int] = lambda: 0,
    ) -> None:
        self._database, self._store, self._taker = database, store, taker
        self._peers, self._clock, self._patience, self._keep = peers, clock, patience, keep

    def work(self) -> bool:
        """Do the next job; False where none waits."""
        job = claim(self._database, CHORES, now=self._clock())
        if job is None:
            self._clear()
            return False
        try:
            if "upload" in job.what:
                self._take_upload(job, UUID(str(job.what["upload"])))
            else:
                result = self._fetch(job) if job.kind == "import" else self._back_up(job)
                finish(self._database, job, result, now=self._clock())
        except ThyroSightError as error:
            fail(self._database, job, str(error).replace(str(self._store.folder), "the data folder"), now=self._clock())
        except Exception as error:
            LOG.error("defect in a job of kind %s: %s", job.kind, type(error).__name__, exc_info=error)
            fail(self._database, job, _DEFECT, now=self._clock())
        return True

    def _clear(self) -> None:
        """Give uploads up that were never completed in their time, and remove what came of them."""
        begun = self._clock() - self._patience()
        with self._database.read() as session:
            left = session.scalars(select(Upload.id).where(Upload.state == "open", Upload.created_at < begun)).all()
        for upload_id in left:
            with self._database.write() as session:
                row = session.get_one(Upload, upload_id)
                reason = "The file was never sent completely; send it again."
                row.state, row.result = "refused", {"refused": [{"name": row.name, "reason": reason}]}
            self._store.upload(upload_id).unlink(missing_ok=True)

    def _take_upload(self, job: Claimed, upload_id: UUID) -> None:
        """Take the images of an uploaded archive in; the upload tells what became of it."""
        path = self._store.upload(upload_id)
        with self._database.read() as session:
            upload = session.get_one(Upload, upload_id)
        try:
            result = self._taker.take_archive(
                path, origin="upload", who=str(job.what["who"]), study_id=upload.study_id, progress=self._progress(job)
            )
            state = "done"
        except OutputError:  # a full disk is not the archive's fault
            raise
        except ThyroSightError as error:
            state, result = "refused", {"images": [], "refused": [{"name": upload.name, "reason": str(error)}]}
        ended = {**result, "job_id": str(job.id)}

        def store(session: Session) -> None:
            row = session.get_one(Upload, upload_id)
            row.state, row.result = state, ended
            append(
                session, who=str(job.what["who"]), what=f"upload {state}", object=f"upload {upload_id}",
                body={"images": len(result["images"]), "refused": len(result["refused"])}, clock=self._clock,
            )  # fmt: skip

        if finish(self._database, job, result, now=self._clock(), store=store):
            path.unlink(missing_ok=True)

    def _fetch(self, job: Claimed) -> dict[str, Any]:
        peer = self._peers.get(str(job.what["peer"]))
        archive = None if peer is None else peer.web
        if archive is None:
            raise ThyroSightError("This archive is not known any more.")
        folder = Path(tempfile.mkdtemp(dir=self._store.uploads, prefix="fetched."))
        try:
            paths = archive.fetch(folder, study=str(job.what["study_uid"]), progress=self._progress(job, share=2))
            return self._taker.take_files(
                paths,
                name_of=lambda path: path.name,
                origin=str(job.what["peer"]),
                who=str(job.what["who"]),
                move=True,
                progress=self._progress(job, share=2, before=1),
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _back_up(self, job: Claimed) -> dict[str, Any]:
        path = backup_path(self._store, self._clock())
        done = back_up(self._database, self._store, path, progress=self._progress(job))
        removed = self._forget_backups()
        with self._database.write() as session:
            append(
                session, who=str(job.what["who"]), what="backup made", object=f"backup {path.name}",
                body={"rows": done.rows, "files": done.files, "seq": done.head.seq} | removed,
                clock=self._clock,
            )  # fmt: skip
        return {"name": path.name, "rows": done.rows, "files": done.files, "bytes": path.stat().st_size}

    def _forget_backups(self) -> dict[str, Any]:
        """Remove the oldest backups of the data folder beyond those that the site keeps; their names, if any."""
        kept = self._keep()
        old = sorted((self._store.folder / BACKUPS).glob("thyrosight-*.tar"))[:-kept] if kept else []
        for path in old:
            path.unlink(missing_ok=True)
        return {"removed": [path.name for path in old]} if old else {}

    def _progress(self, job: Claimed, *, share: int = 1, before: int = 0) -> Any:
        """Says in hundredths how far a job is, when it moved on."""
        told = -1

        def report(_: str, done: int, total: int) -> None:
            nonlocal told
            now = int(100 * (before + done / max(total, 1)) / share)
            if now > told:
                told = now
                extend(self._database, job, now=self._clock(), done=now)

        return report


def backup_path(store: FileStore, moment: datetime) -> Path:
    """Path of a backup made at this moment."""
    return store.folder / BACKUPS / f"thyrosight-{moment:%Y%m%d-%H%M%S}.tar"
