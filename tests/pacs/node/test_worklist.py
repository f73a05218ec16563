"""The patient list from a modality worklist: dcmtk's server, and one that is away."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from typer.testing import CliRunner

from tests.pacs.conftest import free_port, send, tool, ultrasound
from thyrosight.cli.main import app
from thyrosight.errors import ThyroSightError
from thyrosight.pacs import DicomError, as_source
from thyrosight.pacs.node import parse_peer
from thyrosight.pacs.node.peers import UnreachableError
from thyrosight.pacs.node.worklist import PatientList, Scheduled, scheduled

TODAY = date.today()


def entry(
    patient: str, accession: str, *, name: str = "Muster^Anna", day: date = TODAY, modality: str = "US"
) -> Dataset:
    item, step = Dataset(), Dataset()
    item.SpecificCharacterSet = "ISO_IR 192"
    item.PatientID, item.PatientName, item.AccessionNumber = patient, name, accession
    item.PatientBirthDate, item.PatientSex, item.StudyInstanceUID = "19700102", "F", f"1.2.3.{accession[2:]}"
    item.RequestedProcedureID, item.RequestedProcedureDescription = "R1", "Ultrasound of the thyroid"
    step.Modality, step.ScheduledStationAETitle = modality, "SCANNER"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = f"{day:%Y%m%d}", "1015"
    step.ScheduledProcedureStepDescription, step.ScheduledProcedureStepID = "Thyroid", "S1"
    item.ScheduledProcedureStepSequence = [step]
    item.file_meta = FileMetaDataset()
    item.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    item.file_meta.MediaStorageSOPClassUID, item.file_meta.MediaStorageSOPInstanceUID = (
        "1.2.276.0.7230010.3.1.0.1",
        "1.2",
    )
    return item


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run dcmtk's worklist server with these entries; its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*entries: Dataset, options: Sequence[str] = ()) -> str:
        program, port = tool("wlmscpfs", "dcmtk"), free_port()
        folder = tmp_path / "worklists" / "RIS"
        folder.mkdir(parents=True)
        (folder / "lockfile").touch()
        for number, item in enumerate(entries):
            item.save_as(folder / f"{number}.wl", enforce_file_format=True)
        running.append(
            subprocess.Popen(
                [program, "-dfp", str(folder.parent), "-dfr", *options, str(port)], stderr=subprocess.DEVNULL
            )
        )
        entity = AE(ae_title="TEST")
        entity.add_requested_context(Verification)
        for _ in range(50):
            association = entity.associate("127.0.0.1", port, ae_title="RIS")
            if association.is_established:
                association.release()
                return f"dicom://RIS@127.0.0.1:{port}"
            time.sleep(0.1)
        raise AssertionError("the worklist server did not start")

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=10)


def test_list_of_dcmtk_is_read_by_day_and_modality(serve) -> None:
    url = serve(entry("P-1", "A-7", name="Müller^Åsa"), entry("P-2", "A-8", modality="CT"),
                entry("P-3", "A-9", day=date(2020, 1, 1)))  # fmt: skip
    found = scheduled(parse_peer(url), TODAY, TODAY, own_title="THYROSIGHT", context=None)
    assert found == [Scheduled("P-1", "Müller^Åsa", "A-7", f"{TODAY:%Y%m%d}", "1015", "US", "Thyroid")]
    result = CliRunner().invoke(app, ["pacs", "worklist", url, "--modality", ""])
    assert result.exit_code == 0
    assert [line.split("\t")[2:5] for line in result.output.splitlines()] == [["P-1", "Müller^Åsa", "A-7"],
                                                                             ["P-2", "Muster^Anna", "A-8"]]  # fmt: skip


def test_names_are_read_in_the_set_that_the_list_states(serve) -> None:
    stated = {"\\ISO 2022 IR 87": "Yamada^Taro=山田^太郎", "ISO_IR 101": "Łukasz^Ąę", "ISO_IR 144": "Иванов^Иван",
              "ISO_IR 192": "王^小东"}  # fmt: skip
    entries = [entry(f"P-{number}", f"A-{number}", name=name) for number, name in enumerate(stated.values())]
    for one, sets in zip(entries, stated, strict=True):
        one.SpecificCharacterSet = sets.split("\\")
    peer = parse_peer(serve(*entries, options=["-csk"]))
    found = scheduled(peer, TODAY, TODAY, own_title="TEST", context=None)
    assert sorted(one.patient_name for one in found) == sorted(stated.values())


def test_escape_sequences_are_followed_where_the_list_states_no_set(serve) -> None:
    item = entry("P-1", "A-1", name="Yamada^Taro=山田^太郎")
    item.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    found = scheduled(parse_peer(serve(item)), TODAY, TODAY, own_title="TEST", context=None)
    assert [one.patient_name for one in found] == ["Yamada^Taro=山田^太郎"]


def test_node_assesses_the_patients_of_the_list_only(serve, run_node, caplog) -> None:
    node = run_node(worklist=parse_peer(serve(entry("P-1", "A-99"), entry("P-9", "A-10"))))
    by_number, by_accession, neither = ultrasound(1), ultrasound(2), ultrasound(3)
    by_accession.PatientID, by_accession.AccessionNumber = "P-5", "A-10"
    neither.PatientID = "P-6"
    assert send(node.port, by_number, by_accession, neither) == [0x0000] * 3 and node.wait_until_idle(20)
    assert node.store.counts() == {"images assessed": 2, "images refused": 1}
    reason = "The patient is not on the worklist; the image is kept, and assessed once the patient is on it."
    assert f"not assessed {neither.SOPInstanceUID} from SCANNER: {reason}" in caplog.messages


def test_images_wait_for_a_worklist_that_is_away(run_node) -> None:
    node = run_node(worklist=parse_peer(f"dicom://RIS@127.0.0.1:{free_port()}"))
    assert send(node.port, ultrasound(1)) == [0x0000] and not node.wait_until_idle(1.5)
    assert node.store.counts() == {"images received": 1}
    assert node.store.rows("SELECT attempts FROM images")[0][0] <= 1  # not held against the image


def test_images_of_known_patients_pass_those_that_wait_for_a_worklist_that_is_away(run_node, monkeypatch) -> None:
    answers: list[list[str] | None] = [["P-1"], None]
    asked = []

    def ask(*_: object, **__: object) -> list[Scheduled]:
        asked.append(1)
        patients = answers[0] if len(answers) == 1 else answers.pop(0)
        if patients is None:
            raise UnreachableError("the worklist is away")
        return [Scheduled(patient, "", "", "", "", "US", "") for patient in patients]

    monkeypatch.setattr("thyrosight.pacs.node.node.scheduled", ask)
    monkeypatch.setattr("thyrosight.pacs.node.node.REFRESHED", 3600.0)
    monkeypatch.setattr("thyrosight.pacs.node.worklist.ASKED_AGAIN", 0.5)
    monkeypatch.setattr("thyrosight.pacs.node.assessing.ASKED_AGAIN", 0.5)
    node = run_node(worklist=parse_peer("dicom://RIS@127.0.0.1:104"))
    first, unknown, known = ultrasound(1), ultrasound(2), ultrasound(3)
    unknown.PatientID = "P-8"
    assert send(node.port, first) == [0x0000] and node.wait_until_idle(20)
    time.sleep(0.6)  # until the list may be asked again
    assert send(node.port, unknown, known) == [0x0000] * 2
    for _ in range(100):
        if node.store.counts().get("images assessed") == 2:
            break
        time.sleep(0.1)
    assert node.store.counts() == {"images assessed": 2, "images received": 1}
    answers[:] = [["P-8"]]
    for _ in range(100):
        if node.store.counts() == {"images assessed": 3}:
            break
        time.sleep(0.1)
    assert node.store.counts() == {"images assessed": 3}


def test_a_worklist_that_is_away_is_not_asked_for_each_image() -> None:
    now, asked = [0.0], []

    def ask(*_: object) -> list[Scheduled]:
        asked.append(now[0])
        raise UnreachableError("no answer")

    patients = PatientList(ask, clock=lambda: now[0])
    for now[0] in (0.0, 1.0, 6.0, 6.1, 12.2):
        with pytest.raises(UnreachableError, match="no answer"):
            patients.require(as_source(ultrasound(1), "scan.dcm"))
    assert asked == [0.0, 6.1, 12.2]


def test_image_is_assessed_once_its_patient_comes_onto_the_list(run_node, monkeypatch) -> None:
    patients = ["P-9"]

    def ask(*_: object, **__: object) -> list[Scheduled]:
        return [Scheduled(patient, "", "", "", "", "US", "") for patient in patients]

    monkeypatch.setattr("thyrosight.pacs.node.node.scheduled", ask)
    monkeypatch.setattr("thyrosight.pacs.node.node.REFRESHED", 0.2)
    node = run_node(worklist=parse_peer("dicom://RIS@127.0.0.1:104"))
    assert send(node.port, ultrasound(1)) == [0x0000] and node.wait_until_idle(20)
    assert node.store.counts() == {"images refused": 1}
    patients.append("P-1")
    for _ in range(50):
        if node.store.counts() == {"images assessed": 1}:
            break
        time.sleep(0.1)
    assert node.store.counts() == {"images assessed": 1}


def test_list_is_asked_for_again_for_a_patient_who_is_not_on_it() -> None:
    asked: list[date] = []
    patients = ["P-2"]
    now = [0.0]

    def ask(first: date, last: date) -> list[Scheduled]:
        asked.append(first)
        return [Scheduled(patient, "", "", "", "", "US", "") for patient in patients]

    known = PatientList(ask, clock=lambda: now[0])
    source = as_source(ultrasound(1), "scan.dcm")
    with pytest.raises(DicomError, match="not on the worklist"):
        known.require(source)
    patients.append("P-1")
    with pytest.raises(DicomError):
        known.require(source)  # asked a moment ago
    now[0] = 10.0
    known.require(source)
    patients.clear()
    now[0] = 100.0
    known.require(source)  # who was on the list stays on it
    assert len(asked) == 2


def test_what_is_no_worklist_is_named(run_node) -> None:
    node = run_node()
    with pytest.raises(UnreachableError, match="or offers no modality worklist"):
        scheduled(parse_peer(f"dicom://THYROSIGHT@127.0.0.1:{node.port}"), TODAY, TODAY, own_title="X", context=None)
    result = CliRunner().invoke(app, ["pacs", "worklist", "https://ris/dicom-web"])
    assert isinstance(result.exception, ThyroSightError) and "no modality worklist" in str(result.exception)
    with pytest.raises(DicomError, match="no modality worklist"):
        run_node("other", worklist=parse_peer("https://ris/dicom-web"))
