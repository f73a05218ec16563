"""The node at work: what it answers, keeps, makes and sends."""

import contextlib
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import MPEG2MPML, UltrasoundImageStorage
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance, Verification

from tests.pacs.conftest import TITLE, Archive, assess, free_port, send, tool, ultrasound
from thyrosight.errors import FolderInUseError, OutputError
from thyrosight.pacs import DicomError, DicomWeb
from thyrosight.pacs.node import Limits, Node, NodeSettings, Store, parse_peer, peer_context, server_context
from thyrosight.pacs.node.durable import write_durably
from thyrosight.pacs.node.peers import connect
from thyrosight.pacs.node.tables import ResultObject
from thyrosight.pacs.objects import Assessed


def test_image_is_assessed_and_the_results_arrive_in_a_real_archive(archive: Archive, run_node) -> None:
    """By C-STORE and by STOW-RS, every kind."""
    peers = (parse_peer(f"dicom://{archive.title}@127.0.0.1:{archive.dicom}"),)
    node = run_node(peers=peers, kinds=("report", "outline", "heat-map", "document"))
    assert send(node.port, ultrasound(101)) == [0x0000]
    assert node.wait_until_idle(30)
    web = run_node("web", peers=(parse_peer(archive.dicomweb),), kinds=("report",))
    assert send(web.port, ultrasound(102)) == [0x0000] and web.wait_until_idle(30)
    stored = {item["SOPInstanceUID"] for item in archive.stored()}
    for owner, expected in ((node, 4), (web, 1)):
        made = sorted(owner.store.results.iterdir())
        assert len(made) == expected
        for path in made:
            sent = pydicom.dcmread(path)
            assert sent.SOPInstanceUID in stored
            (owner.settings.folder / "back.dcm").write_bytes(archive.file(sent.SOPInstanceUID))
            assert pydicom.dcmread(owner.settings.folder / "back.dcm") == sent


@pytest.mark.parametrize("kind", ["dicom", "web"])
def test_real_archive_says_whether_it_has_an_object(archive: Archive, write_ultrasound, kind: str) -> None:
    """The node asks this after an interrupted attempt."""
    path = write_ultrasound(150, SOPInstanceUID="1.2.826.0.1.3680043.10.43.150")
    client = DicomWeb(archive.dicomweb)
    client.store([path])
    peer = parse_peer(archive.dicomweb if kind == "web" else f"dicom://{archive.title}@127.0.0.1:{archive.dicom}")
    with connect(peer, own_title=TITLE, context=None, web=client if kind == "web" else None) as session:
        assert session.has("1.2.826.0.1.3680043.10.43.150") is True
        assert session.has("1.2.826.0.1.3680043.10.43.151") is False


def test_noise_on_the_line_does_no_harm(run_node) -> None:
    node = run_node()
    draw = random.Random(1)
    for length in (0, 1, 6, 200, 5000):
        with socket.create_connection(("127.0.0.1", node.port)) as line:
            line.sendall(draw.randbytes(length))
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as line:
        line.sendall(bytes.fromhex("0100ffffffff0001"))  # an association request that promises 4 GB
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(100) == b""  # closed, without waiting for them
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)


def test_echo_from_dcmtk(run_node) -> None:
    program = tool("echoscu", "dcmtk")
    node = run_node(callers={"GOOD": None}, called=("OTHER",))
    for caller, called, works in (
        ("GOOD", TITLE, True), ("GOOD", "OTHER", True), ("GOOD", "WRONG", False), ("BAD", TITLE, False),
    ):  # fmt: skip
        command = [program, "-aet", caller, "-aec", called, "127.0.0.1", str(node.port)]
        assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) == works, (caller, called)


