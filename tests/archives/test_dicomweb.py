"""An archive behind DICOMweb: objects are fetched, assessed and deleted; patients' names stay where they are."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from pydicom import Dataset, dcmread

pytest.importorskip("highdicom", reason="pip install 'thyrosight[pacs]'")

from tests.pacs.conftest import ultrasound
from thyrosight.archives import assess_archive
from thyrosight.errors import ImageError
from thyrosight.pacs.multipart import join_parts

STUDIES, IMAGES = 3, 4


def write(folder: Path, study: int, number: int, **changes: object) -> Path:
    data = ultrasound(number + 10 * study)
    data.StudyInstanceUID, data.SeriesInstanceUID = f"1.2.77.{study}", f"1.2.78.{study}"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.79.{study}.{number}"
    for keyword, value in changes.items():
        setattr(data, keyword, value)
    path = folder / f"{data.SOPInstanceUID}.dcm"
    data.save_as(path, enforce_file_format=True)
    return path


def described(data: Dataset, *keywords: str) -> dict[str, object]:
    """The attributes of a search result in DICOM JSON."""
    return {f"{data[keyword].tag:08X}": json.loads(data[keyword].to_json(None, 10**6)) for keyword in keywords}


class Server:
    """A small archive: search for studies and objects, and objects; `down` answers nothing any more."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.fetched, self.down_after, self.missing = folder, list[str](), 10**9, set[str]()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = server.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/dicom-web"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        place, _, query = path.removeprefix("/dicom-web/").partition("?")
        parts = place.split("/")
        if parts[-1] in ("studies", "instances"):
            return 200, "application/dicom+json", self.found(parts, "offset=0" in query)
        uid = parts[-1]
        if uid in self.missing:
            return 404, "text/plain", b""
        if len(self.fetched) >= self.down_after:
            return 503, "text/plain", b""
        self.fetched.append(uid)
        return 200, *join_parts([(self.folder / f"{uid}.dcm").read_bytes()], "application/dicom")

    def found(self, parts: list[str], first: bool) -> bytes:
        """The first page holds everything."""
        if not first:
            return b"[]"
        headers = [dcmread(path, stop_before_pixels=True) for path in sorted(self.folder.glob("*.dcm"), reverse=True)]
        if parts == ["studies"]:
            return json.dumps([{"0020000D": {"vr": "UI", "Value": [uid]}} for uid in
                               {data.StudyInstanceUID: 0 for data in headers}]).encode()  # fmt: skip
        words = ("SOPInstanceUID", "SeriesInstanceUID", "Modality", "PatientName", "PatientID")
        return json.dumps([described(data, *words) for data in headers if data.StudyInstanceUID == parts[1]]).encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "archive"
    folder.mkdir()
    for study in range(STUDIES):
        for number in range(IMAGES):
            write(folder, study, number)
    write(folder, 0, 9, Modality="SR")
    started = Server(folder)
    yield started
    started.http.shutdown()


def read(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "assessments")


def test_objects_are_assessed_once_and_leave_no_file_and_no_name(server: Server, model: Path, tmp_path: Path) -> None:
    server.missing = {"1.2.79.1.2"}
    out = tmp_path / "out"
    found = assess_archive([server.url], match=["StudyDate=2026"], model=model, out=out, part_rows=5)
    table = read(out)
    assert table["item"].tolist() == list(range(STUDIES * IMAGES))
    assert table["image"].tolist() == [
        f"{server.url}/studies/1.2.77.{study}/series/1.2.78.{study}/instances/1.2.79.{study}.{number}"
        for study in range(STUDIES) for number in range(IMAGES)
    ]  # fmt: skip
    (refused,) = table[table["refused"].notna()].itertuples()
    assert refused.image.endswith("1.2.79.1.2") and "does not know it" in refused.refused
    assert found.refused == 1 and not found.left
    assert len(server.fetched) == len(set(server.fetched)) == STUDIES * IMAGES - 1
    assert not list(out.rglob("*.dcm"))
    for path in out.rglob("*"):
        assert path.is_dir() or not any(word in path.read_bytes() for word in (b"Muster", b"P-1"))


def test_patients_are_named_where_that_is_asked_for(server: Server, model: Path, tmp_path: Path) -> None:
    assess_archive([server.url], match=["PatientID=P-1"], keep=["PatientID"], model=model, out=tmp_path / "out")
    assert set(read(tmp_path / "out")["given_PatientID"]) == {"P-1"}
    with pytest.raises(ImageError, match="'Patient' is no DICOM keyword"):
        assess_archive([server.url], match=["PatientID=P-1"], keep=["Patient"], model=model, out=tmp_path / "other")


def test_an_archive_that_goes_away_is_waited_for(
    server: Server, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda *_: None)
    server.down_after = 6
    out = tmp_path / "out"
    found = assess_archive([server.url], match=["StudyDate=2026"], model=model, out=out, part_rows=4)
    assert sum(one.images for one in found.left) == 8 and found.refused == 0
    assert all("503" in one.reason for one in found.left)
    assert not list(out.rglob("*.dcm"))
    server.down_after = 10**9
    assert not assess_archive([server.url], match=["StudyDate=2026"], model=model, out=out).left
    assert read(out)["item"].tolist() == list(range(STUDIES * IMAGES)) and read(out)["refused"].isna().all()


def test_what_to_fetch_must_be_said(server: Server, model: Path, scans: Path, tmp_path: Path) -> None:
    for sources, match, said in (
        ([server.url], [], "Say what to assess: --match"),
        ([server.url], ["StudyDate"], "Say what to assess: --match"),
        ([server.url], ["StudyDate=2026", "Modality=XX"], "holds objects of modality XX"),
        ([str(scans)], ["StudyDate=2026"], "--match selects studies of a DICOMweb archive"),
    ):
        with pytest.raises(ImageError, match=said):
            assess_archive(sources, match=match, model=model, out=tmp_path / "out")
