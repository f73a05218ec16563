"""Answers of the node to each object of a connection, and the sentences in its log."""

import logging
import struct
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    UltrasoundMultiFrameImageStorage,
)
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import CTImageStorage

from tests.pacs.conftest import TITLE, send, ultrasound, write_as_stored
from thyrosight.pacs.node import Limits
from thyrosight.pacs.node.classes import IMAGE_CLASSES

Case = Callable[[str], Path]


def of_class(sop_class: str, number: int) -> Dataset:
    data = ultrasound(number)
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = sop_class
    return data


def test_every_class_that_is_agreed_to_is_stored_and_assessed_in_one_connection(run_node) -> None:
    node = run_node()
    images = [of_class(sop_class, number) for number, sop_class in enumerate(IMAGE_CLASSES, start=1)]
    assert len(images) == 7 and send(node.port, *images) == [0x0000] * 7
    assert node.wait_until_idle(30) and node.store.counts() == {"images assessed": 7}


def test_retired_classes_of_the_field(run_node, case: Case) -> None:
    node = run_node()
    images = [pydicom.dcmread(path) for path in sorted(case("18-retired-us-class").glob("*.dcm"))]
    assert send(node.port, *images, *images) == [0x0000] * 6
    assert node.wait_until_idle(30) and node.store.counts()["images assessed"] == 3


def test_other_objects_are_refused_by_name_and_the_connection_goes_on(run_node, caplog) -> None:
    node = run_node()
    scan = of_class(CTImageStorage, 1)
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        assert send(node.port, scan, ultrasound(2), scan, ultrasound(3)) == [0x0122, 0x0000, 0x0122, 0x0000]
    said = f"refused {scan.SOPInstanceUID} from SCANNER: the node does not take CT Image Storage"
    assert sum(said in message for message in caplog.messages) == 2


def test_retired_classes_of_other_objects_are_refused_by_name_too(run_node, caplog) -> None:
    node = run_node()
    retired = {"1.4.1.1.5": "Nuclear Medicine Image Storage", "1.1.30": "Hardcopy Color", "1.4.1.1.77.1": "VL Image",
               "1.4.1.1.9": "Standalone Curve Storage", "1.4.1.1.88.1": "Text SR Storage"}  # fmt: skip
    images = [of_class(f"1.2.840.10008.5.{end}", number) for number, end in enumerate(retired, start=1)]
    assert send(node.port, *images, ultrasound(9)) == [0x0122] * len(retired) + [0x0000]
    assert all(f"the node does not take {name}" in caplog.text for name in retired.values())


def test_unknown_class_over_an_agreed_connection_is_refused_and_the_connection_goes_on(run_node, caplog) -> None:
    """As a sender does that agrees on one class and sends another, which pynetdicom answers by an abort."""
    node = run_node()
    private, loop = of_class("1.2.3.4.5", 1), of_class(UltrasoundMultiFrameImageStorage, 2)
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(ultrasound().SOPClassUID)
    association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
    context = association.accepted_contexts[0]
    association._get_valid_context = lambda *_, **__: context  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        statuses = [association.send_c_store(image).Status for image in (private, loop, ultrasound(3))]
    association.release()
    assert statuses == [0x0122, 0xA900, 0x0000]
    assert f"refused {private.SOPInstanceUID} from SCANNER: the node does not take 1.2.3.4.5" in caplog.messages
    assert any(
        "Multi-frame Image Storage (1.2.840.10008.5.1.4.1.1.3.1) was sent as" in said for said in caplog.messages
    )


@pytest.mark.parametrize("reads", [True, False])
def test_newer_encodings_are_agreed_to_where_something_reads_them(run_node, monkeypatch, reads: bool) -> None:
    monkeypatch.setattr("thyrosight.pacs.node.classes.reads_videos", lambda: reads)
    monkeypatch.setattr("thyrosight.pacs.node.classes.find_spec", lambda _: "found" if reads else None)
    node = run_node()
    offered = ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.1.98"]
    entity = AE(ae_title="SCANNER")
    for syntax in offered:
        entity.add_requested_context(UltrasoundMultiFrameImageStorage, syntax)
    association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
    accepted = [str(context.transfer_syntax[0]) for context in association.accepted_contexts]
    association.release()
    assert accepted == (offered if reads else offered[2:])


def test_declined_encodings_are_named_with_their_caller(run_node, monkeypatch, caplog) -> None:
    monkeypatch.setattr("thyrosight.pacs.node.classes.reads_videos", lambda: False)
    node = run_node()
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(UltrasoundMultiFrameImageStorage, "1.2.840.10008.1.2.4.100")
    entity.add_requested_context("1.2.840.10008.1.1")
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        entity.associate("127.0.0.1", node.port, ae_title=TITLE).release()
    assert any("declined from SCANNER: Ultrasound Multi-frame Image" in said and "MPEG2" in said
               for said in caplog.messages)  # fmt: skip


