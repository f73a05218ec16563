"""The DICOM node: receives ultrasound images, assesses them, and sends the results on."""

import logging
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from thyrosight.pacs.dicomweb import DicomWeb
from thyrosight.pacs.node.classes import IMAGE_CLASSES, REFUSED_CLASSES, SYNTAXES, class_name
from thyrosight.pacs.node.listening import Listener
from thyrosight.pacs.node.peers import Peer, is_title
from thyrosight.pacs.node.receiving import Limits, Receiver, caller_of
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.working import Assessing, Reporting, Sending, Worker
from thyrosight.pacs.objects import KINDS, Assess
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class NodeSettings:
    """How a node is run.

    Attributes:
        title: its AE title.
        port: on which it listens; 0 takes a free one.
        host: address on which it listens; any other than this machine needs a list of callers.
        folder: where images, results and the queue are kept.
        peers: where results go.
        kinds: which results are made (`thyrosight.pacs.KINDS`).
        callers: AE titles that may call; with an address where storage commitments are reported. Empty: any caller,
            allowed on this machine only.
        called: further AE titles by which callers may name the node.
        limits: bounds on disk and memory.
        connections: callers at a time.
        retry_refused: try images again that could not be assessed before, after an upgrade for example.
        server_tls: for encrypted callers.
        peer_tls: for encrypted peers.
    """

    title: str
    port: int
    folder: Path
    host: str = "127.0.0.1"
    peers: tuple[Peer, ...] = ()
    kinds: tuple[str, ...] = KINDS
    callers: Mapping[str, Peer | None] = field(default_factory=dict)
    called: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    connections: int = 20
    retry_refused: bool = False
    server_tls: ssl.SSLContext | None = None
    peer_tls: ssl.SSLContext | None = None


