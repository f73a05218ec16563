"""Reports of storage commitment: which of the images that a caller named are safe."""

import json
import logging
import ssl
from collections.abc import Mapping

from pydicom import Dataset
from pynetdicom import AE, build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from thyrosight.files import sha256_of_file
from thyrosight.pacs.node.peers import Peer
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.tables import Commitment

LOG = logging.getLogger("thyrosight.node")


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