def encoded(syntax: str, **changes: object) -> Dataset:
    """The first image in another transfer syntax."""
    data = ultrasound()
    for keyword, value in changes.items():
        setattr(data, keyword, value)
    if syntax == RLELossless:
        data.compress(RLELossless)
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = ultrasound().SOPInstanceUID
    data.file_meta.TransferSyntaxUID = syntax
    return data


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, RLELossless, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_same_image_in_another_encoding_is_taken_and_not_assessed_again(run_node, syntax: str) -> None:
    node = run_node()
    assert send(node.port, ultrasound()) == [0x0000] and node.wait_until_idle(20)
    copy = encoded(syntax)
    copy.SpecificCharacterSet, copy.StationName = "ISO_IR 192", "ROUTER"
    copy.add_new(0x00080000, "UL", 400)
    assert send(node.port, copy) == [0x0000]
    assert node.store.counts() == {"images assessed": 1} and len(list(node.store.images.iterdir())) == 1


@pytest.mark.parametrize(
    "changes",
    [{"PatientID": "P-2"}, {"PatientName": "Muster^Berta"}, {"AccessionNumber": "A-8"}, {"PixelData": b"\x10" * 12288}],
)
def test_another_image_with_the_identifier_is_refused_and_the_log_says_why(run_node, caplog, changes) -> None:
    node = run_node()
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        assert send(node.port, ultrasound(), encoded(ImplicitVRLittleEndian, **changes)) == [0x0000, 0x0111]
    reason = "pixels" if "PixelData" in changes else next(iter(changes))
    assert f"received before ({reason})" in caplog.text and f"{ultrasound().SOPInstanceUID} from SCANNER" in caplog.text