def test_same_image_again_is_taken_but_assessed_once_and_another_with_its_identifier_refused(run_node) -> None:
    node = run_node()
    other = ultrasound(1)
    other.PatientName = "Somebody^Else"
    assert send(node.port, ultrasound(1), ultrasound(1), other) == [0x0000, 0x0000, 0x0111]
    assert node.wait_until_idle(20)
    assert node.store.counts()["images assessed"] == 1 and len(list(node.store.images.iterdir())) == 1


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_nothing_that_a_sender_writes_becomes_a_path(run_node, tmp_path: Path) -> None:
    node = run_node()
    evil = ultrasound(1)
    with pydicom.config.disable_value_validation():
        evil.SOPInstanceUID = "../../../evil"
        statuses = send(node.port, evil)
    assert statuses == [0x0117]
    wrong = ultrasound(2)
    wrong.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    assert send(node.port, ultrasound(3)) == [0x0000] and node.wait_until_idle(20)
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} == {"node"}
    assert all(len(path.name) == 61 and path.suffix == ".dcm" for path in node.store.images.iterdir())


def test_image_that_cannot_be_assessed_is_kept_and_named_and_the_next_goes_on(run_node, archive: Archive) -> None:
    node = run_node()
    black = ultrasound(1)
    black.PixelData = bytes(len(black.PixelData))
    assert send(node.port, black, ultrasound(2)) == [0x0000, 0x0000] and node.wait_until_idle(20)
    counts = node.store.counts()
    assert counts["images refused"] == 1 and counts["images assessed"] == 1
    assert "is black" in node.store.rows("SELECT reason FROM images WHERE state = 'refused'")[0][0]


def test_defect_in_assessing_does_not_stop_the_node(run_node) -> None:
    def broken(path: Path) -> Assessed:
        raise ZeroDivisionError("a defect")

    node = run_node(assess=broken)
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.counts() == {"images refused": 1}


def test_full_disk_delays_results_and_loses_none(run_node, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [3]

    def full(path: Path, content: bytes) -> None:
        if left[0]:
            left[0] -= 1
            raise OutputError("the disk is full")
        write_durably(path, content)

    monkeypatch.setattr("thyrosight.pacs.node.assessing.write_durably", full)
    node = run_node()
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.counts() == {"images assessed": 1} and left == [0]
    assert node.store.rows("SELECT attempts FROM images") == [(1,)]


def test_folder_limit_deletes_what_is_finished_and_then_refuses(run_node) -> None:
    size = len(ultrasound(1).PixelData)
    waiting = threading.Event()

    def slow(path: Path) -> Assessed:
        waiting.wait(30)
        return assess(path)

    node = run_node(assess=slow, limits=Limits(disk=3 * size, free=0))
    assert send(node.port, ultrasound(1), ultrasound(2), ultrasound(3)) == [0x0000, 0x0000, 0xA700]
    waiting.set()
    assert node.wait_until_idle(20)
    assert send(node.port, ultrasound(3)) == [0x0000]  # room was made: nobody waits for the results of the first
    assert node.wait_until_idle(20) and node.store.used_bytes() <= 3 * size
    # What was deleted is still known, so that it is not assessed twice.
    assert send(node.port, ultrasound(1)) == [0x0000] and node.store.counts()["images assessed"] == 3


def test_image_beyond_the_limit_breaks_the_connection(run_node) -> None:
    node = run_node(limits=Limits(image=5000, free=0))
    assert send(node.port, ultrasound(1)) == [-1]
    assert not node.store.counts()


def test_last_part_of_an_image_beyond_the_limit_does_not_slip_in(run_node) -> None:
    """The whole image may have been read before the connection that is broken off ends."""
    node = run_node(limits=Limits(image=5000, free=0))
    take = next(handler for kind, handler in node._handlers() if kind is evt.EVT_C_STORE)
    association = SimpleNamespace(thyrosight_bytes=5001)
    assert take(SimpleNamespace(assoc=association)) == 0xA700
    assert not node.store.counts() and association.thyrosight_bytes == 0


def test_videos_are_not_accepted_where_nothing_reads_them(run_node, monkeypatch) -> None:
    monkeypatch.setattr("thyrosight.pacs.node.classes.reads_videos", lambda: False)
    node = run_node()
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(UltrasoundImageStorage, MPEG2MPML)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
    assert [context.abstract_syntax for context in association.accepted_contexts] == [Verification]
    association.release()


def test_results_wait_for_a_peer_that_is_away(run_node, archive_factory, tmp_path: Path) -> None:
    received: list[str] = []

    def take(event) -> int:
        received.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    port = free_port()
    node = run_node(peers=(parse_peer(f"dicom://LATER@127.0.0.1:{port}"),))
    assert send(node.port, ultrasound(1)) == [0x0000]
    assert not node.wait_until_idle(2) and not received
    peer = AE(ae_title="LATER")
    peer.add_supported_context("1.2.840.10008.5.1.4.1.1.66.4")
    server = peer.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, take)])
    try:
        assert node.wait_until_idle(20) and len(received) == 1
    finally:
        server.shutdown()


