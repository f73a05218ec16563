"""Small ultrasound images as DICOM, an assessment, and a real archive on this machine."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import requests
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage, UltrasoundMultiFrameImageStorage
from pynetdicom import AE

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, read_frame
from thyrosight.inference import RESEARCH_USE, Assessment, HeatMap, OperatingPoint
from thyrosight.pacs.node import Node, NodeSettings
from thyrosight.pacs.objects import Assessed

ROWS, COLUMNS = 96, 128
TITLE = "THYROSIGHT"
_PLUGINS = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"))


def speckle(seed: int, frames: int | None = None) -> NDArray[np.uint8]:
    shape = (ROWS, COLUMNS) if frames is None else (frames, ROWS, COLUMNS)
    return np.random.default_rng(seed).integers(20, 200, shape, dtype=np.uint8)


def ultrasound(number: int = 1, *, frames: int | None = None) -> Dataset:
    """A dataset like a scanner's: still, or a loop of `frames`; calibrated at 0.1 mm per row and 0.2 per column."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = UltrasoundMultiFrameImageStorage if frames else UltrasoundImageStorage
    data.SOPInstanceUID = f"1.2.826.0.1.3680043.10.43.{1000 + (frames or 0)}.{number}"
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.826.0.1.3680043.10.43.1", "1.2.826.0.1.3680043.10.43.2"
    data.PatientName, data.PatientID, data.PatientSex, data.PatientBirthDate = "Muster^Anna", "P-1", "F", "19700102"
    data.StudyID, data.StudyDate, data.StudyTime, data.AccessionNumber = "1", "20260102", "101500", "A-7"
    data.ReferringPhysicianName, data.Manufacturer, data.Laterality, data.PatientOrientation = "", "Maker", "", ""
    data.Modality, data.SeriesNumber, data.InstanceNumber = "US", 1, number
    data.ImageType = ["ORIGINAL", "PRIMARY", "SMALL PARTS", "0001"]
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = COLUMNS - 1, ROWS - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.01
    data.SequenceOfUltrasoundRegions = [region]
    if frames:
        data.NumberOfFrames, data.FrameTime, data.FrameIncrementPointer = frames, 40, 0x00181063
    data.PixelData = speckle(number, frames).tobytes()
    return data


@pytest.fixture
def write_ultrasound(tmp_path: Path) -> Callable[..., Path]:
    """Write an image, changed by keyword arguments, and give its path."""

    def write(number: int = 1, *, frames: int | None = None, folder: Path | None = None, **changes: object) -> Path:
        data = ultrasound(number, frames=frames)
        for keyword, value in changes.items():
            setattr(data, keyword, value)
        if "SOPInstanceUID" in changes:
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        path = (folder or tmp_path) / f"us-{number}-{frames or 0}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        data.save_as(path, enforce_file_format=True)
        return path

    return write


def write_as_stored(path: Path, data: Dataset, **values: bytes) -> Path:
    """Write a dataset with some values as the bytes given, whatever the standard says of them."""
    data.save_as(path, enforce_file_format=True)
    content = path.read_bytes()
    for keyword, given in values.items():
        tag = Tag(keyword)
        value = given + (b"\0" if dictionary_VR(tag) == "UI" else b" ") * (len(given) % 2)
        element = struct.pack("<HH2sH", tag.group, tag.element, dictionary_VR(tag).encode(), len(value)) + value
        if tag in data:
            start = content.index(element[:6])
            (length,) = struct.unpack("<H", content[start + 6 : start + 8])
            content = content[:start] + element + content[start + 8 + length :]
        else:
            following = next(later for later in sorted(data.keys()) if later > tag)
            head = struct.pack("<HH", following.group, following.element)
            start = content.index(head + dictionary_VR(following).encode())
            content = content[:start] + element + content[start:]
    path.write_bytes(content)
    return path


def make_assessment(frame: int = 0, **changes: object) -> Assessment:
    """An assessment of a nodule of 40 x 20 pixels with an elliptic contour, 2 mm high and 8 mm wide."""
    heat = np.zeros((ROWS, COLUMNS), dtype=np.float32)
    heat[35:50, 50:70] = 0.02
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    given: dict[str, object] = {
        "image": "scan.dcm",
        "frame_number": frame,
        "probability": 0.3,
        "calibrated_risk": 0.4125,
        "label": "malignant",
        "operating_point": OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part of division-01"),
        "box": Box(40, 30, 80, 50),
        "box_origin": "given with the image",
        "contour": tuple((60 + 20 * float(np.cos(one)), 40 + 10 * float(np.sin(one))) for one in angle),
        "size_mm": (2.0, 8.0),
        "size_reason": "the box times the pixel spacing; ultrasound regions",
        "quality_flags": ("small image",),
        "model": "Tiny trained on phantoms",
        "model_hash": "ab" * 32,
        "label_source": "simulated",
        "split_kind": "patient-level",
        "research_use": RESEARCH_USE,
        "heat_map": HeatMap(heat, 0.02, Box(30, 20, 90, 60)),
    }
    return Assessment(**(given | changes))  # type: ignore[arg-type]