class Node:
    """A running node. Images that it acknowledges are on the disk; killed at any moment, it goes on where it stopped.

    Args:
        settings: how it is run.
        assess: how images are assessed.
        archives: clients of DICOMweb peers by their address; made without login if missing.

    Raises:
        DicomError: settings that do not fit.
        OutputError: the folder cannot be written, or another node uses it.
    """

    def __init__(
        self, settings: NodeSettings, assess: Assess, *, archives: Mapping[str, DicomWeb] | None = None
    ) -> None:
        _check(settings)
        self.settings = settings
        self.store = Store(settings.folder)
        removed = self.store.remove_orphans()
        if removed:
            LOG.info("removed %d files that were being written when the node ended", removed)
        if settings.retry_refused:
            LOG.info("%d images that could not be assessed are tried again", self.store.retry_refused())
        self._server: Any = None
        self._workers = self._make_workers(assess, archives or {})

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen, and begin to work; returns at once.

        Raises:
            DicomError: the port is taken or may not be used.
        """
        settings = self.settings
        entity = AE(ae_title=settings.title)
        entity.maximum_associations = settings.connections
        entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = 10, 60, 120
        entity.require_called_aet = True
        entity.require_calling_aet = list(settings.callers)
        entity.add_supported_context(Verification)
        entity.add_supported_context(StorageCommitmentPushModel)
        for sop_class in (*IMAGE_CLASSES, *REFUSED_CLASSES):
            entity.add_supported_context(sop_class, SYNTAXES)
        receiver = Receiver(
            self.store,
            settings.limits,
            callers=frozenset(_addresses(settings)),
            on_image=self._workers["assessing"].wake,
            on_commitment=self._workers["reporting"].wake,
        )
        handlers: list[Any] = [
            *receiver.handlers(),
            (evt.EVT_REQUESTED, self._accept_other_titles),
            (evt.EVT_REJECTED, _rejected),
            (evt.EVT_ACCEPTED, _declined),
        ]
        try:
            self._server = entity.make_server(
                (settings.host, settings.port),
                ssl_context=settings.server_tls,
                evt_handlers=handlers,
                server_class=Listener,
            )
        except OSError as error:
            self.store.close()
            raise DicomError(
                f"The node cannot listen on {settings.host}:{settings.port} ({error.strerror or error}); "
                "choose another port or stop the program that uses it."
            ) from error
        entity._servers.append(self._server)  # from which stopping it takes it off
        threading.Thread(target=self._server.serve_forever, name="listening", daemon=True).start()
        for worker in self._workers.values():
            worker.start()
        LOG.info("%s listens on %s:%d%s", settings.title, settings.host, self.port, self._summary())

    def stop(self) -> None:
        """Stop listening, finish the work under way, and unlock the folder."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            if worker.is_alive():
                worker.join(timeout=60)
        self.store.close()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until everything received is assessed and delivered; False where that takes longer."""
        pause = threading.Event()
        for _ in range(int(seconds * 10)):
            counts = self.store.counts()
            waiting = ("images received", "deliveries waiting", "deliveries sending", "commitments waiting")
            if not any(counts.get(name) for name in waiting):
                return True
            pause.wait(0.1)
        return False

    def _make_workers(self, assess: Assess, archives: Mapping[str, DicomWeb]) -> dict[str, Worker]:
        settings = self.settings
        senders = {
            peer.url: Worker(
                f"sending to {peer.url}",
                Sending(
                    self.store,
                    peer,
                    own_title=settings.title,
                    context=settings.peer_tls,
                    web=(archives.get(peer.url) or DicomWeb(peer.url)) if peer.is_web else None,
                ).work,
            )
            for peer in settings.peers
        }

        def results_ready() -> None:
            for sender in senders.values():
                sender.wake()

        assessing = Assessing(self.store, assess, kinds=settings.kinds, peers=list(senders), on_results=results_ready)
        reporting = Reporting(self.store, _addresses(settings), own_title=settings.title, context=settings.peer_tls)
        return {
            "assessing": Worker("assessing", assessing.work),
            "reporting": Worker("reporting", reporting.work),
        } | senders

    def _accept_other_titles(self, event: Any) -> None:
        """Let callers name the node by any of its titles."""
        called = str(event.assoc.requestor.primitive.called_ae_title).strip()
        if called in self.settings.called:
            event.assoc.acceptor.ae_title = called

    def _summary(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.store.counts().items())
        unknown = sorted(set(self.store.peers_waiting()) - {peer.url for peer in self.settings.peers})
        lost = f"; results still wait for {', '.join(unknown)}, which is no peer now" if unknown else ""
        return f" ({counts or 'nothing received yet'}){lost}"


def _addresses(settings: NodeSettings) -> dict[str, Peer]:
    return {title: peer for title, peer in settings.callers.items() if peer is not None}


def _check(settings: NodeSettings) -> None:
    for title in (settings.title, *settings.called, *settings.callers):
        if not is_title(title):
            raise DicomError(f"{title!r} is no AE title; it has 1 to 16 plain characters.")
    unknown = sorted(set(settings.kinds) - set(KINDS))
    if unknown or not settings.kinds:
        raise DicomError(f"There is no kind of result called {(unknown or [''])[0]!r}; choose from {', '.join(KINDS)}.")
    if settings.host not in _LOOPBACK and not settings.callers:
        raise DicomError(
            f"The node would take images from anybody on {settings.host}; name the callers that are allowed, or listen "
            "on 127.0.0.1."
        )
    encrypted = [peer.url for peer in (*settings.peers, *_addresses(settings).values()) if peer.secure]
    if encrypted and settings.peer_tls is None:
        raise DicomError(f"{encrypted[0]} is to be spoken to by TLS; name the file of the authority that it trusts.")


def _rejected(event: Any) -> None:
    titles = event.assoc.requestor.primitive
    LOG.warning(
        "rejected %r calling %r; check the AE titles", str(titles.calling_ae_title), str(titles.called_ae_title)
    )


def _declined(event: Any) -> None:
    """Name what a caller offered to send and the node does not take; nothing of it is sent."""
    for context in event.assoc.rejected_contexts:
        syntaxes = ", ".join(UID(syntax).name for syntax in context.transfer_syntax)
        LOG.warning("declined from %s: %s in %s", caller_of(event), class_name(str(context.abstract_syntax)), syntaxes)


def server_context(certificate: Path, key: Path, authority: Path | None) -> ssl.SSLContext:
    """TLS for callers; with `authority`, callers must show a certificate that it issued.

    Raises:
        DicomError: a file cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(lambda: context.load_cert_chain(certificate, key), f"{certificate} and {key}")
    if authority is not None:
        _load(lambda: context.load_verify_locations(authority), str(authority))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def peer_context(authority: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """TLS for peers, whose certificate is always checked, against `authority` or the system's; shows our own if given.

    Raises:
        DicomError: a file cannot be read.
    """
    context = ssl.create_default_context()
    if authority is not None:
        _load(lambda: context.load_verify_locations(authority), str(authority))
    if certificate is not None and key is not None:
        _load(lambda: context.load_cert_chain(certificate, key), f"{certificate} and {key}")
    return context


def _load(load: Callable[[], None], files: str) -> None:
    try:
        load()
    except (OSError, ssl.SSLError) as error:
        raise DicomError(f"{files}: not a certificate or key that can be used ({error}); check the files.") from error