@pytest.mark.parametrize("knows", [True, False, None])
def test_interrupted_attempt_asks_before_sending_again(run_node, knows: bool | None) -> None:
    """A peer that took the object but whose answer was lost is asked; one that cannot be asked gets the same again."""
    received: list[str] = []
    asked: list[str] = []

    def take(event) -> int:
        received.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    def find(event):
        asked.append(event.identifier.SOPInstanceUID)
        if knows:
            yield 0xFF00, event.identifier
        yield 0x0000, None

    peer = AE(ae_title="PEER")
    peer.add_supported_context("1.2.840.10008.5.1.4.1.1.66.4")
    if knows is not None:
        peer.add_supported_context("1.2.840.10008.5.1.4.1.2.2.1")
    server = peer.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, take), (evt.EVT_C_FIND, find)]
    )
    url = f"dicom://PEER@127.0.0.1:{server.server_address[1]}"
    try:
        first = run_node()
        assert send(first.port, ultrasound(1)) == [0x0000] and first.wait_until_idle(20)
        uid = first.store.rows("SELECT uid FROM objects")[0][0]
        with first.store.transaction() as run:  # as a kill between sending and the answer leaves it
            run("INSERT INTO deliveries (object, peer, state) VALUES (?, ?, 'sending')", (uid, url))
        first.stop()
        node = run_node(peers=(parse_peer(url),))
        assert node.wait_until_idle(20)
        assert asked == ([uid] if knows is not None else []) and received == ([] if knows else [uid])
    finally:
        server.shutdown()


def test_storage_commitment_is_reported(run_node) -> None:
    """To a caller of ours: what is safe and what is not."""
    reports: list[Dataset] = []
    done = threading.Event()

    def report(event):
        reports.append(event.event_information)
        done.set()
        return 0x0000, None

    caller = AE(ae_title="SCANNER")
    caller.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    server = caller.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, report)])
    port = server.server_address[1]
    try:
        node = run_node(callers={"SCANNER": parse_peer(f"dicom://SCANNER@127.0.0.1:{port}"), "STRANGER": None})
        image = ultrasound(1)
        assert send(node.port, image) == [0x0000]
        request = Dataset()
        request.TransactionUID = "1.2.3.4.5"
        request.ReferencedSOPSequence = [Dataset(), Dataset()]
        for item, uid in zip(request.ReferencedSOPSequence, (image.SOPInstanceUID, "1.2.3.9"), strict=True):
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.SOPClassUID, uid
        for title, expected in (("SCANNER", 0x0000), ("STRANGER", 0x0110)):
            entity = AE(ae_title=title)
            entity.add_requested_context(StorageCommitmentPushModel)
            association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
            status, _ = association.send_n_action(
                request, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
            )
            association.release()
            assert status.Status == expected
        assert done.wait(15) and len(reports) == 1
        assert reports[0].TransactionUID == "1.2.3.4.5"
        assert [item.ReferencedSOPInstanceUID for item in reports[0].ReferencedSOPSequence] == [image.SOPInstanceUID]
        failed = reports[0].FailedSOPSequence
        assert [(item.ReferencedSOPInstanceUID, item.FailureReason) for item in failed] == [("1.2.3.9", 0x0112)]
        assert node.wait_until_idle(10)
    finally:
        server.shutdown()


