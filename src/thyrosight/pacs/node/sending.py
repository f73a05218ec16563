"""Sending results to a peer, each until it is confirmed."""

import logging
import ssl

from thyrosight.pacs.dicomweb import DicomWeb
from thyrosight.pacs.node.peers import Connection, Peer, UnreachableError, connect
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.tables import Delivery
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")


class Sending:
    """Sends the results that are due to one peer in one connection, and records each answer.

    With `confirmed`, the peer is asked for storage commitment afterwards, and a result is delivered only then.
    """

    def __init__(
        self,
        store: Store,
        peer: Peer,
        *,
        own_title: str,
        context: ssl.SSLContext | None,
        web: DicomWeb | None,
        confirmed: bool = False,
    ) -> None:
        self._store, self._peer, self._web, self._confirmed = store, peer, web, confirmed
        self._own_title, self._context = own_title, context

    def work(self) -> bool:
        """Send the results that are due; False where none is, or the peer does not answer."""
        due = self._store.due(self._peer.url)
        if not due:
            return False
        try:
            with connect(self._peer, own_title=self._own_title, context=self._context, web=self._web) as connection:
                for delivery in due:
                    self._deliver(connection, delivery)
        except UnreachableError as error:
            LOG.warning("%s: %s", self._peer.url, error)
            for delivery in due:  # those that were delivered meanwhile are left alone
                self._postpone(delivery, str(error))
            return False
        return True

    def _deliver(self, connection: Connection, delivery: Delivery) -> None:
        uid, url = delivery.object, self._peer.url
        if delivery.interrupted and self._has(connection, uid):
            LOG.info("%s has %s already", url, uid)
            self._store.end_delivery(uid, url, unconfirmed=self._confirmed)
            return
        self._store.begin_delivery(uid, url)
        refusal = connection.send(delivery.file)
        if refusal:
            LOG.warning("%s refused %s: %s; tried again later", url, uid, refusal)
            self._store.postpone(uid, url, refusal, attempts=delivery.attempts, unsure=False)
        else:
            self._store.end_delivery(uid, url, unconfirmed=self._confirmed)
            LOG.info("sent %s to %s", uid, url)

    def _has(self, connection: Connection, uid: str) -> bool:
        """Whether the peer has an object whose delivery was interrupted."""
        try:
            answer = connection.has(uid)
        except DicomError as error:
            raise UnreachableError(str(error)) from error
        if answer is None:
            LOG.warning("%s does not say whether it has %s; sent again with the same identifier", self._peer.url, uid)
        return bool(answer)

    def _postpone(self, delivery: Delivery, reason: str) -> None:
        state = self._store.state_of(delivery.object, self._peer.url)
        if state in ("waiting", "sending"):
            self._store.postpone(
                delivery.object, self._peer.url, reason, attempts=delivery.attempts, unsure=state == "sending"
            )