@pytest.fixture
def assessment() -> Callable[..., Assessment]:
    return make_assessment


@pytest.fixture
def frame() -> Frame:
    return Frame(speckle(1), "scan.dcm", (0.1, 0.2), "ultrasound regions")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class Archive:
    """A running Orthanc."""

    http: int
    dicom: int
    title: str = "ORTHANC"

    @property
    def rest(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def dicomweb(self) -> str:
        return f"{self.rest}/dicom-web"

    def get(self, path: str) -> object:
        return requests.get(f"{self.rest}{path}", timeout=10).json()

    def stored(self) -> list[dict[str, str]]:
        """The main tags of every instance."""
        found = self.get("/instances?expand")
        assert isinstance(found, list)
        return [item["MainDicomTags"] | {"ID": item["ID"]} for item in found]

    def file(self, uid: str) -> bytes:
        found = requests.post(f"{self.rest}/tools/lookup", data=uid, timeout=10).json()
        return requests.get(f"{self.rest}{found[0]['Path']}/file", timeout=10).content


@pytest.fixture(scope="session")
def archive_factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Archive]]:
    """Start Orthanc with its DICOMweb plug-in on free ports of this machine; skips where it is not installed."""
    program = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
    plugin = next((path for folder in _PLUGINS for path in folder.glob("libOrthancDicomWeb.so*")), None)
    if program is None or plugin is None:
        pytest.skip("no Orthanc with its DICOMweb plug-in here (Debian: apt-get install orthanc orthanc-dicomweb)")
    running: list[subprocess.Popen[bytes]] = []

    def start(**settings: object) -> Archive:
        archive = Archive(free_port(), free_port())
        folder = tmp_path_factory.mktemp("orthanc")
        configuration = {
            "Name": "test", "StorageDirectory": str(folder / "store"), "IndexDirectory": str(folder / "store"),
            "HttpPort": archive.http, "DicomPort": archive.dicom, "DicomAet": archive.title,
            "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "HttpServerEnabled": True,
            "DicomAlwaysAllowStore": True, "DicomAlwaysAllowFind": True, "DicomCheckCalledAet": False,
            "SynchronousCMove": True, "Plugins": [str(plugin)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        } | settings  # fmt: skip
        (folder / "orthanc.json").write_text(json.dumps(configuration), encoding="utf-8")
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log)
        running.append(process)
        for _ in range(150):
            time.sleep(0.1)
            try:
                if requests.get(f"{archive.rest}/system", timeout=5).status_code in (200, 401):
                    return archive
            except requests.ConnectionError:
                assert process.poll() is None, (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        raise AssertionError("Orthanc did not start within 15 s")

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def archive(archive_factory: Callable[..., Archive]) -> Archive:
    """One archive that all tests share; each test uses its own identifiers."""
    return archive_factory()


def tool(name: str, package: str) -> str:
    """The path of a program; the test skips where it is not installed.

    pynetdicom installs Python programs under the names of dcmtk's; these are passed over, in whatever environment.
    """
    for place in os.environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(name, path=place)
        if found is not None and Path(found).read_bytes()[:2] != b"#!":
            return found
    pytest.skip(f"{name} is not installed here (Debian: apt-get install {package})")


def assess(path: Path) -> Assessed:
    """Stands in for a model: the node does not care where assessments come from."""
    frame = read_frame(path)
    if frame.pixels.max() == 0:
        raise ImageError(f"{path} is black.")
    return [(make_assessment(), frame)]


@pytest.fixture
def run_node(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Starts a node on a free port; its results are outlines, which are made in a quarter of the time of reports."""
    running: list[Node] = []

    def start(folder: str = "node", assess: Callable[[Path], Assessed] = assess, **settings: object) -> Node:
        given = {"title": TITLE, "port": 0, "folder": tmp_path / folder, "kinds": ("outline",)} | settings
        node = Node(NodeSettings(**given), assess)  # type: ignore[arg-type]
        node.start()
        running.append(node)
        return node

    yield start
    for node in running:
        node.stop()


def send(port: int, *images: Dataset, caller: str = "SCANNER", called: str = TITLE, tls: object = None) -> list[int]:
    """Send images in one association, each in its own class and encoding; the status of each, -1 where it broke off."""
    entity = AE(ae_title=caller)
    offered = {(image.SOPClassUID, image.file_meta.TransferSyntaxUID) for image in images}
    for sop_class, syntax in sorted(offered):
        entity.add_requested_context(sop_class, syntax)
    association = entity.associate("127.0.0.1", port, ae_title=called, tls_args=tls)  # type: ignore[arg-type]
    if not association.is_established:
        return []
    try:
        return [association.send_c_store(image).get("Status", -1) for image in images]
    finally:
        association.release()