def test_storage_commitment_with_a_real_archive(run_node, archive_factory, tmp_path: Path) -> None:
    """Orthanc sends us an image, asks for commitment, and gets the report."""
    import requests

    port = free_port()
    archive = archive_factory(DicomModalities={"node": [TITLE, "127.0.0.1", port]}, DicomAet="KEEPER")
    run_node(port=port, callers={"KEEPER": parse_peer(f"dicom://KEEPER@127.0.0.1:{archive.dicom}")})
    path = tmp_path / "us.dcm"
    ultrasound(1).save_as(path, enforce_file_format=True)
    identifier = requests.post(f"{archive.rest}/instances", data=path.read_bytes(), timeout=10).json()["ID"]
    sent = requests.post(
        f"{archive.rest}/modalities/node/store", json={"Resources": [identifier], "StorageCommitment": True}, timeout=20
    ).json()
    for _ in range(100):
        said = archive.get(f"/storage-commitment/{sent['StorageCommitmentTransactionUID']}")
        if said["Status"] != "Pending":  # type: ignore[index, call-overload]
            break
        time.sleep(0.1)
    assert said["Status"] == "Success" and said["RemoteAET"] == TITLE  # type: ignore[index, call-overload]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and key for this machine."""
    program = tool("openssl", "openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def test_tls_both_ways(run_node, certificate: tuple[Path, Path]) -> None:
    """A node sends its results to another node's place over TLS; whoever cannot be trusted gets nothing."""
    received: list[str] = []
    file, key = certificate

    def take(event) -> int:
        received.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    peer = AE(ae_title="PEER")
    peer.add_supported_context("1.2.840.10008.5.1.4.1.1.66.4")
    server = peer.start_server(
        ("127.0.0.1", 0),
        block=False,
        ssl_context=server_context(file, key, file),
        evt_handlers=[(evt.EVT_C_STORE, take)],
    )
    try:
        node = run_node(
            peers=(parse_peer(f"dicoms://PEER@127.0.0.1:{server.server_address[1]}"),),
            server_tls=server_context(file, key, file),
            peer_tls=peer_context(file, file, key),
        )
        assert send(node.port, ultrasound(1)) == []  # not encrypted
        assert send(node.port, ultrasound(1), tls=(peer_context(file, None, None), "localhost")) == []  # no certificate
        assert send(node.port, ultrasound(1), tls=(peer_context(file, file, key), "localhost")) == [0x0000]
        assert node.wait_until_idle(20) and len(received) == 1
    finally:
        server.shutdown()
    with pytest.raises(DicomError, match="not a certificate or key"):
        server_context(key, file, None)
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", node.port)) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_wrong_settings_are_named(tmp_path: Path, run_node) -> None:
    def settings(**changes: object) -> NodeSettings:
        return NodeSettings(**({"title": TITLE, "port": 0, "folder": tmp_path / "x"} | changes))  # type: ignore[arg-type]

    with pytest.raises(DicomError, match=r"take images from anybody on 0\.0\.0\.0"):
        Node(settings(host="0.0.0.0"), assess)
    with pytest.raises(DicomError, match="is no AE title"):
        Node(settings(title="A TITLE THAT IS TOO LONG"), assess)
    with pytest.raises(DicomError, match="no kind of result called 'sr'"):
        Node(settings(kinds=("sr",)), assess)
    with pytest.raises(DicomError, match="spoken to by TLS"):
        Node(settings(peers=(parse_peer("dicoms://A@127.0.0.1:1"),)), assess)
    node = run_node()
    with pytest.raises(FolderInUseError, match="a node has been running there"):
        Node(settings(folder=node.settings.folder), assess)
    with pytest.raises(DicomError, match="cannot listen on"):
        run_node("other", port=node.port)


@pytest.mark.parametrize(
    "text", ["", "dicom://A@host", "dicom://@host:1", "host:104", "dicom://A@h:99999", "dicom://A\\B@h:1", "ftp://x"]
)
def test_what_is_no_peer_is_refused(text: str) -> None:
    with pytest.raises(DicomError, match="is no peer"):
        parse_peer(text)


def test_files_without_a_row_are_removed_at_the_start(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_durably(store.images / "kept.dcm", b"a")
    store.add_image("1.2", sop_class="1", file=store.images / "kept.dcm", digest="d", size=1, caller="A")
    write_durably(store.images / "orphan.dcm", b"b")
    (store.results / "tmpx.part").write_bytes(b"c")
    assert store.remove_orphans() == 2
    assert [path.name for path in store.images.iterdir()] == ["kept.dcm"]
    store.close()
    assert shutil.disk_usage(tmp_path).free > 0


def test_image_that_kills_the_program_again_and_again_is_refused(tmp_path: Path, run_node) -> None:
    store = Store(tmp_path / "node")
    path = store.images / "a.dcm"
    ultrasound(1).save_as(path, enforce_file_format=True)
    store.add_image("1.2", sop_class="1", file=path, digest="d", size=1, caller="A")
    for _ in range(25):
        assert store.next_image() is not None
    store.close()
    node = run_node()
    assert node.wait_until_idle(10) and node.store.counts() == {"images refused": 1}
    node.stop()
    node = run_node(retry_refused=True)
    assert node.wait_until_idle(10) and node.store.counts() == {"images assessed": 1}


def test_a_clock_that_was_set_back_stops_nothing(tmp_path: Path, monkeypatch) -> None:
    store, now = Store(tmp_path), [1e9]
    monkeypatch.setattr("time.time", lambda: now[0])
    for uid in ("1.1", "1.2"):
        write_durably(store.images / f"{uid}.dcm", b"a")
        store.add_image(uid, sop_class="1", file=store.images / f"{uid}.dcm", digest="d", size=1, caller="A")
    write_durably(store.results / "r.dcm", b"r")
    store.finish_image("1.1", [ResultObject("2.1", "report", store.results / "r.dcm", 1)], ["PEER"])
    store.postpone("2.1", "PEER", "full", attempts=0, unsure=False)
    store.put_off("1.2", 6.0)
    assert store.next_image() is None and store.due("PEER") == []
    now[0] -= 86_400.0
    image = store.next_image()
    assert image is not None and image.uid == "1.2"
    assert [delivery.object for delivery in store.due("PEER")] == ["2.1"]
    store.close()


def test_web_peer_gets_the_login_of_the_environment(run_node, archive_factory, monkeypatch) -> None:
    archive = archive_factory(AuthenticationEnabled=True, RegisteredUsers={"me": "secret"})
    monkeypatch.setenv("THYROSIGHT_USER", "me")
    monkeypatch.setenv("THYROSIGHT_PASSWORD", "secret")
    node = run_node(peers=(parse_peer(archive.dicomweb),))
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.counts() == {"images assessed": 1, "deliveries delivered": 1}


def test_log_says_why_a_caller_was_turned_away(run_node, caplog: pytest.LogCaptureFixture) -> None:
    node = run_node(callers={"GOOD": None}, connections=1)
    entity = AE(ae_title="GOOD")
    entity.add_requested_context(Verification)
    with caplog.at_level("WARNING", "thyrosight.node"):
        first = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
        for caller, called in (("GOOD", "WRONG"), ("BAD", TITLE), ("GOOD", TITLE)):
            other = AE(ae_title=caller)
            other.add_requested_context(Verification)
            assert other.associate("127.0.0.1", node.port, ae_title=called).is_rejected
        first.release()
    assert [said for said in caplog.messages if said.startswith("rejected")] == [
        "rejected 'GOOD' calling 'WRONG': the node is called THYROSIGHT",
        "rejected 'BAD' calling 'THYROSIGHT': it is no caller that was named",
        "rejected 'GOOD' calling 'THYROSIGHT': 1 callers are connected already",
    ]
