"""The node's own work, each in a thread of its own: assessing images, sending results, reporting commitments."""

import json
import logging
import sqlite3
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from pydicom import Dataset
from pynetdicom import AE, build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import sha256_of_file
from thyrosight.pacs.dicomweb import DicomWeb
from thyrosight.pacs.node.durable import file_name, write_durably
from thyrosight.pacs.node.peers import Connection, Peer, UnreachableError, connect
from thyrosight.pacs.node.receiving import without_path
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.tables import Commitment, Delivery, ReceivedImage, ResultObject
from thyrosight.pacs.objects import Assess, make_objects
from thyrosight.pacs.source import read_source
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")
_MOST_ATTEMPTS: Final = 25
"""Crashes of the program while it assesses an image after which the image is refused."""


class Worker(threading.Thread):
    """Calls `work` again and again: at once while there is something to do, else when woken or after `rest` seconds.

    Whatever goes wrong is logged and tried again later, so that one bad object stops nothing.
    """

    def __init__(self, name: str, work: Callable[[], bool], *, rest: float = 1.0) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._rest = work, rest
        self._wake, self._ending = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the work under way, then end."""
        self._ending.set()
        self._wake.set()

    def run(self) -> None:
        """The loop."""
        while not self._ending.is_set():
            self._wake.clear()
            try:
                busy = self._work()
            except Exception:
                LOG.exception("%s: unexpected error; tried again", self.name)
                busy = False
            if not busy:
                self._wake.wait(self._rest)


class Assessing:
    """Takes received images one after the other, assesses them, and makes their results ready to send."""

    def __init__(
        self,
        store: Store,
        assess: Assess,
        *,
        kinds: Sequence[str],
        peers: Sequence[str],
        on_results: Callable[[], None],
    ) -> None:
        self._store, self._assess, self._kinds, self._peers = store, assess, tuple(kinds), tuple(peers)
        self._on_results = on_results

    def work(self) -> bool:
        """Assess the next image; False where none waits."""
        image = self._store.next_image()
        if image is None:
            return False
        if image.attempts > _MOST_ATTEMPTS:
            self._refuse(image, f"the program ended {_MOST_ATTEMPTS} times while assessing it")
            return True
        try:
            results = self._results(image)
            self._store.finish_image(image.uid, results, self._peers)
        except (OutputError, sqlite3.Error) as error:  # the disk is full, for example: not the image's fault
            LOG.error("results of %s from %s cannot be written: %s; tried again", image.uid, image.caller, error)
            self._store.take_back_attempt(image.uid)
            return False
        except ThyroSightError as error:
            self._refuse(image, str(error))
            return True
        except Exception as error:  # a defect of ours must not stop the images behind it
            LOG.exception("defect while assessing %s from %s", image.uid, image.caller)
            self._refuse(image, f"defect: {error}")
            return True
        LOG.info("assessed %s from %s: %d results", image.uid, image.caller, len(results))
        self._on_results()
        return True

    def _refuse(self, image: ReceivedImage, reason: str) -> None:
        said = without_path(reason, image.file)
        LOG.warning("not assessed %s from %s: %s", image.uid, image.caller, said)
        self._store.refuse_image(image.uid, said)

    def _results(self, image: ReceivedImage) -> list[ResultObject]:
        source = read_source(image.file)
        assessed = self._assess(image.file)
        made, left_out = make_objects(
            [one for one, _ in assessed],
            source,
            [frame for _, frame in assessed],
            kinds=self._kinds,
            made=datetime.fromtimestamp(image.received),
        )
        for item in left_out:
            LOG.debug("%s: no %s, %s", image.uid, item.kind, item.reason)
        results = []
        for result in made:
            content = _as_bytes(result.dataset)
            path = self._store.results / file_name(result.uid, content)
            write_durably(path, content)
            results.append(ResultObject(result.uid, result.kind, path, len(content)))
        return results


def _as_bytes(dataset: Dataset) -> bytes:
    stream = BytesIO()
    try:
        dataset.save_as(stream, enforce_file_format=True)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise DicomError(f"A result does not fit DICOM ({error}); check the image's header.") from error
    return stream.getvalue()


class Sending:
    """Sends the results that are due to one peer in one connection, and records each answer."""

    def __init__(
        self, store: Store, peer: Peer, *, own_title: str, context: ssl.SSLContext | None, web: DicomWeb | None
    ) -> None:
        self._store, self._peer, self._web = store, peer, web
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
            self._store.end_delivery(uid, url)
            return
        self._store.begin_delivery(uid, url)
        refusal = connection.send(delivery.file)
        if refusal:
            LOG.warning("%s refused %s: %s; tried again later", url, uid, refusal)
            self._store.postpone(uid, url, refusal, attempts=delivery.attempts, unsure=False)
        else:
            self._store.end_delivery(uid, url)
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


class Reporting:
    """Reports which of the images named in a request for storage commitment are safe (PS3.4, annex J.3.3)."""

    def __init__(
        self, store: Store, callers: Mapping[str, Peer], *, own_title: str, context: ssl.SSLContext | None
    ) -> None:
        self._store, self._callers, self._own_title, self._context = store, callers, own_title, context

    def work(self) -> bool:
        """Send the reports that are due; False where none is."""
        due = self._store.due_commitments()
        for one in due:
            problem = self._report(one)
            if problem:
                LOG.warning("report of commitment %s: %s; tried again later", one.uid, problem)
                self._store.end_commitment(one.id, reason=problem, attempts=one.attempts)
            else:
                LOG.info("reported commitment %s to %s", one.uid, one.caller)
                self._store.end_commitment(one.id)
        return bool(due)

    def _report(self, one: Commitment) -> str:
        """Send the report; the reason for a failure, or an empty text."""
        peer = self._callers.get(one.caller)
        if peer is None:
            return f"no address of {one.caller} is configured"
        report = self._content(one)
        entity = AE(ae_title=self._own_title)
        entity.acse_timeout, entity.dimse_timeout, entity.connection_timeout = 15, 30, 10
        entity.add_requested_context(StorageCommitmentPushModel)
        # The requestor of this association reports as SCP of the service (PS3.4, annex J.3.3.1).
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        tls = (self._context, peer.host) if peer.secure and self._context is not None else None
        association = entity.associate(peer.host, peer.port, ae_title=peer.title, ext_neg=[role], tls_args=tls)
        if not association.is_established:
            return f"{peer.url} does not answer or refuses the association"
        try:
            failed = "FailedSOPSequence" in report
            status, _ = association.send_n_event_report(
                report, 2 if failed else 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
            )
            code = status.get("Status")
            return "" if code == 0x0000 else f"{peer.url} answers {code}"
        except (RuntimeError, ValueError) as error:
            return str(error)
        finally:
            if association.is_established:
                association.release()

    def _content(self, one: Commitment) -> Dataset:
        safe, failed = [], []
        for sop_class, uid in json.loads(one.request):
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
            found = self._store.kept_file(uid)
            if found is None or not found[0].is_file() or sha256_of_file(found[0]) != found[2]:
                item.FailureReason = 0x0112  # no such object instance
                failed.append(item)
            elif found[1] != sop_class:
                item.FailureReason = 0x0119  # class-instance conflict
                failed.append(item)
            else:
                safe.append(item)
        report = Dataset()
        report.TransactionUID = one.uid
        if safe:
            report.ReferencedSOPSequence = safe
        if failed:
            report.FailedSOPSequence = failed
        return report
