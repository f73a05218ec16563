"""Requests that the node answers: echo, storage, and storage commitment."""

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)
from pynetdicom import evt
from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import sha256_of_bytes
from thyrosight.imaging.dicom.elements import tags_of
from thyrosight.imaging.dicom.header import open_header
from thyrosight.pacs.node.durable import file_name, write_durably
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.uids import is_uid

LOG = logging.getLogger("thyrosight.node")

IMAGE_CLASSES: Final = (
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    "1.2.840.10008.5.1.4.1.1.6",  # Ultrasound Image Storage (retired)
    "1.2.840.10008.5.1.4.1.1.3",  # Ultrasound Multi-frame Image Storage (retired)
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
SYNTAXES: Final = [
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLossless, JPEG2000Lossless,
    JPEG2000, JPEGLSLossless, JPEGLSNearLossless, RLELossless, JPEGExtended12Bit, DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]  # fmt: skip
"""Transfer syntaxes that can be decoded. Videos are left out, so that a sender learns at once that they are refused."""

SUCCESS, OUT_OF_RESOURCES, DUPLICATE, NOT_A_UID = 0x0000, 0xA700, 0x0111, 0x0117
MISMATCH, CANNOT_UNDERSTAND = 0xA900, 0xC000
PROCESSING_FAILURE, NO_SUCH_OBJECT, NO_SUCH_ACTION = 0x0110, 0x0112, 0x0123
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

    def __init__(self, store: Store, limits: Limits, *, callers: frozenset[str], on_image: Any, on_commitment: Any):
        self._store, self._limits, self._callers = store, limits, callers
        self._on_image, self._on_commitment = on_image, on_commitment

    def handlers(self) -> list[tuple[Any, Any]]:
        """Events and their handlers, as pynetdicom binds them."""
        return [
            (evt.EVT_C_ECHO, self.echo),
            (evt.EVT_C_STORE, self.take),
            (evt.EVT_N_ACTION, self.commit),
            (evt.EVT_CONN_OPEN, refuse_giant_parts),
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
        """C-STORE: success only when file and row are on the disk."""
        event.assoc.thyrosight_bytes = 0
        uid = str(event.request.AffectedSOPInstanceUID or "")
        caller = caller_of(event)
        if not is_uid(uid):
            LOG.warning("refused from %s: %r is no SOP Instance UID", caller, uid[:80])
            return NOT_A_UID
        content = event.encoded_dataset()
        digest = sha256_of_bytes([content])
        known = self._store.digest_of(uid)
        if known is not None:
            return self._again(uid, caller, same=known == digest)
        if not self._has_room(uid, len(content)):
            return OUT_OF_RESOURCES
        try:
            return self._keep(uid, str(event.request.AffectedSOPClassUID), content, digest=digest, caller=caller)
        except OutputError as error:
            LOG.error("refused %s from %s: %s", uid, caller, error)
            return OUT_OF_RESOURCES

    def _keep(self, uid: str, sop_class: str, content: bytes, *, digest: str, caller: str) -> int:
        """Put an image on the disk and record it; a status."""
        path = self._store.images / file_name(uid, content)
        write_durably(path, content)
        status = _check(path, uid, sop_class, caller)
        if status != SUCCESS:
            path.unlink(missing_ok=True)
            return status
        size = len(content)
        if not self._store.add_image(uid, sop_class=sop_class, file=path, digest=digest, size=size, caller=caller):
            # Another connection brought it in the meantime.
            return self._again(uid, caller, same=self._store.digest_of(uid) == digest)
        LOG.info("received %s from %s, %d bytes", uid, caller, size)
        self._on_image()
        return SUCCESS

    def _again(self, uid: str, caller: str, *, same: bool) -> int:
        if same:
            LOG.info("received %s from %s again; it is not assessed again", uid, caller)
            return SUCCESS
        LOG.warning("refused %s from %s: another object with this identifier was received before", uid, caller)
        return DUPLICATE

    def _has_room(self, uid: str, size: int) -> bool:
        """Whether the image fits, after the oldest finished ones were deleted if need be."""
        while self._store.used_bytes() + size > self._limits.disk:
            if not self._store.forget_oldest():
                LOG.error("refused %s: the node's folder has reached its limit and nothing in it is finished", uid)
                return False
        if shutil.disk_usage(self._store.folder).free - size < self._limits.free:
            LOG.error("refused %s: less than %d bytes would stay free on the disk", uid, self._limits.free)
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
        LOG.warning("refused %s from %s: %s", uid, caller, error)
        return CANNOT_UNDERSTAND
    header.close()
    found = [str(header.dataset.get(keyword, "")) for keyword in ("SOPClassUID", "SOPInstanceUID")]
    if found != [sop_class, uid]:
        LOG.warning("refused %s from %s: the object has another identifier or class", uid, caller)
        return MISMATCH
    return SUCCESS


def caller_of(event: Any) -> str:
    """The calling AE title, safe to print."""
    return str(event.assoc.requestor.ae_title).strip()[:16]
