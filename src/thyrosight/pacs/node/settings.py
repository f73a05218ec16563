"""How a node is run."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thyrosight.pacs.node.peers import Peer, is_title
from thyrosight.pacs.node.receiving import Limits
from thyrosight.pacs.objects import KINDS
from thyrosight.pacs.uids import DicomError

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
        commitment: ask peers that are nodes for storage commitment; a result is delivered only when they confirm it.
        worklist: a modality worklist; only patients whom it schedules are assessed.
        worklist_days: days before and after today that belong to the list.
        report_refusals: send a report of each image that cannot be assessed to the peers.
        on_refusal: a program that is run for each such image, with identifier, caller and reason as its last arguments.
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
    commitment: bool = False
    worklist: Peer | None = None
    worklist_days: int = 1
    report_refusals: bool = False
    on_refusal: tuple[str, ...] = ()
    retry_refused: bool = False
    server_tls: ssl.SSLContext | None = None
    peer_tls: ssl.SSLContext | None = None

    @property
    def addresses(self) -> dict[str, Peer]:
        """Callers whose address is known, by their title."""
        return {title: peer for title, peer in self.callers.items() if peer is not None}

    @property
    def places(self) -> dict[str, Peer]:
        """Nodes that objects may be sent to, by their title: peers, and callers whose address is known."""
        return {peer.title: peer for peer in self.peers if not peer.is_web} | self.addresses


def check(settings: NodeSettings) -> None:
    """Refuse settings that do not fit together.

    Raises:
        DicomError: one sentence for the first problem.
    """
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
    spoken_to = [*settings.peers, *settings.addresses.values(), *([settings.worklist] if settings.worklist else [])]
    if settings.worklist is not None and settings.worklist.is_web:
        raise DicomError(f"{settings.worklist.url} is no modality worklist; write dicom://AET@host:port.")
    encrypted = [peer.url for peer in spoken_to if peer.secure]
    if encrypted and settings.peer_tls is None:
        raise DicomError(f"{encrypted[0]} is to be spoken to by TLS; name the file of the authority that it trusts.")
