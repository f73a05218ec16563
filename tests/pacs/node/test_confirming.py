"""Storage commitment that the node asks of its peers: delivered means confirmed."""

import threading

from pydicom import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from tests.pacs.conftest import TITLE, free_port, send, ultrasound
from thyrosight.pacs.node import parse_peer


class Keeper:
    """A peer that takes results and reports on them in a connection of its own, saying no the first time."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.asked: list[Dataset] = []
        self.node_port = 0
        entity = AE(ae_title="KEEPER")
        entity.add_supported_context("1.2.840.10008.5.1.4.1.1.66.4")
        entity.add_supported_context(StorageCommitmentPushModel)
        handlers = [(evt.EVT_C_STORE, self.take), (evt.EVT_N_ACTION, self.commit)]
        self.server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.url = f"dicom://KEEPER@127.0.0.1:{self.server.server_address[1]}"

    def take(self, event) -> int:
        self.received.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    def commit(self, event) -> tuple[int, None]:
        self.asked.append(event.action_information)
        threading.Thread(target=self.report, args=(event.action_information, len(self.asked) > 1)).start()
        return 0x0000, None

    def report(self, asked: Dataset, kept: bool) -> None:
        said = Dataset()
        said.TransactionUID = asked.TransactionUID
        setattr(said, "ReferencedSOPSequence" if kept else "FailedSOPSequence", asked.ReferencedSOPSequence)
        for item in asked.ReferencedSOPSequence:
            if not kept:
                item.FailureReason = 0x0110
        entity = AE(ae_title="KEEPER")
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = entity.associate("127.0.0.1", self.node_port, ae_title=TITLE, ext_neg=[role])
        status, _ = association.send_n_event_report(
            said, 1 if kept else 2, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        assert status.Status == 0x0000
        association.release()


def test_result_that_a_peer_did_not_keep_is_sent_again_until_it_is_confirmed(run_node) -> None:
    keeper = Keeper()
    try:
        node = run_node(peers=(parse_peer(keeper.url),), commitment=True, callers={"SCANNER": None, "KEEPER": None})
        keeper.node_port = node.port
        assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
        assert len(keeper.asked) == 2 and len(keeper.received) == 2 and len(set(keeper.received)) == 1
        assert node.store.counts() == {"images assessed": 1, "deliveries delivered": 1}
    finally:
        keeper.server.shutdown()


def test_result_counts_as_delivered_only_when_orthanc_confirms_it(run_node, archive_factory) -> None:
    port = free_port()
    archive = archive_factory(DicomModalities={"node": [TITLE, "127.0.0.1", port]}, DicomAet="SAFE")
    peer = parse_peer(f"dicom://SAFE@127.0.0.1:{archive.dicom}")
    node = run_node(port=port, peers=(peer,), commitment=True, callers={"SCANNER": None, "SAFE": None})
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.counts() == {"images assessed": 1, "deliveries delivered": 1}
    uid = node.store.rows("SELECT uid FROM objects")[0][0]
    assert [item["SOPInstanceUID"] for item in archive.stored()] == [uid]


def test_peer_without_commitment_leaves_the_result_unconfirmed(run_node, caplog) -> None:
    entity = AE(ae_title="PLAIN")
    entity.add_supported_context("1.2.840.10008.5.1.4.1.1.66.4")
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda _: 0x0000)])
    try:
        peer = parse_peer(f"dicom://PLAIN@127.0.0.1:{server.server_address[1]}")
        node = run_node(peers=(peer,), commitment=True)
        assert send(node.port, ultrasound(1)) == [0x0000] and not node.wait_until_idle(2)
        assert node.store.counts()["deliveries unconfirmed"] == 1
        assert any("commitment of 1 objects" in said and "asked again later" in said for said in caplog.messages)
        assert node.store.forget_oldest() == 0  # what is not confirmed is not deleted
    finally:
        server.shutdown()


def test_report_of_a_stranger_is_refused(run_node) -> None:
    node = run_node()
    entity = AE(ae_title="STRANGER")
    entity.add_requested_context(StorageCommitmentPushModel)
    role = build_role(StorageCommitmentPushModel, scp_role=True)
    association = entity.associate("127.0.0.1", node.port, ae_title=TITLE, ext_neg=[role])
    said = Dataset()
    said.TransactionUID = "1.2.3"
    status, _ = association.send_n_event_report(said, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
    association.release()
    assert status.Status == 0x0123
