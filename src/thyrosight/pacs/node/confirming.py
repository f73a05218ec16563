"""Asking peers for storage commitment of the results that they took (PS3.4, annex J): delivered means confirmed."""

import logging
import ssl
import threading
import uuid
from collections.abc import Mapping
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from thyrosight.pacs.node.classes import NO_SUCH_ACTION, PROCESSING_FAILURE, SUCCESS
from thyrosight.pacs.node.peers import Peer
from thyrosight.pacs.node.receiving import caller_of
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.uids import is_uid

LOG = logging.getLogger("thyrosight.node")
ASKED_AGAIN: Final = 600.0
"""Seconds without a report after which a peer is asked again."""
_AT_ONCE: Final = 2.0
"""Seconds that the connection of a request stays open for a report in it; most peers open another one."""


class Reports:
    """Takes the reports of peers, in whichever connection they come."""

    def __init__(self, store: Store, peers: Mapping[str, Peer]) -> None:
        self._store, self._peers = store, peers
        self.news = threading.Event()

    def take(self, event: Any) -> tuple[int, Dataset | None]:
        """N-EVENT-REPORT: results named as safe are delivered, those named as failed are sent again."""
        caller = caller_of(event) if event.assoc.is_acceptor else str(event.assoc.acceptor.ae_title).strip()
        peer = self._peers.get(caller)
        if peer is None or event.event_type not in (1, 2):
            LOG.warning("report of commitment from %s refused: nothing was asked of it", caller)
            return NO_SUCH_ACTION, None
        try:
            report = event.event_information
            safe, failed = (
                [str(item.ReferencedSOPInstanceUID) for item in report.get(name) or []]
                for name in ("ReferencedSOPSequence", "FailedSOPSequence")
            )
        except Exception as error:
            LOG.warning("report of commitment from %s cannot be parsed (%s)", caller, error)
            return PROCESSING_FAILURE, None
        self._store.confirm(filter(is_uid, safe), peer.url)
        for uid in filter(is_uid, failed):
            LOG.warning("%s does not keep %s; sent again", peer.url, uid)
            self._store.send_again(uid, peer.url)
        LOG.info("%s keeps %d objects", peer.url, len(safe))
        self.news.set()
        return SUCCESS, None


class Confirming:
    """Asks one peer to commit to the objects that it took."""

    def __init__(
        self, store: Store, peer: Peer, *, own_title: str, context: ssl.SSLContext | None, reports: Reports
    ) -> None:
        self._store, self._peer, self._reports = store, peer, reports
        self._own_title, self._context = own_title, context

    def work(self) -> bool:
        """Ask for the objects that are due; False where none is, or the peer does not answer."""
        due = self._store.unconfirmed(self._peer.url, before=ASKED_AGAIN)
        if not due:
            return False
        self._store.note_asked([uid for _, uid in due], self._peer.url)
        problem = self._ask(due)
        if problem:
            LOG.warning("commitment of %d objects: %s; asked again later", len(due), problem)
        return not problem

    def _ask(self, due: list[tuple[str, str]]) -> str:
        """Send the request; the reason for a failure, or an empty text."""
        entity = AE(ae_title=self._own_title)
        entity.acse_timeout, entity.dimse_timeout, entity.connection_timeout = 15, 30, 10
        entity.add_requested_context(StorageCommitmentPushModel)
        tls = (self._context, self._peer.host) if self._peer.secure and self._context is not None else None
        association = entity.associate(
            self._peer.host, self._peer.port, ae_title=self._peer.title, tls_args=tls,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._reports.take)],
        )  # fmt: skip
        if not association.is_established:
            return f"{self._peer.url} does not answer or refuses the association"
        try:
            self._reports.news.clear()
            status, _ = association.send_n_action(
                _request(due), 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
            )
            code = status.get("Status")
            if code != SUCCESS:
                return f"{self._peer.url} answers {code}"
            self._reports.news.wait(_AT_ONCE)
            return ""
        except (RuntimeError, ValueError) as error:  # the peer does not offer storage commitment
            return str(error)
        finally:
            if association.is_established:
                association.release()


def _request(due: list[tuple[str, str]]) -> Dataset:
    request = Dataset()
    request.TransactionUID = f"2.25.{uuid.uuid4().int}"
    items = []
    for sop_class, uid in due:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
        items.append(item)
    request.ReferencedSOPSequence = items
    return request
