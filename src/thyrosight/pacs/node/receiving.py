"""Requests that the node answers: echo, storage, and storage commitment."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pynetdicom import evt
from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]

from thyrosight.errors import ImageError, OutputError, ThyroSightError
from thyrosight.files import sha256_of_bytes
from thyrosight.imaging.dicom.elements import tags_of, text
from thyrosight.imaging.dicom.header import open_header
from thyrosight.pacs.node.classes import (
    CANNOT_UNDERSTAND,
    DUPLICATE,
    IMAGE_CLASSES,
    MISMATCH,
    NO_SUCH_ACTION,
    NO_SUCH_CLASS,
    NOT_A_UID,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    SUCCESS,
    class_name,
)
from thyrosight.pacs.node.durable import file_name, write_durably
from thyrosight.pacs.node.holdings import Holdings
from thyrosight.pacs.node.listening import take_out_unfit
from thyrosight.pacs.node.same_image import content_digest, difference
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.uids import is_uid, uid_problem, uid_remark

LOG = logging.getLogger("thyrosight.node")

_MOST_COMMITTED = 100_000
_LARGEST_PART = 2**20
"""Bytes of a protocol data unit; the node asks for 16 KB at most, and requests for an association are smaller still."""


@dataclass(frozen=True)
class Limits:
    """Limits on the disk space and the images that the node accepts.

    Attributes:
        disk: bytes of images and results above which the oldest finished ones are deleted, and then nothing is taken.
        image: bytes of one image.
        free: bytes that always stay free on the disk.
    """

    disk: int = 50 * 2**30
    image: int = 512 * 2**20
    free: int = 2**30


class Receiver:
    """Handlers of requests. An image that they answer with "success" is on the disk."""

    def __init__(
        self,
        store: Store,
        limits: Limits,
        *,
        holdings: Holdings,
        callers: frozenset[str],
        on_image: Callable[[], None],
        on_commitment: Callable[[], None],
    ) -> None:
        self._store, self._limits, self._holdings, self._callers = store, limits, holdings, callers
        self._on_image, self._on_commitment = on_image, on_commitment

    def handlers(self) -> list[tuple[Any, Any]]:
        """Events and their handlers, as pynetdicom binds them."""
        return [
            (evt.EVT_C_ECHO, self.echo),
            (evt.EVT_C_STORE, self.take),
            (evt.EVT_N_ACTION, self.commit),
            (evt.EVT_CONN_OPEN, refuse_giant_parts),
            (evt.EVT_DIMSE_RECV, take_out_unfit),
            (evt.EVT_DATA_RECV, self.watch_size),
        ]

    def echo(self, event: Any) -> int:
        """C-ECHO."""
        LOG.info("echo from %s", caller_of(event))
        return SUCCESS

    def watch_size(self, event: Any) -> None:
        """Break a connection off when one image grows beyond the limit, before it fills the memory."""
        association = event.assoc
        received = getattr(association, "thyrosight_bytes", 0) + len(event.data)
        association.thyrosight_bytes = received
        if received > self._limits.image:
            LOG.warning("%s sends an image of more than %d bytes; connection broken off", caller_of(event), received)
            association.abort()

    def take(self, event: Any) -> int:
        """C-STORE: success only when file and row are on the disk; whatever is refused is named in the log."""
        received = getattr(event.assoc, "thyrosight_bytes", 0)
        event.assoc.thyrosight_bytes = 0
        if received > self._limits.image:  # its last part may be read before the connection ends, and must not slip in
            return OUT_OF_RESOURCES
        return self._checked(event)

    def _checked(self, event: Any) -> int:
        uid = str(event.request.AffectedSOPInstanceUID or "").strip()
        sop_class = str(event.request.AffectedSOPClassUID or "")
        caller = caller_of(event)
        problem = uid_problem(uid)
        if problem:
            LOG.warning("refused %r from %s: %s", uid[:80], caller, problem)
            return NOT_A_UID
        if sop_class not in IMAGE_CLASSES:
            LOG.warning("refused %s from %s: the node does not take %s", uid, caller, class_name(sop_class))
            return NO_SUCH_CLASS
        if sop_class != event.context.abstract_syntax:
            LOG.warning("refused %s from %s: %s was sent as %s", uid, caller, class_name(sop_class),
                        class_name(event.context.abstract_syntax))  # fmt: skip
            return MISMATCH
        try:
            return self._take(event, uid, sop_class, caller)
        except OutputError as error:
            LOG.error("refused %s from %s: %s", uid, caller, error)
            return OUT_OF_RESOURCES
        except Exception:  # a defect must not end the connection, with which the images after this one would be lost
            LOG.exception("refused %s from %s: unexpected error", uid, caller)
            return PROCESSING_FAILURE

    def _take(self, event: Any, uid: str, sop_class: str, caller: str) -> int:
        """Keep an image unless it is there already; a status."""
        content = event.encoded_dataset()
        digest = sha256_of_bytes([content])
        if self._store.digest_of(uid) is not None:
            return self._again(uid, caller, content, digest=digest)
        if not self._has_room(uid, caller, len(content)):
            return OUT_OF_RESOURCES
        path = self._store.images / file_name(uid, content)
        write_durably(path, content)
        status = _check(path, uid, sop_class, caller)
        if status != SUCCESS:
            path.unlink(missing_ok=True)
            return status
        size = len(content)
        if not self._store.add_image(uid, sop_class=sop_class, file=path, digest=digest, size=size, caller=caller):
            return self._again(uid, caller, content, digest=digest)  # another connection brought it in the meantime
        self._holdings.add(path)
        remark = uid_remark(uid)
        LOG.info("received %s from %s, %d bytes%s", uid, caller, size, remark and f"; {remark}")
        self._on_image()
        return SUCCESS

    def _again(self, uid: str, caller: str, content: bytes, *, digest: str) -> int:
        """Answer for an object whose identifier is known: it is the same image, perhaps in another encoding, or not."""
        changed = "" if self._store.digest_of(uid) == digest else self._difference(uid, content)
        if changed:
            LOG.warning("refused %s from %s: another object with this identifier was received before (%s)", uid, caller,
                        changed)  # fmt: skip
            return DUPLICATE
        LOG.info("received %s from %s again; it is not assessed again", uid, caller)
        return SUCCESS

    def _difference(self, uid: str, content: bytes) -> str:
        """Difference between an object and the one received before with its identifier; empty for the same image."""
        path = self._store.images / f"again-{file_name(uid, content)}"
        write_durably(path, content)
        try:
            kept = self._store.kept_file(uid)
            if kept is not None:
                return difference(kept[0], path)
            return "" if content_digest(path) == self._store.content_of(uid) else "the first one is no longer here"
        except ImageError as error:
            return without_path(str(error), path)
        finally:
            path.unlink(missing_ok=True)

    def _has_room(self, uid: str, caller: str, size: int) -> bool:
        """Whether the image fits, after the oldest finished ones were deleted if need be."""
        while self._store.used_bytes() + size > self._limits.disk:
            if not self._store.forget_oldest():
                LOG.error("refused %s from %s: the node's folder is full and nothing in it is finished", uid, caller)
                return False
        if shutil.disk_usage(self._store.folder).free - size < self._limits.free:
            LOG.error("refused %s from %s: less than %d bytes would stay free on the disk", uid, caller,
                      self._limits.free)  # fmt: skip
            return False
        return True

    def commit(self, event: Any) -> tuple[int, Dataset | None]:
        """N-ACTION of the Storage Commitment Push Model: recorded now, reported by N-EVENT-REPORT afterwards."""
        caller = caller_of(event)
        if event.request.RequestedSOPClassUID != StorageCommitmentPushModel or event.action_type != 1:
            return NO_SUCH_ACTION, None
        if caller not in self._callers:
            LOG.warning("commitment refused: nobody said at which address %s takes the report", caller)
            return PROCESSING_FAILURE, None
        try:
            asked = event.action_information
            uid = str(asked.TransactionUID)
            items = [(str(one.ReferencedSOPClassUID), str(one.ReferencedSOPInstanceUID))
                     for one in asked.ReferencedSOPSequence]  # fmt: skip
        except Exception as error:
            LOG.warning("commitment from %s cannot be parsed (%s)", caller, error)
            return PROCESSING_FAILURE, None
        if not is_uid(uid) or len(items) > _MOST_COMMITTED or not all(is_uid(part) for item in items for part in item):
            LOG.warning("commitment from %s refused: identifiers are not well-formed, or too many", caller)
            return PROCESSING_FAILURE, None
        self._store.add_commitment(uid, caller, json.dumps(items))
        LOG.info("commitment %s from %s for %d objects", uid, caller, len(items))
        self._on_commitment()
        return SUCCESS, None


def refuse_giant_parts(event: Any) -> None:
    """Close a connection that announces a data unit larger than any real one, before it is read."""
    line = event.assoc.dul.socket
    receive = line.recv

    def bounded(count: int) -> Any:
        if count > _LARGEST_PART:
            LOG.warning("a caller announces a data unit of %d bytes; connection closed", count)
            line.close()
            raise OSError("data unit too large")
        return receive(count)

    line.recv = bounded


def _check(path: Path, uid: str, sop_class: str, caller: str) -> int:
    """Whether the object in a file can be parsed and is what the request said; a status."""
    try:
        header = open_header(path, tags=tags_of("SOPClassUID", "SOPInstanceUID"))
    except ThyroSightError as error:
        LOG.warning("refused %s from %s: %s", uid, caller, without_path(str(error), path))
        return CANNOT_UNDERSTAND
    header.close()
    found = [text(header.dataset, keyword) for keyword in ("SOPClassUID", "SOPInstanceUID")]
    if found != [sop_class, uid]:
        LOG.warning("refused %s from %s: the object has another identifier or class", uid, caller)
        return MISMATCH
    return SUCCESS


def caller_of(event: Any) -> str:
    """The calling AE title, safe to print."""
    return str(event.assoc.requestor.ae_title).strip()[:16]


def without_path(reason: str, path: Path) -> str:
    """A message about one of the node's own files without its name, which says nothing to anybody else.

    >>> without_path("node/images/0a1b.dcm: the frame is black.", Path("node/images/0a1b.dcm"))
    'the frame is black.'
    """
    return reason.replace(f"{path}: ", "").replace(str(path), "the file")
