"""The DICOM node: receives ultrasound images, assesses them, and sends the results on."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from thyrosight.imaging.dicom.syntaxes import name_of
from thyrosight.pacs.dicomweb import DicomWeb, login_from_environment
from thyrosight.pacs.node.assessing import Assessing
from thyrosight.pacs.node.classes import IMAGE_CLASSES, REFUSED_CLASSES, class_name, syntaxes
from thyrosight.pacs.node.committing import Reporting
from thyrosight.pacs.node.confirming import Confirming, Reports
from thyrosight.pacs.node.holdings import Holdings
from thyrosight.pacs.node.listening import Listener
from thyrosight.pacs.node.peers import Peer
from thyrosight.pacs.node.querying import QUERY_CLASSES, Answering
from thyrosight.pacs.node.receiving import Receiver, caller_of
from thyrosight.pacs.node.sending import Sending
from thyrosight.pacs.node.settings import NodeSettings, check
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.telling import Telling
from thyrosight.pacs.node.worker import Worker
from thyrosight.pacs.node.worklist import NOT_SCHEDULED, REFRESHED, PatientList, Scheduled, scheduled
from thyrosight.pacs.objects import Assess
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")


class Node:
    """A running node. Images that it acknowledges are on the disk; killed at any moment, it goes on where it stopped.

    Args:
        settings: how it is run.
        assess: how images are assessed.
        archives: clients of DICOMweb peers by their address; made with the login of the environment if missing.

    Raises:
        DicomError: settings that do not fit.
        OutputError: the folder cannot be written, or another node uses it.
    """

    def __init__(
        self, settings: NodeSettings, assess: Assess, *, archives: Mapping[str, DicomWeb] | None = None
    ) -> None:
        check(settings)
        self.settings = settings
        self.store = Store(settings.folder)
        removed = self.store.remove_orphans()
        if removed:
            LOG.info("removed %d files that were being written when the node ended", removed)
        if settings.retry_refused:
            LOG.info("%d images that could not be assessed are tried again", self.store.retry_refused())
        self._holdings = Holdings(self.store)
        self._holdings.bring_up_to_date()
        self._reports = Reports(self.store, {peer.title: peer for peer in settings.peers if not peer.is_web})
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
        entity = _entity(settings)
        handlers = self._handlers()
        try:
            self._server = entity.make_server(
                (settings.host, settings.port),
                contexts=_offered(tuple(syntaxes())),
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
            waiting = ("images received", "deliveries waiting", "deliveries sending", "deliveries unconfirmed",
                       "commitments waiting")  # fmt: skip
            if not any(counts.get(name) for name in waiting):
                return True
            pause.wait(0.1)
        return False

    def _handlers(self) -> list[Any]:
        settings = self.settings
        receiver = Receiver(
            self.store,
            settings.limits,
            holdings=self._holdings,
            callers=frozenset(settings.addresses),
            on_image=self._workers["assessing"].wake,
            on_commitment=self._workers["reporting"].wake,
        )
        answering = Answering(self._holdings, title=settings.title, places=settings.places, context=settings.peer_tls)
        return [
            *receiver.handlers(),
            *answering.handlers(),
            (evt.EVT_N_EVENT_REPORT, self._reports.take),
            (evt.EVT_REQUESTED, self._accept_other_titles),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_ACCEPTED, _declined),
            (evt.EVT_ABORTED, _aborted),
        ]

    def _make_workers(self, assess: Assess, archives: Mapping[str, DicomWeb]) -> dict[str, Worker]:
        settings = self.settings
        senders = {peer.url: self._sender(peer, archives.get(peer.url)) for peer in settings.peers}
        others = [self._confirmer(peer) for peer in settings.peers if settings.commitment and not peer.is_web]
        if settings.on_refusal:
            others.append(Worker("telling", Telling(self.store, settings.on_refusal).work))

        def results_ready() -> None:
            for worker in (*senders.values(), *others):
                worker.wake()

        def patients_came() -> None:
            if self.store.retry_refused(NOT_SCHEDULED):
                self._workers["assessing"].wake()

        patients = self._patient_list(patients_came)
        if patients is not None:
            others.append(Worker("worklist", patients.work, rest=REFRESHED))
        assessing = Assessing(
            self.store, assess, kinds=settings.kinds, peers=list(senders), on_results=results_ready,
            holdings=self._holdings, require=None if patients is None else patients.require,
            report_refusals=settings.report_refusals,
        )  # fmt: skip
        reporting = Reporting(self.store, settings.addresses, own_title=settings.title, context=settings.peer_tls)
        return {
            "assessing": Worker("assessing", assessing.work),
            "reporting": Worker("reporting", reporting.work),
            **{worker.name: worker for worker in others},
        } | senders

    def _sender(self, peer: Peer, archive: DicomWeb | None) -> Worker:
        sending = Sending(
            self.store,
            peer,
            own_title=self.settings.title,
            context=self.settings.peer_tls,
            web=(archive or DicomWeb(peer.url, login=login_from_environment())) if peer.is_web else None,
            confirmed=self.settings.commitment and not peer.is_web,
        )
        return Worker(f"sending to {peer.url}", sending.work)

    def _confirmer(self, peer: Peer) -> Worker:
        settings = self.settings
        confirming = Confirming(
            self.store, peer, own_title=settings.title, context=settings.peer_tls, reports=self._reports
        )
        return Worker(f"commitment of {peer.url}", confirming.work)

    def _patient_list(self, on_news: Callable[[], None]) -> PatientList | None:
        settings, worklist = self.settings, self.settings.worklist
        if worklist is None:
            return None

        def ask(first: date, last: date) -> list[Scheduled]:
            return scheduled(worklist, first, last, own_title=settings.title, context=settings.peer_tls)

        return PatientList(ask, days=settings.worklist_days, on_news=on_news)

    def _accept_other_titles(self, event: Any) -> None:
        """Let callers name the node by any of its titles."""
        called = str(event.assoc.requestor.primitive.called_ae_title).strip()
        if called in self.settings.called:
            event.assoc.acceptor.ae_title = called

    def _rejected(self, event: Any) -> None:
        """Name a caller that was turned away, and why."""
        titles, settings = event.assoc.requestor.primitive, self.settings
        calling, called = str(titles.calling_ae_title).strip(), str(titles.called_ae_title).strip()
        if called not in (settings.title, *settings.called):
            why = f"the node is called {settings.title}"
        elif settings.callers and calling not in settings.callers:
            why = "it is no caller that was named"
        else:
            why = f"{settings.connections} callers are connected already"
        LOG.warning("rejected %r calling %r: %s", calling, called, why)

    def _summary(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.store.counts().items())
        unknown = sorted(set(self.store.peers_waiting()) - {peer.url for peer in self.settings.peers})
        lost = f"; results still wait for {', '.join(unknown)}, which is no peer now" if unknown else ""
        return f" ({counts or 'nothing received yet'}){lost}"


def _entity(settings: NodeSettings) -> AE:
    """The node by its title, the callers that it knows and its patience."""
    entity = AE(ae_title=settings.title)
    entity.maximum_associations = settings.connections
    entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = 10, 60, 120
    entity.require_called_aet = True
    entity.require_calling_aet = list(settings.callers)
    return entity


@cache
def _offered(readable: tuple[str, ...]) -> list[PresentationContext]:
    """Services that a node of these encodings offers: echo, storage, commitment both ways, queries and retrievals."""
    entity = AE()
    entity.add_supported_context(Verification)
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    for sop_class in (*IMAGE_CLASSES, *REFUSED_CLASSES):
        # Both roles: callers send images, and take objects that they get.
        entity.add_supported_context(sop_class, list(readable), scu_role=True, scp_role=True)
    for sop_class in QUERY_CLASSES:
        entity.add_supported_context(sop_class)
    return list(entity.supported_contexts)


def _aborted(event: Any) -> None:
    LOG.warning("connection of %s broke off; what was not acknowledged stays with the sender", caller_of(event))


def _declined(event: Any) -> None:
    """Name what a caller offered to send and the node does not take; nothing of it is sent."""
    for context in event.assoc.rejected_contexts:
        offered = ", ".join(name_of(UID(syntax)) for syntax in context.transfer_syntax)
        LOG.warning("declined from %s: %s in %s", caller_of(event), class_name(str(context.abstract_syntax)), offered)
