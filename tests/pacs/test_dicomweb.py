"""DICOMweb against a real archive, and against servers that misbehave."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pacs.conftest import Archive
from thyrosight.pacs import DicomError, DicomWeb, make_objects, read_source, write_object
from thyrosight.pacs.dicomweb import Login, login_from_environment, value
from thyrosight.pacs.multipart import join_parts, write_only_part

STUDY = "1.2.826.0.1.3680043.10.43.77"


def test_every_kind_of_object_goes_to_the_archive_and_comes_back_the_same(
    archive: Archive, write_ultrasound, assessment, frame, tmp_path: Path
) -> None:
    source = write_ultrasound(7, frames=4, StudyInstanceUID=STUDY)
    made, _ = make_objects([assessment(1), assessment(3)], read_source(source), [frame, frame])
    files = [write_object(item, tmp_path / "out") for item in made]
    client = DicomWeb(archive.dicomweb)
    stored = client.store([source, *files])
    assert set(stored.accepted) == {pydicom.dcmread(path).SOPInstanceUID for path in [source, *files]}
    assert not stored.refused and all(client.has(item.uid) for item in made) and not client.has("1.2.3.4")
    seen: list[tuple[int, int]] = []
    fetched = client.fetch(tmp_path / "back", study=STUDY, progress=lambda _, done, total: seen.append((done, total)))
    assert len(fetched) == 6 and seen[-1] == (6, 6)
    before = {pydicom.dcmread(path).SOPInstanceUID: path for path in [source, *files]}
    for path in fetched:
        back, sent = pydicom.dcmread(path), pydicom.dcmread(before[path.stem])
        assert back == sent and back.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    stamp = fetched[0].stat().st_mtime_ns
    client.fetch(tmp_path / "back", study=STUDY)
    assert fetched[0].stat().st_mtime_ns == stamp  # what is there is not fetched again


def test_login_is_sent_and_a_token_is_not_replaced_by_netrc(strange, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password wrong")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    expected = {
        "Basic bWU6c2VjcmV0": {"login": ("me", "secret")},
        "Bearer abc": {"login": Login(token="abc")},
        "Basic b3RoZXI6d3Jvbmc=": {},
    }
    for header, options in expected.items():
        client = strange((200, JSON, result(**{"00080018": "1.2.3"})), **options)
        assert client.has("1.2.3") and client.headers[-1] == header
    monkeypatch.setenv("THYROSIGHT_USER", "me")
    monkeypatch.setenv("THYROSIGHT_PASSWORD", "secret")
    assert login_from_environment() == Login("me", "secret") and "secret" not in repr(login_from_environment())
    with pytest.raises(DicomError, match="certificate file cannot be used"):
        DicomWeb("https://127.0.0.1:9/x", login=Login(certificate=("no.pem", "no.key")), retries=0).has("1.2")


def test_study_that_is_not_there_is_an_error(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(DicomError, match=r"holds no object of study 1\.2\.3\.999; check the identifier"):
        DicomWeb(archive.dicomweb).fetch(tmp_path / "none", study="1.2.3.999")
    assert not (tmp_path / "none").exists()


def test_search_pages_through_all_results(archive: Archive, write_ultrasound) -> None:
    client = DicomWeb(archive.dicomweb)
    client.store([write_ultrasound(number, StudyInstanceUID=f"{STUDY}.5") for number in range(20, 27)])
    found = list(client.search("instances", study=f"{STUDY}.5", page=3))
    assert len({value(item, "SOPInstanceUID") for item in found}) == len(found) == 7
    assert list(client.search("studies", filters={"PatientID": "nobody"})) == []
    study = client.search("studies", filters={"StudyInstanceUID": f"{STUDY}.5"}, fields=["PatientName"])
    assert [value(item, "PatientName") for item in study] == ["Muster^Anna"]
    with pytest.raises(DicomError, match="more than 4 results"):
        list(client.search("instances", study=f"{STUDY}.5", page=3, most=4))


class Strange(BaseHTTPRequestHandler):
    """Answers what the test put into `answers`, one after the other; the last one for ever."""

    answers: list[tuple[int, str, bytes]]
    asked: list[str]
    headers_seen: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        type(self).headers_seen.append(self.headers.get("Authorization", ""))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, kind, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def strange() -> Iterator[Callable[..., DicomWeb]]:
    servers = []

    def start(*answers: tuple[int, str, bytes], **options: object) -> DicomWeb:
        handler = type("Handler", (Strange,), {"answers": list(answers), "asked": [], "headers_seen": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        client = DicomWeb(f"http://127.0.0.1:{server.server_port}/dicom-web", **options)
        client.asked = handler.asked  # type: ignore[attr-defined]
        client.headers = handler.headers_seen  # type: ignore[attr-defined]
        return client

    yield start
    for server in servers:
        server.shutdown()


JSON = "application/dicom+json"


def result(**tags: str) -> bytes:
    return json.dumps([{tag: {"vr": "UI", "Value": [text]} for tag, text in tags.items()}]).encode()


def test_archive_without_paging_gives_each_result_once(strange) -> None:
    client = strange((200, JSON, result(**{"00080018": "1.2.3"})))
    assert len(list(client.search("instances"))) == 1


def test_compressed_loop_comes_back_as_it_was_stored(archive: Archive, tmp_path: Path) -> None:
    path = pydicom.data.get_testdata_file("color3d_jpeg_baseline.dcm", download=False)
    if path is None:
        pytest.skip("pydicom-data is not installed")
    loop, client = pydicom.dcmread(path), DicomWeb(archive.dicomweb)
    client.store([path])
    (back,) = client.fetch(tmp_path, study=loop.StudyInstanceUID)
    assert pydicom.dcmread(back).PixelData == loop.PixelData
    assert pydicom.dcmread(back).file_meta.TransferSyntaxUID.name == "JPEG Baseline (Process 1)"


def test_busy_archive_is_asked_again(strange) -> None:
    client = strange((503, JSON, b""), (429, JSON, b""), (200, JSON, result(**{"00080018": "1.2.3"})))
    assert client.has("1.2.3") and len(client.asked) == 3


def test_retries_end(strange) -> None:
    client = strange((503, JSON, b""), retries=2)
    with pytest.raises(DicomError, match="answers 503"):
        client.has("1.2.3")
    assert len(client.asked) == 3


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (302, JSON, b"", "passes each request on without end; check the address"),
        (401, JSON, b"", "wants a login"),
        (404, JSON, b"", "does not know it"),
        (200, "text/html", b"<html>", "not JSON"),
        (200, JSON, b'{"a": 1}', "not a list in DICOM JSON"),
        (200, JSON, b"[1, 2]", "not a list in DICOM JSON"),
        (200, JSON, b"[" * 100_000, "not JSON"),
    ],
)
def test_odd_answers_are_named(strange, status: int, kind: str, body: bytes, said: str) -> None:
    with pytest.raises(DicomError, match=said):
        list(strange((status, kind, body)).search("studies"))


def test_a_refusal_does_not_repeat_the_patient_who_was_searched_for(strange) -> None:
    with pytest.raises(DicomError, match=r"^GET http://[^?]*/studies: the archive does not know it") as caught:
        list(strange((404, JSON, b"")).search("studies", filters={"PatientID": "4711"}))
    assert "4711" not in str(caught.value)


def test_path_tricks_in_answers_write_nothing(strange, tmp_path: Path) -> None:
    evil = result(**{"00080018": "../../evil", "0020000D": "1.2", "0020000E": "1.3"})
    with pytest.raises(DicomError, match="not a DICOM identifier"):
        strange((200, JSON, evil), (200, JSON, b"[]")).fetch(tmp_path / "a" / "b", study="1.2")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_object_other_than_asked_for_or_cut_short_leaves_no_file(strange, tmp_path: Path, write_ultrasound) -> None:
    page = (200, JSON, result(**{"00080018": "1.2.9", "0020000D": "1.2", "0020000E": "1.3"}))
    kind, body = join_parts([write_ultrasound(3).read_bytes()], "application/dicom")
    for answer, said in (
        ((200, kind, body), "another object"),
        ((200, kind, body[:5000]), "cut short"),
        ((200, "text/html", b"<html>"), "instead of DICOM"),
    ):
        with pytest.raises(DicomError, match=said):
            strange(page, (200, JSON, b"[]"), answer).fetch(tmp_path / "out", study="1.2")
        assert not list((tmp_path / "out").iterdir())
    with pytest.raises(DicomError, match="more than 1000 bytes"):
        strange(page, (200, JSON, b"[]"), (200, kind, body), largest=1000).fetch(tmp_path / "out", study="1.2")
    assert not list((tmp_path / "out").iterdir())


def test_archive_that_accepts_only_some(strange, write_ultrasound) -> None:
    paths = [write_ultrasound(1), write_ultrasound(2), write_ultrasound(3)]
    first, second, third = (pydicom.dcmread(path).SOPInstanceUID for path in paths)
    said = {
        "00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [first]}}]},
        "00081198": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [second]},
                                            "00081197": {"vr": "US", "Value": [0xA700]}}]},
    }  # fmt: skip
    stored = strange((202, JSON, json.dumps(said).encode())).store(paths)
    assert stored.accepted == (first,)
    assert stored.refused == {second: "failure reason 0xa700", third: "the archive did not say that it has it"}


def test_nobody_there_and_wrong_address() -> None:
    with pytest.raises(DicomError, match="cannot be reached"):
        DicomWeb("http://127.0.0.1:9/dicom-web", retries=0).has("1.2.3")
    with pytest.raises(DicomError, match="holds a login"):
        DicomWeb("https://me:secret@127.0.0.1/dicom-web")
    with pytest.raises(DicomError, match="not the address"):
        DicomWeb("file:///etc/passwd")


@given(st.binary(max_size=300), st.integers(1, 40))
def test_part_is_found_whatever_it_holds_and_however_it_is_cut(content: bytes, size: int) -> None:
    kind, body = join_parts([content], "application/dicom")
    target = io.BytesIO()
    chunks = (body[place : place + size] for place in range(0, len(body), size))
    write_only_part(chunks, kind, target, largest=10**6, where="x")
    assert target.getvalue() == content
