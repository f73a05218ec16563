"""The patients whom a modality worklist schedules (PS3.4, annex K), to whom the node keeps where one is named."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydicom import Dataset
from pynetdicom import AE, _config
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined]

from thyrosight.imaging.dicom.character_sets import decoded
from thyrosight.imaging.dicom.elements import raw_bytes
from thyrosight.pacs.node.peers import Peer, UnreachableError
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")
REFRESHED: Final = 60.0
"""Seconds after which the list is asked for anew."""
ASKED_AGAIN: Final = 6.0
"""Seconds after which a patient who is not on the list, or a list that did not answer, lets it be asked for again."""
NOT_SCHEDULED: Final = "The patient is not on the worklist; the image is kept, and assessed once the patient is on it."
_BY: Final = ("PatientID", "AccessionNumber")
_MOST: Final = 10_000
_PENDING: Final = (0xFF00, 0xFF01)
_KEYS: Final = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID",
                "RequestedProcedureDescription")  # fmt: skip
_STEP_KEYS: Final = ("Modality", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime",
                     "ScheduledStationAETitle", "ScheduledProcedureStepDescription")  # fmt: skip


@dataclass(frozen=True)
class Scheduled:
    """One entry of a worklist, in the words of the hospital's system."""

    patient_id: str
    patient_name: str
    accession_number: str
    date: str
    time: str
    modality: str
    description: str


def scheduled(
    peer: Peer, first: date, last: date, *, own_title: str, context: ssl.SSLContext | None, modality: str = "US"
) -> list[Scheduled]:
    """Ask a worklist for the examinations of some days (C-FIND).

    Args:
        peer: where the worklist is.
        first, last: days, both included.
        own_title: our AE title.
        context: TLS, where the peer wants it.
        modality: of the examinations; empty for all.

    Raises:
        UnreachableError: no answer, or the association is refused.
        DicomError: the worklist answers with a failure.
    """
    _config.LOG_RESPONSE_IDENTIFIERS = False  # to write one into a log, pynetdicom decodes it, and keeps no bytes
    entity = AE(ae_title=own_title)
    entity.acse_timeout, entity.dimse_timeout, entity.connection_timeout = 15, 60, 10
    entity.add_requested_context(ModalityWorklistInformationFind)
    tls = (context, peer.host) if peer.secure and context is not None else None
    association = entity.associate(peer.host, peer.port, ae_title=peer.title, tls_args=tls)
    if not association.is_established:
        raise UnreachableError(
            f"{peer.url} does not answer, refuses the association or offers no modality worklist; check address "
            "and AE titles."
        )
    entries: list[Scheduled] = []
    try:
        query = _query(first, last, modality)
        for status, item in association.send_c_find(query, ModalityWorklistInformationFind):
            code = status.get("Status")
            if code is None:
                raise UnreachableError(f"{peer.url}: the connection broke while the worklist was read.")
            if code in _PENDING and item is not None and len(entries) < _MOST:
                entries += _entries(item)
            elif code not in (*_PENDING, 0x0000):
                raise DicomError(f"{peer.url} answers the query of its worklist with status {code:#06x}.")
    except (RuntimeError, ValueError) as error:
        raise UnreachableError(f"{peer.url} offers no modality worklist ({error}).") from error
    finally:
        if association.is_established:
            association.release()
    return entries


def _query(first: date, last: date, modality: str) -> Dataset:
    query, step = Dataset(), Dataset()
    query.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _KEYS:
        setattr(query, keyword, "")
    for keyword in _STEP_KEYS:
        setattr(step, keyword, "")
    step.Modality = modality
    step.ScheduledProcedureStepStartDate = f"{first:%Y%m%d}-{last:%Y%m%d}" if first != last else f"{first:%Y%m%d}"
    query.ScheduledProcedureStepSequence = [step]
    return query


def _entries(item: Dataset) -> list[Scheduled]:
    steps = item.get("ScheduledProcedureStepSequence") or [Dataset()]
    stated = raw_bytes(item, "SpecificCharacterSet").decode("ascii", "replace")
    patient, name, accession = (_said(item, key, stated) for key in ("PatientID", "PatientName", "AccessionNumber"))
    what = _said(item, "RequestedProcedureDescription", stated)
    return [
        Scheduled(
            patient, name, accession,
            _said(step, "ScheduledProcedureStepStartDate", stated),
            _said(step, "ScheduledProcedureStepStartTime", stated),
            _said(step, "Modality", stated),
            _said(step, "ScheduledProcedureStepDescription", stated) or what,
        )
        for step in steps
    ]  # fmt: skip


def _said(item: Dataset, keyword: str, stated: str) -> str:
    """A value as text in the character set that the whole answer states; dcmtk's worklist states none."""
    return decoded(raw_bytes(item, keyword), stated).replace("\0", " ").strip()


class PatientList:
    """The patients of a worklist: asked for every minute, and as images of others come.

    Args:
        ask: gives the entries of some days.
        days: before and after today that belong to the list.
        on_news: called when patients came onto the list.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        ask: Callable[[date, date], Sequence[Scheduled]],
        *,
        days: int = 1,
        on_news: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._days, self._on_news, self._clock = ask, timedelta(days=days), on_news, clock
        self._names: set[tuple[str, str]] = set()
        self._asked: float | None = None
        self._silent: tuple[float, str] | None = None
        self._lock = threading.Lock()

    def require(self, source: SourceImage) -> None:
        """Let an image pass whose patient number or accession number was on the list since the node began.

        Raises:
            UnreachableError: the list cannot be asked for now; try again later.
            DicomError: the patient is not on it.
        """
        if self._has(source):
            return
        if self._silent is not None and self._clock() - self._silent[0] <= ASKED_AGAIN:
            raise UnreachableError(self._silent[1])  # without another wait for a list that is away
        if self._asked is None or self._clock() - self._asked > ASKED_AGAIN:
            self._refresh()
        if not self._has(source):
            raise DicomError(NOT_SCHEDULED)

    def work(self) -> bool:
        """Ask for the list anew, for a thread that does so now and then."""
        try:
            self._refresh()
        except DicomError as error:
            LOG.warning("the worklist cannot be read: %s", error)
        return False

    def _has(self, source: SourceImage) -> bool:
        return any((key, str(source.header.get(key) or "").strip()) in self._names for key in _BY)

    def _refresh(self) -> None:
        today = date.today()
        with self._lock:
            try:
                entries = self._ask(today - self._days, today + self._days)
            except UnreachableError as error:
                self._silent = self._clock(), str(error)
                raise
            self._asked, self._silent = self._clock(), None
            found = {("PatientID", entry.patient_id) for entry in entries}
            found |= {("AccessionNumber", entry.accession_number) for entry in entries}
            news = {(key, name) for key, name in found if name} - self._names
            self._names |= news
        if news:
            LOG.info("worklist: %d examinations", len(entries))
            self._on_news()
