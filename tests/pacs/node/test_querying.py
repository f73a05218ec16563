"""Queries and retrievals over what the node holds, by pynetdicom, dcmtk and Orthanc."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest
import requests
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless
from pynetdicom import AE, DEFAULT_TRANSFER_SYNTAXES, build_role, evt
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    UltrasoundImageStorage,
)

from tests.pacs.conftest import TITLE, Archive, free_port, send, tool, ultrasound
from thyrosight.pacs.node import Node, parse_peer
from thyrosight.pacs.node.peers import Peer

STUDY, OTHER = "1.2.826.0.1.3680043.10.43.1", "1.2.826.0.1.3680043.10.43.8"


def image(number: int, **changes: object) -> Dataset:
    data = ultrasound(number)
    for keyword, value in changes.items():
        setattr(data, keyword, value)
    return data


@pytest.fixture
def filled(run_node) -> Callable[..., Node]:
    """A node that holds two images of one study, and one of another patient, each with its report."""

    def start(**settings: object) -> Node:
        node = run_node(kinds=("report",), **settings)
        other = {"StudyInstanceUID": OTHER, "SeriesInstanceUID": f"{OTHER}.1", "PatientID": "P-2",
                 "PatientName": "Beispiel^Bernd", "StudyDate": "20260301", "AccessionNumber": "B-1"}  # fmt: skip
        assert send(node.port, image(1), image(2), image(3, **other)) == [0x0000] * 3
        assert node.wait_until_idle(20)
        return node

    return start


def find(port: int, model: str = StudyRootQueryRetrieveInformationModelFind, **keys: object) -> list[Dataset]:
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(model)
    association = entity.associate("127.0.0.1", port, ae_title=TITLE)
    query = Dataset()
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    answers = list(association.send_c_find(query, model))
    association.release()
    assert answers[-1][0].Status == 0x0000
    return [item for status, item in answers if status.Status == 0xFF00]


def test_each_level_and_what_belongs_to_it(filled) -> None:
    port = filled().port
    wanted = ("StudyInstanceUID", "StudyDate", "ModalitiesInStudy", "PatientName", "NumberOfStudyRelatedSeries",
              "NumberOfStudyRelatedInstances", "StudyComments")  # fmt: skip
    studies = find(port, QueryRetrieveLevel="STUDY", **dict.fromkeys(wanted, ""))
    assert [(one.StudyInstanceUID, one.StudyDate, str(one.PatientName)) for one in studies] == [
        (STUDY, "20260102", "Muster^Anna"), (OTHER, "20260301", "Beispiel^Bernd"),
    ]  # fmt: skip
    first = studies[0]
    assert list(first.ModalitiesInStudy) == ["SR", "US"] and first.RetrieveAETitle == TITLE
    assert (int(first.NumberOfStudyRelatedSeries), int(first.NumberOfStudyRelatedInstances)) == (2, 4)
    assert "StudyComments" in first and not first.StudyComments  # asked for and not known
    series = find(port, QueryRetrieveLevel="SERIES", StudyInstanceUID=STUDY, SeriesInstanceUID="", Modality="",
                  NumberOfSeriesRelatedInstances="")  # fmt: skip
    assert sorted((one.Modality, int(one.NumberOfSeriesRelatedInstances)) for one in series) == [("SR", 2), ("US", 2)]
    images = find(port, QueryRetrieveLevel="IMAGE", StudyInstanceUID=STUDY, Modality="US", SOPInstanceUID="", Rows=None)
    assert sorted(one.SOPInstanceUID for one in images) == [ultrasound(1).SOPInstanceUID, ultrasound(2).SOPInstanceUID]
    assert {one.Rows for one in images} == {96}
    patients = find(port, PatientRootQueryRetrieveInformationModelFind, QueryRetrieveLevel="PATIENT", PatientID="",
                    NumberOfPatientRelatedInstances="")  # fmt: skip
    assert [(one.PatientID, int(one.NumberOfPatientRelatedInstances)) for one in patients] == [("P-1", 4), ("P-2", 2)]


def test_keys_select(filled) -> None:
    port = filled().port

    def studies(**keys: str) -> list[str]:
        given = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": ""} | keys
        return [one.StudyInstanceUID for one in find(port, **given)]

    assert studies(PatientName="muster*") == [STUDY] and studies(PatientID="P-2") == [OTHER]
    assert studies(StudyDate="20260201-") == [OTHER] and studies(AccessionNumber="A-7") == [STUDY]
    assert studies(StudyInstanceUID=f"{STUDY}\\{OTHER}") == [STUDY, OTHER] and studies(ModalitiesInStudy="CT") == []


@pytest.mark.filterwarnings("ignore")
def test_numbers_with_a_decimal_comma_are_answered_as_dicom_writes_them(run_node, write_ultrasound, tmp_path) -> None:
    node = run_node()
    data = pydicom.dcmread(write_ultrasound())
    for keyword, word in (("InstanceNumber", b"7,0 "), ("SeriesNumber", b"B2"), ("NumberOfFrames", b"1,0 ")):
        tag = pydicom.tag.Tag(keyword)
        data[tag] = pydicom.dataelem.RawDataElement(tag, "IS", len(word), word, 0, False, True, True)
    data.save_as(tmp_path / "comma.dcm")
    assert send(node.port, pydicom.dcmread(tmp_path / "comma.dcm")) == [0x0000] and node.wait_until_idle(20)
    keys = {"SeriesNumber": "", "InstanceNumber": "", "NumberOfFrames": "", "SOPClassUID": "", "Modality": "US"}
    (answer,) = find(
        node.port, QueryRetrieveLevel="IMAGE", StudyInstanceUID=str(data.StudyInstanceUID),
        SeriesInstanceUID=str(data.SeriesInstanceUID), **keys,
    )  # fmt: skip
    assert (answer.InstanceNumber, answer.NumberOfFrames, answer.SeriesNumber) == (7, 1, None)


def test_index_of_an_older_node_is_made_at_the_start(filled, run_node) -> None:
    node = filled()
    with node.store.transaction() as run:
        run("DELETE FROM held")
    node.stop()
    assert len(find(run_node().port, QueryRetrieveLevel="STUDY", StudyInstanceUID="")) == 2


def get(port: int, syntax: str = ExplicitVRLittleEndian, **keys: str) -> list[Dataset]:
    received: list[Dataset] = []

    def take(event) -> int:
        data = event.dataset
        data.file_meta = event.file_meta
        received.append(data)
        return 0x0000

    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    entity.add_requested_context(UltrasoundImageStorage, syntax)
    role = build_role(UltrasoundImageStorage, scp_role=True)
    association = entity.associate(
        "127.0.0.1", port, ae_title=TITLE, ext_neg=[role], evt_handlers=[(evt.EVT_C_STORE, take)]
    )
    query = Dataset()
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    statuses = [status.Status for status, _ in association.send_c_get(query, StudyRootQueryRetrieveInformationModelGet)]
    association.release()
    assert statuses[-1] == 0x0000
    return received


def test_get_gives_the_same_bytes_and_decompresses_where_asked(run_node) -> None:
    node = run_node()
    packed = image(5, SOPInstanceUID="1.2.826.0.1.3680043.10.43.1000.55")
    packed.compress(RLELossless)
    packed.SOPInstanceUID = packed.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.10.43.1000.55"
    assert send(node.port, image(1), packed) == [0x0000] * 2 and node.wait_until_idle(20)
    keys = {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": STUDY}
    (back,) = get(node.port, **keys, SOPInstanceUID=image(1).SOPInstanceUID)
    assert back.PixelData == image(1).PixelData and back.PatientName == "Muster^Anna"
    (plain,) = get(node.port, **keys, SOPInstanceUID=packed.SOPInstanceUID)
    assert plain.PixelData == image(5).PixelData and plain.SOPInstanceUID == packed.SOPInstanceUID
    (kept,) = get(node.port, RLELossless, **keys, SOPInstanceUID=packed.SOPInstanceUID)
    assert kept.PixelData == packed.PixelData
    assert get(node.port, QueryRetrieveLevel="STUDY") == []  # without an identifier, nothing is given out


@pytest.fixture
def place() -> Iterator[Callable[..., tuple[Peer, list[Dataset]]]]:
    """An archive that takes images in the encodings named (by default uncompressed), and reports."""
    servers = []

    def start(*syntaxes: str) -> tuple[Peer, list[Dataset]]:
        received: list[Dataset] = []

        def take(event) -> int:
            data = event.dataset
            data.file_meta = event.file_meta
            received.append(data)
            return 0x0000

        entity = AE(ae_title="PLACE")
        entity.add_supported_context(UltrasoundImageStorage, syntaxes or DEFAULT_TRANSFER_SYNTAXES)
        entity.add_supported_context("1.2.840.10008.5.1.4.1.1.88.22")
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, take)])
        servers.append(server)
        return parse_peer(f"dicom://PLACE@127.0.0.1:{server.server_address[1]}"), received

    yield start
    for server in servers:
        server.shutdown()


def move(port: int, title: str, **keys: str) -> int:
    """Ask the node to send what matches; the last status."""
    entity = AE(ae_title="SCANNER")
    entity.add_requested_context(StudyRootQueryRetrieveInformationModelMove)
    query = Dataset()
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    association = entity.associate("127.0.0.1", port, ae_title=TITLE)
    answers = list(association.send_c_move(query, title, StudyRootQueryRetrieveInformationModelMove))
    association.release()
    return int(answers[-1][0].Status)


def test_move_to_places_that_are_known_only(filled, place) -> None:
    address, received = place()
    node = filled(callers={"SCANNER": None, "PLACE": address})
    study = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": STUDY}
    assert (move(node.port, "NOWHERE", **study), len(received)) == (0xA801, 0)
    assert (move(node.port, "PLACE", **study), len(received)) == (0x0000, 4)


@pytest.mark.parametrize("takes", [(), (RLELossless,), (ExplicitVRLittleEndian, RLELossless)])
def test_move_decompresses_for_a_place_that_takes_only_that(run_node, place, takes: tuple[str, ...]) -> None:
    address, received = place(*takes)
    node = run_node(callers={"SCANNER": None, "PLACE": address})
    packed = image(5)
    packed.compress(RLELossless)
    packed.SOPInstanceUID = packed.file_meta.MediaStorageSOPInstanceUID = f"{STUDY}.55"
    assert send(node.port, packed) == [0x0000] and node.wait_until_idle(20)
    keys = {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": STUDY, "SOPInstanceUID": f"{STUDY}.55"}
    assert move(node.port, "PLACE", **keys) == 0x0000
    (there,) = received
    assert there.file_meta.TransferSyntaxUID.is_compressed == (RLELossless in takes)
    assert there.PixelData == (packed if RLELossless in takes else image(5)).PixelData
    assert there.SOPInstanceUID == f"{STUDY}.55"


def test_dcmtk_finds_moves_and_gets(filled, tmp_path: Path) -> None:
    findscu, movescu, getscu = (tool(name, "dcmtk") for name in ("findscu", "movescu", "getscu"))
    port = free_port()
    mover = parse_peer(f"dicom://MOVER@127.0.0.1:{port}")
    node = filled(callers={"SCANNER": None, "MOVER": mover})
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={STUDY}"]
    address = ["-aec", TITLE, "127.0.0.1", str(node.port)]
    for name in ("found", "moved", "got"):
        (tmp_path / name).mkdir()
    command = [findscu, "-S", "-X", "-od", tmp_path / "found", "-aet", "SCANNER", *keys, "-k", "PatientName", *address]
    subprocess.run(command, check=True, capture_output=True)
    (answer,) = (pydicom.dcmread(path, force=True) for path in (tmp_path / "found").iterdir())
    assert str(answer.PatientName) == "Muster^Anna"
    command = [
        movescu,
        "-S",
        "-aet",
        "MOVER",
        "-aem",
        "MOVER",
        "--port",
        str(port),
        "-od",
        tmp_path / "moved",
        *keys,
        *address,
    ]
    subprocess.run(command, check=True, capture_output=True)
    command = [getscu, "-S", "-aet", "SCANNER", "-od", tmp_path / "got", *keys, *address]
    subprocess.run(command, check=True, capture_output=True)
    for name in ("moved", "got"):
        uids = {pydicom.dcmread(path).SOPInstanceUID for path in (tmp_path / name).iterdir()}
        assert len(uids) == 4 and {ultrasound(1).SOPInstanceUID, ultrasound(2).SOPInstanceUID} <= uids, name


@pytest.fixture
def keeper(archive_factory) -> Iterator[tuple[Archive, int]]:
    port = free_port()
    yield archive_factory(DicomModalities={"node": [TITLE, "127.0.0.1", port]}, DicomAet="FINDER"), port


def test_orthanc_finds_and_retrieves(filled, keeper: tuple[Archive, int]) -> None:
    archive, port = keeper
    filled(port=port, callers={"SCANNER": None, "FINDER": parse_peer(f"dicom://FINDER@127.0.0.1:{archive.dicom}")})
    query = {"Level": "Study", "Query": {"PatientID": "P-1", "StudyDescription": ""}}
    asked = requests.post(f"{archive.rest}/modalities/node/query", json=query, timeout=20).json()["ID"]
    assert archive.get(f"/queries/{asked}/answers") == ["0"]
    content = archive.get(f"/queries/{asked}/answers/0/content?simplify")
    assert content["StudyInstanceUID"] == STUDY  # type: ignore[call-overload, index]
    requests.post(f"{archive.rest}/queries/{asked}/answers/0/retrieve", data="FINDER", timeout=30).raise_for_status()
    for _ in range(50):
        if len(archive.stored()) == 4:
            break
        time.sleep(0.1)
    assert {ultrasound(1).SOPInstanceUID, ultrasound(2).SOPInstanceUID} <= {
        item["SOPInstanceUID"] for item in archive.stored()
    } and len(archive.stored()) == 4