def test_image_that_was_deleted_is_known_again_in_another_encoding(run_node) -> None:
    size = len(ultrasound().PixelData)
    node = run_node(limits=Limits(disk=2 * size, free=0))
    for number in (1, 2, 3):
        assert send(node.port, ultrasound(number)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.kept_file(ultrasound().SOPInstanceUID) is None
    again, other = encoded(RLELossless), encoded(RLELossless, PatientID="P-2")
    assert send(node.port, again, other) == [0x0000, 0x0111]
    assert node.store.counts() == {"images assessed": 3}


def test_same_image_of_the_field(run_node, case: Case) -> None:
    node, folder = run_node(), case("26-same-image-other-encoding")
    names = ("explicit", "implicit", "rle", "explicit-with-group-length", "really-other")
    images = [pydicom.dcmread(folder / f"{name}.dcm") for name in names]
    assert send(node.port, *images) == [0x0000] * 4 + [0x0111]
    assert node.wait_until_idle(20) and node.store.counts() == {"images assessed": 1}


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
@pytest.mark.parametrize(
    ("uid", "status", "said"),
    [
        ("1.2.840.99999.1.0104484.7", 0x0000, "has a leading zero, against PS3.5; kept as it is"),
        ("1.2.840.99999.00.7", 0x0000, "has a leading zero"),
        ("1.2.840.99999.0.7", 0x0000, "received 1.2.840.99999.0.7 from SCANNER"),
        ("3.2.840.1.5", 0x0000, "received 3.2.840.1.5 from SCANNER"),
        ("1.2.840.99999.1.9.", 0x0117, "from SCANNER: it begins or ends with a dot"),
        ("1.2..840", 0x0117, "from SCANNER: two dots follow each other"),
        ("1.2.a", 0x0117, "from SCANNER: it holds other characters than digits and dots"),
        ("12", 0x0117, "from SCANNER: it has one component only"),
    ],
)
def test_identifiers_that_break_the_standard(run_node, caplog, uid: str, status: int, said: str) -> None:
    node = run_node()
    path = write_as_stored(node.settings.folder.parent / "scan.dcm", ultrasound(), SOPInstanceUID=uid.encode())
    image = pydicom.dcmread(path)
    with pydicom.config.disable_value_validation(), caplog.at_level(logging.INFO, "thyrosight.node"):
        image.file_meta.MediaStorageSOPInstanceUID = uid
        assert send(node.port, image) == [status]
    assert said in caplog.text and node.wait_until_idle(20)
    assert node.store.counts() == ({} if status else {"images assessed": 1})  # results refer to it as it is


def _asked(port: int, *changes: dict[str, object]) -> list[int | None]:
    """Statuses of requests to store one image in one connection, each changed in its own way; None: no answer."""
    entity, image = AE(ae_title="SCANNER"), ultrasound()
    entity.add_requested_context(image.SOPClassUID, image.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title=TITLE)
    statuses: list[int | None] = []
    content = encode(image, False, True)
    for number, changed in enumerate(changes, start=1):
        request = C_STORE()
        request.MessageID, request.Priority, request.DataSet = number, 2, BytesIO(content or b"")
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
        for name, value in changed.items():
            setattr(request, name, value)  # the private names, since the library's own lets nothing unfit in
        association._reactor_checkpoint.clear()
        association.dimse.send_msg(request, association.accepted_contexts[0].context_id)
        answer = association.dimse.get_msg(block=True)[1]
        association._reactor_checkpoint.set()
        statuses.append(None if answer is None else answer.Status)
    association.release()
    return statuses


@pytest.mark.filterwarnings("ignore:The value length:UserWarning")  # of whoever sends it
def test_a_request_that_is_not_whole_is_answered_and_the_connection_goes_on(run_node, caplog) -> None:
    node = run_node()
    long = UID("1.2." + "3" * 62)
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        assert _asked(
            node.port, {"_affected_sop_instance_uid": long}, {"_affected_sop_instance_uid": None},
            {"_affected_sop_class_uid": None}, {"DataSet": None}, {},
        ) == [0x0117, 0x0117, 0xC000, 0xA900, 0x0000]  # fmt: skip
    assert f"refused '{long}' from SCANNER: it has 66 characters, and 64 are allowed" in caplog.text
    assert "refused '' from SCANNER: it is empty" in caplog.text
    assert "the request lacks its class or the object itself" in caplog.text
    assert node.wait_until_idle(20) and node.store.counts() == {"images assessed": 1}


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_identifiers_of_the_field(run_node, case: Case) -> None:
    node = run_node()
    for name, status in (("component-leading-zero", 0), ("fine", 0), ("root-3", 0), ("trailing-blank", 0),
                         ("trailing-dot", 0x0117)):  # fmt: skip
        with pydicom.config.disable_value_validation():
            image = pydicom.dcmread(case("27-uid-leading-zero") / f"{name}.dcm")
            assert send(node.port, image) == [status], name
    assert node.wait_until_idle(20) and node.store.counts() == {"images assessed": 4}


def test_log_names_object_and_caller_and_no_file_of_the_node(run_node, caplog) -> None:
    node = run_node()
    black, broken = ultrasound(1), ultrasound(2)
    black.PixelData = bytes(len(black.PixelData))
    broken.Rows = 4000
    with caplog.at_level(logging.INFO, "thyrosight.node"):
        assert send(node.port, black, broken) == [0x0000, 0x0000] and node.wait_until_idle(20)
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warned) == 2
    for image, said in zip((black, broken), warned, strict=True):
        assert said.startswith(f"not assessed {image.SOPInstanceUID} from SCANNER: ")
    assert str(node.settings.folder) not in caplog.text and ".dcm" not in caplog.text


def test_object_that_cannot_be_parsed_is_refused_by_name(run_node, caplog) -> None:
    node = run_node()
    data = ultrasound()
    data.add_new(0x00091001, "UN", struct.pack("<I", 7))
    data.ImageComments = "x"
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(data.SOPClassUID, ImplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        empty = Dataset()
        empty.SOPClassUID, empty.SOPInstanceUID = data.SOPClassUID, "1.2.3"
        empty.file_meta = pydicom.dataset.FileMetaDataset()
        empty.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        status = association.send_c_store(empty).Status
    association.release()
    assert status == 0x0000 and node.wait_until_idle(20)  # parsed, kept, and not assessed: no picture in it
    assert any(said.startswith("not assessed 1.2.3 from SCANNER") for said in caplog.messages)


def test_defect_refuses_one_object_by_name_and_the_connection_goes_on(run_node, monkeypatch, caplog) -> None:
    node = run_node()
    add, calls = node.store.add_image, []

    def broken(uid: str, **given: object) -> bool:
        calls.append(uid)
        if len(calls) == 1:
            raise ZeroDivisionError("a defect")
        return add(uid, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(node.store, "add_image", broken)
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        assert send(node.port, ultrasound(1), ultrasound(2)) == [0x0110, 0x0000]
    assert f"refused {ultrasound(1).SOPInstanceUID} from SCANNER: unexpected error" in caplog.messages


def test_connection_that_breaks_off_is_logged(run_node, caplog) -> None:
    node = run_node()
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context("1.2.840.10008.1.1")
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        entity.associate("127.0.0.1", node.port, ae_title=TITLE).abort()
        for _ in range(50):
            if caplog.messages:
                break
            time.sleep(0.1)
    assert "connection of SCANNER broke off; what was not acknowledged stays with the sender" in caplog.messages
