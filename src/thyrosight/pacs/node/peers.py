"""Peers that results are sent to: nodes by C-STORE, archives by STOW-RS; either can be asked for an object."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pydicom
from pydicom import Dataset
from pydicom.uid import (
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from thyrosight.pacs.dicomweb import DicomWeb
from thyrosight.pacs.uids import DicomError

if TYPE_CHECKING:  # a workstation that talks to no node begins without its protocol
    from pynetdicom.association import Association

_RESULT_CLASSES = (EnhancedSRStorage, SegmentationStorage, SecondaryCaptureImageStorage, EncapsulatedPDFStorage)
_SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


class UnreachableError(DicomError):
    """The peer could not be reached, or the connection broke before it answered."""


@dataclass(frozen=True)
class Peer:
    """A place that results are sent to.

    Attributes:
        url: as given; its name in the log and the queue.
        title: the AE title, empty for an archive on the web.
        host, port: of a DICOM node.
        secure: whether the connection is encrypted by TLS.
    """

    url: str
    title: str = ""
    host: str = ""
    port: int = 0
    secure: bool = False

    @property
    def is_web(self) -> bool:
        """Whether it is reached by DICOMweb."""
        return not self.title


def parse_peer(text: str) -> Peer:
    """Read `dicom://AET@host:port`, `dicoms://AET@host:port` (TLS), `https://host/dicom-web` or `http://...`.

    Raises:
        DicomError: the text is none of these.

    >>> parse_peer("dicom://ARCHIVE@10.0.0.5:104")
    Peer(url='dicom://ARCHIVE@10.0.0.5:104', title='ARCHIVE', host='10.0.0.5', port=104, secure=False)
    """
    wrong = DicomError(
        f"{text!r} is no peer; write dicom://AET@host:port, dicoms://AET@host:port or https://host/path."
    )
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError:
        raise wrong from None
    if parts.scheme in ("http", "https") and parts.hostname:
        DicomWeb(text)  # refuses an address that holds a login
        return Peer(text)
    title = text.split("://", 1)[-1].split("@", 1)[0]  # urlsplit keeps case in the user's name, but decodes nothing
    if parts.scheme not in ("dicom", "dicoms") or not parts.hostname or not port or not is_title(title):
        raise wrong
    return Peer(text, title, parts.hostname, port, parts.scheme == "dicoms")


def is_title(text: str) -> bool:
    """Whether `text` is an AE title: 1 to 16 printable ASCII characters, no backslash, not only spaces (PS3.5, AE).

    >>> is_title("THYROSIGHT"), is_title("far too long a title"), is_title("  ")
    (True, False, False)
    """
    return 0 < len(text) <= 16 and bool(text.strip()) and text.isascii() and text.isprintable() and "\\" not in text


class Connection(Protocol):
    """An open connection to a peer."""

    def has(self, uid: str) -> bool | None:
        """Whether the peer holds the object; None where it does not answer such questions."""
        ...

    def send(self, path: Path) -> str:
        """Send one object; the reason for which the peer refused it, or an empty text.

        Raises:
            UnreachableError: the connection broke, and the peer may or may not have it.
        """
        ...


@contextmanager
def connect(
    peer: Peer, *, own_title: str, context: ssl.SSLContext | None, web: DicomWeb | None
) -> Iterator[Connection]:
    """Open a connection to a peer, and close it at the end of the block.

    Raises:
        UnreachableError: the peer does not answer, or refuses the association.
    """
    if web is not None:
        yield _WebConnection(web)
        return
    association = associate(peer, own_title=own_title, context=context)
    try:
        yield _DimseConnection(association)
    finally:
        if association.is_established:
            association.release()


def associate(peer: Peer, *, own_title: str, context: ssl.SSLContext | None) -> "Association":
    """Associate with a node for sending results and asking for them.

    Raises:
        UnreachableError: it does not answer, or refuses.
    """
    return _associated(peer, (*_RESULT_CLASSES, _find()), own_title=own_title, context=context)


def echo(peer: Peer, *, own_title: str, context: ssl.SSLContext | None) -> None:
    """Ask a node whether it is there and knows us (C-ECHO; PS3.4, annex A).

    Raises:
        UnreachableError: it does not answer, or refuses.
    """
    from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

    association = _associated(peer, (Verification,), own_title=own_title, context=context)
    try:
        status = association.send_c_echo()
    except (RuntimeError, ValueError) as error:
        raise UnreachableError(f"{peer.url} takes the association and refuses the echo.") from error
    finally:
        if association.is_established:
            association.release()
    if status.get("Status") != 0x0000:
        raise UnreachableError(f"{peer.url} takes the association and does not answer the echo.")


def _associated(peer: Peer, classes: Sequence[str], *, own_title: str, context: ssl.SSLContext | None) -> "Association":
    from pynetdicom import AE

    entity = AE(ae_title=own_title)
    entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = 15, 60, 60
    entity.connection_timeout = 10
    for sop_class in classes:
        entity.add_requested_context(sop_class, _SYNTAXES)
    tls = (context, peer.host) if peer.secure and context is not None else None
    association = entity.associate(peer.host, peer.port, ae_title=peer.title, tls_args=tls)
    if not association.is_established:
        why = "refuses the association; check both AE titles" if association.is_rejected else "does not answer"
        raise UnreachableError(f"{peer.url} {why}.")
    return association


def _find() -> str:
    """The identifier of asking for studies (PS3.4, annex C)."""
    from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind  # type: ignore[attr-defined]

    return str(StudyRootQueryRetrieveInformationModelFind)


class _DimseConnection:
    def __init__(self, association: "Association") -> None:
        self._association = association

    def has(self, uid: str) -> bool | None:
        accepted = {context.abstract_syntax for context in self._association.accepted_contexts}
        if _find() not in accepted:
            return None
        query = Dataset()
        query.QueryRetrieveLevel, query.SOPInstanceUID = "IMAGE", uid
        # A strict archive wants the keys of all levels above; it then answers with an error, which is no answer.
        query.StudyInstanceUID = query.SeriesInstanceUID = ""
        found = False
        try:
            for status, item in self._association.send_c_find(query, _find()):
                code = status.get("Status")
                if code in (0xFF00, 0xFF01):
                    found |= item is not None and item.get("SOPInstanceUID") == uid
                elif code != 0x0000:
                    return None
        except (RuntimeError, ValueError, AttributeError):
            return None
        return found

    def send(self, path: Path) -> str:
        try:
            status = self._association.send_c_store(pydicom.dcmread(path))
        except RuntimeError as error:
            raise UnreachableError("the connection is closed") from error
        except ValueError as error:  # the peer did not accept this kind of object
            return str(error)
        if "Status" not in status:
            raise UnreachableError("the connection broke or timed out before the peer answered")
        code = int(status.Status)
        # PS3.4, annex B.2.3: success, and the warnings with which the object is stored all the same.
        return (
            "" if code in (0x0000, 0xB000, 0xB006, 0xB007) else f"status {code:#06x} {status.get('ErrorComment', '')}"
        )


class _WebConnection:
    def __init__(self, archive: DicomWeb) -> None:
        self._archive = archive

    def has(self, uid: str) -> bool | None:
        return self._archive.has(uid)

    def send(self, path: Path) -> str:
        try:
            stored = self._archive.store([path])
        except DicomError as error:
            raise UnreachableError(str(error)) from error
        return "; ".join(stored.refused.values())
