"""Listening for callers: encryption and first words are waited for apart, so that a silent caller delays nobody."""

import logging
import selectors
import socket
import ssl
import threading
from typing import Any, Final, cast

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import uid_to_service_class
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from thyrosight.pacs.node.classes import CANNOT_UNDERSTAND, NOT_A_UID
from thyrosight.pacs.uids import uid_problem

LOG = logging.getLogger("thyrosight.node")
PATIENCE: Final = 10.0
"""Seconds that a caller has for its handshake, and again for its first byte."""
MOST_WAITING: Final = 400
"""Connections that may be silent at a time; more are closed at once."""
_C_STORE_REQUEST: Final = 0x0001
_LONGEST: Final = 64


class Listener(ThreadedAssociationServer):
    """A server of associations that takes a connection over only when its caller has begun to speak.

    pynetdicom's own server makes the TLS handshake in the thread that accepts connections, and starts two busy threads
    for each connection; a caller that says nothing would stop all others.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        super().__init__(*arguments, **(options | {"request_handler": _Handler}))
        self.contexts = _Contexts(self.contexts)

    def serve_forever(self, poll_interval: float = 0.05) -> None:
        """Accept connections until the server is shut down, which is noticed within `poll_interval` seconds."""
        super().serve_forever(poll_interval)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; nothing is read from it yet."""
        return cast(socket.socket, self.socket).accept()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait for the caller in a thread of its own."""
        if not self._waiting.acquire(blocking=False):
            LOG.warning("connection from %s closed: %d others are silent", client_address[0], MOST_WAITING)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Encrypt, wait for the first byte, and hand the connection over."""
        try:
            line = self._speaking(request, str(client_address[0]))
        finally:
            self._waiting.release()
        if line is not None:
            super().process_request_thread(line, client_address)

    def _speaking(self, line: socket.socket, caller: str) -> socket.socket | None:
        """The connection, encrypted if need be, whose caller speaks; None where it was closed."""
        try:
            if self.ssl_context is not None:
                line.settimeout(PATIENCE)
                line = self.ssl_context.wrap_socket(line, server_side=True)
            line.settimeout(None)
            if _says_something(line):
                return line
            LOG.warning("connection from %s closed: it said nothing for %g s", caller, PATIENCE)
        except TimeoutError:
            LOG.warning("connection from %s closed: no TLS handshake within %g s", caller, PATIENCE)
        except ssl.SSLError as error:
            LOG.warning("TLS handshake of %s failed: %s", caller, _reason(error))
        except OSError as error:
            LOG.warning("connection from %s broke off: %s", caller, error.strerror or error)
        self.shutdown_request(line)
        return None


def _says_something(line: socket.socket) -> bool:
    """Wait until something, or the end, can be read from a connection."""
    if isinstance(line, ssl.SSLSocket) and line.pending():
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        return bool(selector.select(PATIENCE))


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's reason in words: "peer did not return a certificate", for example."""
    return (error.reason or str(error)).lower().replace("_", " ")


class _Contexts(list[PresentationContext]):
    """Presentation contexts that a node offers, the same for every association.

    pynetdicom copies the list for each connection, although nothing changes it: hundreds of classes with dozens of
    transfer syntaxes, which took longer than receiving a picture.
    """

    def __deepcopy__(self, _: dict[int, Any]) -> "_Contexts":
        return self


class _Handler(RequestHandler):
    """Makes associations that refuse an object of an unknown kind instead of ending."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.__class__ = _Association
        return association


class _Association(Association):
    """An association that answers every C-STORE.

    pynetdicom aborts where it does not know the kind of object, as it does with retired ones, and says nothing where a
    request lacks something; what was sent before and after in the same association would then be lost to the sender.
    """

    def _serve_request(self, msg: Any, context_id: int) -> None:
        if isinstance(msg, C_STORE) and msg.MessageID is not None and not msg.is_valid_request:
            self._refuse(msg, context_id)
            return
        known = not isinstance(msg, C_STORE) or not msg.is_valid_request
        known = known or uid_to_service_class(msg.AffectedSOPClassUID or "") is StorageServiceClass
        context = self._accepted_cx.get(context_id)
        if known or context is None:
            super()._serve_request(msg, context_id)
            return
        self._is_paused = True
        try:
            StorageServiceClass(self).SCP(msg, context)
        finally:
            self._is_paused = False

    def _refuse(self, request: C_STORE, context_id: int) -> None:
        """Answer a request that lacks something, or whose identifier `take_out_unfit` took out."""
        stated, self.thyrosight_unfit = getattr(self, "thyrosight_unfit", ""), ""
        uid = str(request.AffectedSOPInstanceUID or stated)
        problem, status = uid_problem(uid), NOT_A_UID
        if not problem:
            problem, status = "the request lacks its class or the object itself", CANNOT_UNDERSTAND
        LOG.warning("refused %r from %s: %s", uid[:80], str(self.requestor.ae_title).strip()[:16], problem)
        answer = C_STORE()
        answer.MessageIDBeingRespondedTo = request.MessageID
        answer.AffectedSOPClassUID = request.AffectedSOPClassUID
        answer.AffectedSOPInstanceUID = request.AffectedSOPInstanceUID
        answer.Status = status
        self.dimse.send_msg(answer, context_id)


def take_out_unfit(event: Any) -> None:
    """Take identifiers of more than 64 characters out of a request to store an object, so that it can be answered.

    pynetdicom ends the connection where it meets one.
    """
    command = event.message.command_set
    if command.get("CommandField") != _C_STORE_REQUEST:
        return
    for keyword in ("AffectedSOPClassUID", "AffectedSOPInstanceUID"):
        stated = str(command.get(keyword) or "")
        if len(stated) > _LONGEST:
            command[keyword].value = ""
            event.assoc.thyrosight_unfit = stated
