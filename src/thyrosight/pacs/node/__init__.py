"""The DICOM node: receiving, assessing and sending, with a queue on disk."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.pacs.node.node import Node
    from thyrosight.pacs.node.peers import Peer, is_title, parse_peer
    from thyrosight.pacs.node.receiving import Limits
    from thyrosight.pacs.node.settings import NodeSettings
    from thyrosight.pacs.node.store import Store
    from thyrosight.pacs.node.tables import read_queue
    from thyrosight.pacs.node.tls import peer_context, server_context
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Limits",
    "Node",
    "NodeSettings",
    "Peer",
    "Store",
    "is_title",
    "parse_peer",
    "peer_context",
    "read_queue",
    "server_context",
]
