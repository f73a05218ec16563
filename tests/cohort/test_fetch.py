"""Fetching from a local server: resuming, hashes, and archives that must not be trusted."""

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from thyrosight.cohort import fetch_public_set, open_cohort
from thyrosight.cohort.download import download
from thyrosight.cohort.unpacking import unpack
from thyrosight.errors import CohortError

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000 3a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082".replace(" ", "")
)


def zipped(entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


BUSI = zipped(
    {
        f"Dataset_BUSI_with_GT/{label}/{label} (1){end}.png": PNG
        for label in ("benign", "malignant", "normal")
        for end in ("", "_mask")
    }
)
HASH = hashlib.sha256(BUSI).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves `server.files`; breaks off after `server.break_after` bytes once; keeps a log of requested ranges."""

    def do_GET(self):
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = 0
        if wanted and self.headers.get("If-Range") == self.server.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("ETag", self.server.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.server.break_after is not None:
            body, self.server.break_after = body[: self.server.break_after], None
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay silent."""


@pytest.fixture
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.files, running.ranges, running.etag, running.break_after = {"/d/busi.zip": BUSI}, [], '"1"', None
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    running.url = f"http://127.0.0.1:{running.server_port}/d/busi.zip"
    yield running
    running.shutdown()
    running.server_close()


def test_a_set_is_downloaded_checked_unpacked_recorded_and_opens(server, tmp_path):
    seen = []
    folder = fetch_public_set(
        "busi", tmp_path, url=server.url, sha256=HASH.upper(), progress=lambda *step: seen.append(step)
    )
    assert folder == tmp_path / "busi"
    assert open_cohort(folder).describe().by_label == {"benign": 1, "malignant": 1}
    record = json.loads((tmp_path / "fetched.json").read_text(encoding="utf-8"))
    assert (record["sha256"], record["url"], record["hash_was_known_before"]) == (HASH, server.url, True)
    assert seen
    assert not list(tmp_path.glob("*.part*"))


def test_a_broken_download_goes_on_where_it_stopped(server, tmp_path):
    server.break_after = 100
    with pytest.raises(CohortError, match="run the command again, it goes on where it stopped"):
        fetch_public_set("busi", tmp_path, url=server.url, sha256=HASH)
    assert (tmp_path / "busi.zip.part").stat().st_size == 100
    fetch_public_set("busi", tmp_path, url=server.url, sha256=HASH)
    assert server.ranges == [None, "bytes=100-"]


def test_a_download_that_was_whole_but_not_renamed_is_taken_over(server, tmp_path):
    (tmp_path / "busi.zip.part").write_bytes(BUSI)
    memory = {"url": server.url, "validator": server.etag}
    (tmp_path / "busi.zip.part.json").write_text(json.dumps(memory), encoding="utf-8")
    path, found = download(server.url, tmp_path, sha256=HASH)
    assert (path.read_bytes(), found) == (BUSI, HASH)


def test_a_file_that_changed_on_the_server_is_begun_anew(server, tmp_path):
    server.break_after = 100
    with pytest.raises(CohortError):
        download(server.url, tmp_path, sha256=None)
    server.etag, server.files["/d/busi.zip"] = '"2"', BUSI + b"\0" * 7
    path, _ = download(server.url, tmp_path, sha256=None)
    assert path.read_bytes() == BUSI + b"\0" * 7


def test_a_wrong_hash_is_refused_and_nothing_is_left(server, tmp_path):
    with pytest.raises(CohortError, match=rf"SHA-256 is {HASH}, expected {'0' * 64}; it was removed"):
        fetch_public_set("busi", tmp_path, url=server.url, sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_hash_needs_trust_and_is_then_held_to(server, tmp_path):
    with pytest.raises(CohortError, match=r"no SHA-256 of .* is on record"):
        fetch_public_set("busi", tmp_path, url=server.url)
    folder = fetch_public_set("busi", tmp_path, url=server.url, trust_first_download=True)
    folder.rename(tmp_path / "kept")
    (tmp_path / "busi.zip").unlink()
    server.files["/d/busi.zip"] = BUSI[:-1] + b"x"
    with pytest.raises(CohortError, match=f"expected {HASH}"):
        fetch_public_set("busi", tmp_path, url=server.url, trust_first_download=True)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("bussi", {}, r"no public data set 'bussi'; choose ddti, tn3k, tn5000 or busi. Did you mean busi\?"),
        ("busi", {}, "no address of the archive is on record. Read its terms at https://scholar.cu.edu.eg"),
        ("busi", {"url": "file:///etc/passwd", "sha256": "0"}, "is not an http or https address"),
        ("busi", {"url": "http://127.0.0.1:9/x.zip", "sha256": "0"}, "no connection"),
    ],
)
def test_what_cannot_be_fetched_gets_one_sentence(tmp_path, name, options, said):
    with pytest.raises(CohortError, match=said):
        fetch_public_set(name, tmp_path, **options)


def test_a_refusal_by_the_server_is_passed_on(server, tmp_path):
    with pytest.raises(CohortError, match="the server answered 404"):
        download(server.url + ".old", tmp_path, sha256=None)


def tarred(*members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content)
            info.linkname = "/etc/passwd" if kind != tarfile.REGTYPE else ""
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped({"a.txt": b"1", "../b.txt": b"2"}), "leads outside the folder"),
        (zipped({"/b.txt": b"2"}), "leads outside the folder"),
        (zipped({"x/..\\..\\b.txt": b"2"}), "leads outside the folder"),
        (zipped({"C:\\b.txt": b"2"}), "leads outside the folder"),
        (tarred(("a/../../b.txt", tarfile.REGTYPE, b"2")), "leads outside the folder"),
        (tarred(("a", tarfile.SYMTYPE, b"")), "is a link or device"),
        (tarred(("a", tarfile.LNKTYPE, b"")), "is a link or device"),
        (lambda: zipped({"zeros": b"\0" * 150_000_000}), "decompression bomb"),  # not in every process that collects it
        (b"Rar!\x1a\x07\x00 and so on", "is not a .zip or .tar archive"),
        (BUSI[: len(BUSI) // 2], "is not a .zip or .tar archive"),
    ],
    ids=["above", "absolute", "windows", "drive", "tar above", "symlink", "hard link", "bomb", "rar", "truncated"],
)
def test_an_archive_that_must_not_be_trusted_is_not_unpacked(tmp_path, content, said):
    archive = tmp_path / "in" / "archive"
    archive.parent.mkdir()
    archive.write_bytes(content() if callable(content) else content)
    with pytest.raises(CohortError, match=said):
        unpack(archive, tmp_path / "out" / "set")
    assert not (tmp_path / "out" / "set").exists()
    assert list((tmp_path / "out").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_a_tar_archive_is_unpacked_with_its_folders(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(tarred(("x/y/1.txt", tarfile.REGTYPE, b"one")))
    assert (unpack(tmp_path / "a.tar.gz", tmp_path / "set") / "x/y/1.txt").read_bytes() == b"one"
    with pytest.raises(CohortError, match="exists already"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "set")
