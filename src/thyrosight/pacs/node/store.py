"""The node's queue of received images, results and deliveries: an SQLite file that survives a crash at any moment.

Every change is one transaction in write-ahead mode with full synchronisation: once a call returns, it is on the disk.
Files are written durably before the row that names them, so that a row never names a file that is not there, and a
file without a row is one that was never acknowledged.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from thyrosight.errors import ImageError
from thyrosight.files import make_folder
from thyrosight.lock import locked_folder
from thyrosight.pacs.node.deliveries import Deliveries
from thyrosight.pacs.node.same_image import content_digest
from thyrosight.pacs.node.tables import COUNTS, DUE, ReceivedImage, ResultObject


class Store(Deliveries):
    """The node's folder.

    Args:
        folder: made if it is not there. One node at a time may use it.

    Raises:
        FolderInUseError: another node uses the folder.
        OutputError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = make_folder(folder)
        self.images, self.results = make_folder(folder / "images"), make_folder(folder / "results")
        self._holds_folder = ExitStack()
        self._holds_folder.enter_context(locked_folder(folder, "node"))
        super().__init__(folder / "node.sqlite")

    def close(self) -> None:
        """Close the queue and unlock the folder."""
        with self._lock:
            self._database.close()
            self._holds_folder.close()

    def digest_of(self, uid: str) -> str | None:
        """The digest of a received image, or None where it was never received."""
        found = self.rows("SELECT digest FROM images WHERE uid = ?", uid)
        return str(found[0][0]) if found else None

    def content_of(self, uid: str) -> str:
        """The digest of the content of an image whose file was deleted; empty where it could not be read."""
        found = self.rows("SELECT content FROM images WHERE uid = ?", uid)
        return str(found[0][0]) if found else ""

    def add_image(self, uid: str, *, sop_class: str, file: Path, digest: str, size: int, caller: str) -> bool:
        """Record a received image, whose file is on the disk; False where it was recorded before."""
        with self.transaction() as run:
            return bool(
                run(
                    "INSERT OR IGNORE INTO images (uid, sop_class, file, digest, bytes, caller, received)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (uid, sop_class, file.name, digest, size, caller, time.time()),
                ).rowcount
            )

    def next_image(self) -> ReceivedImage | None:
        """The image that has waited longest to be assessed; counts the attempt, because a file may crash the node."""
        found = self.rows(
            f"SELECT uid, caller, file, received, attempts FROM images WHERE state = 'received' AND {DUE}"
            " ORDER BY received LIMIT 1",
            time.time(),
        )
        if not found:
            return None
        uid, caller, file, received, attempts = found[0]
        with self.transaction() as run:
            run("UPDATE images SET attempts = attempts + 1 WHERE uid = ?", (uid,))
        return ReceivedImage(uid, caller, self.images / file, received, attempts + 1)

    def take_back_attempt(self, uid: str) -> None:
        """Do not count the last attempt: the image was not the reason for its failure."""
        with self.transaction() as run:
            run("UPDATE images SET attempts = attempts - 1 WHERE uid = ?", (uid,))

    def put_off(self, uid: str, seconds: float) -> None:
        """Leave an image alone for a while, so that those behind it come first; its last attempt does not count."""
        with self.transaction() as run:
            run("UPDATE images SET attempts = attempts - 1, next_try = ? WHERE uid = ?", (time.time() + seconds, uid))

    def finish_image(self, uid: str, results: Sequence[ResultObject], peers: Sequence[str]) -> None:
        """Record the results of an image, whose files are on the disk, and that they go to `peers`: all or nothing."""
        with self.transaction() as run:
            _add_results(run, uid, results, peers)
            run("UPDATE images SET state = 'assessed' WHERE uid = ?", (uid,))

    def refuse_image(
        self, uid: str, reason: str, *, reports: Sequence[ResultObject] = (), peers: Sequence[str] = ()
    ) -> None:
        """Record that an image cannot be assessed, and why; and a report of it, whose file is on the disk, if any."""
        with self.transaction() as run:
            _add_results(run, uid, reports, peers)
            run("UPDATE images SET state = 'refused', reason = ? WHERE uid = ?", (reason, uid))

    def untold(self) -> tuple[str, str, str] | None:
        """Identifier, caller and reason of the oldest refused image whose refusal was not reported yet."""
        found = self.rows(
            "SELECT uid, caller, reason FROM images WHERE state = 'refused' AND told = 0 ORDER BY received LIMIT 1"
        )
        return (str(found[0][0]), str(found[0][1]), str(found[0][2])) if found else None

    def note_told(self, uid: str) -> None:
        """Record that somebody was told of a refused image."""
        with self.transaction() as run:
            run("UPDATE images SET told = 1 WHERE uid = ?", (uid,))

    def retry_refused(self, reason: str = "") -> int:
        """Let images that could not be assessed (for this reason, if one is given) be tried again; their number."""
        with self.transaction() as run:
            return int(
                run(
                    "UPDATE images SET state = 'received', attempts = 0, told = 0 WHERE state = 'refused' AND kept = 1"
                    " AND ? IN ('', reason)",
                    (reason,),
                ).rowcount
            )

    def kept_file(self, uid: str) -> tuple[Path, str, str] | None:
        """File, SOP class and digest of a received image that is still kept, or None."""
        found = self.rows("SELECT file, sop_class, digest FROM images WHERE uid = ? AND kept = 1", uid)
        return (self.images / found[0][0], found[0][1], found[0][2]) if found else None

    def used_bytes(self) -> int:
        """Bytes of all kept images and results."""
        rows = self.rows(
            "SELECT (SELECT COALESCE(SUM(bytes), 0) FROM images WHERE kept = 1)"
            " + (SELECT COALESCE(SUM(bytes), 0) FROM objects WHERE kept = 1)"
        )
        return int(rows[0][0])

    def forget_oldest(self, *, most: int = 50) -> int:
        """Delete the files of the oldest images that are finished and delivered everywhere; bytes set free.

        Their records stay, so that an image that is sent again is not assessed again.
        """
        done = self.rows(
            "SELECT uid, file, bytes FROM images i WHERE kept = 1 AND state != 'received' AND NOT EXISTS ("
            " SELECT 1 FROM objects o JOIN deliveries d ON d.object = o.uid"
            " WHERE o.image = i.uid AND d.state != 'delivered') ORDER BY received LIMIT ?",
            most,
        )
        free = 0
        for uid, file, size in done:
            results = self.rows("SELECT file, bytes FROM objects WHERE image = ? AND kept = 1", uid)
            content = _content(self.images / file)
            with self.transaction() as run:
                run("UPDATE images SET kept = 0, content = ? WHERE uid = ?", (content, uid))
                run("UPDATE objects SET kept = 0 WHERE image = ?", (uid,))
            (self.images / file).unlink(missing_ok=True)
            for name, _ in results:
                (self.results / name).unlink(missing_ok=True)
            free += size + sum(row[1] for row in results)
        return free

    def remove_orphans(self) -> int:
        """Delete files that no row names: they were being written when the program was killed."""
        known = {
            row[0]
            for row in self.rows("SELECT file FROM images WHERE kept = 1 UNION SELECT file FROM objects WHERE kept = 1")
        }
        orphans = [
            path for folder in (self.images, self.results) for path in folder.iterdir() if path.name not in known
        ]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def counts(self) -> dict[str, int]:
        """Numbers of images and deliveries in each state."""
        return {str(name): int(count) for name, count in self.rows(COUNTS)}

    def peers_waiting(self) -> list[str]:
        """Peers for which results wait."""
        return [row[0] for row in self.rows("SELECT DISTINCT peer FROM deliveries WHERE state != 'delivered'")]


def _content(path: Path) -> str:
    """The digest of an image's content, by which the image is known again in another encoding; empty if unreadable."""
    try:
        return content_digest(path)
    except (ImageError, OSError):
        return ""


def _add_results(run: Any, image: str, results: Sequence[ResultObject], peers: Sequence[str]) -> None:
    for item in results:
        run(
            "INSERT OR IGNORE INTO objects (uid, image, kind, file, bytes) VALUES (?, ?, ?, ?, ?)",
            (item.uid, image, item.kind, item.file.name, item.bytes),
        )
        for peer in peers:
            run("INSERT OR IGNORE INTO deliveries (object, peer) VALUES (?, ?)", (item.uid, peer))
