"""The commands `thyrosight pacs` and `thyrosight node` as a user meets them, beside the archive that they need."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.inference.conftest import save
from tests.pacs.conftest import COLUMNS, ROWS, Archive, free_port, tool
from thyrosight.cli.main import app
from thyrosight.errors import ThyroSightError
from thyrosight.pacs.node import read_queue


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("model") / "model")


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, ThyroSightError):
        return 2, str(result.exception)  # `main` prints it
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_objects_of_an_image_with_a_mask(write_ultrasound, model: Path, tmp_path: Path) -> None:
    mask = np.zeros((ROWS, COLUMNS), dtype=np.uint8)
    mask[30:50, 40:80] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    image = write_ultrasound()
    code, said = run(
        "pacs", "objects", image, "--model", model, "--mask", tmp_path / "mask.png", "--out", tmp_path / "out",
        "--tirads-system", "acr", "--descriptor", "margin=irregular", "--descriptor", "composition=solid",
        "--descriptor", "echogenicity=hypoechoic", "--descriptor", "shape=taller than wide",
    )  # fmt: skip
    assert code == 0 and "research use only" in said
    found = {path.name.split(".")[0]: pydicom.dcmread(path) for path in (tmp_path / "out").iterdir()}
    assert sorted(found) == ["document", "heat-map", "outline", "report"]
    outline = found["outline"].pixel_array
    assert outline.sum() == pytest.approx(20 * 40, abs=4)
    text = found["report"].to_json()
    # 40 columns of 0.2 mm and 20 rows of 0.1 mm; the diagonal is the greatest diameter of a rectangle.
    assert f"{np.hypot(8, 2):.1f}"[:3] in text and '"111364"' in text
    assert '"TR5"' in text and "computed by ThyroSight" in text  # 2 + 2 + 3 + 2 points, whatever the foci are


def test_wrong_words_are_named(write_ultrasound, model: Path, tmp_path: Path) -> None:
    image, out = write_ultrasound(), tmp_path / "out"
    start = ("pacs", "objects", image, "--model", model, "--out", out)
    for words, expected in (
        (("--results", "pdf"), "no kind of DICOM object called 'pdf'"),
        (("--descriptor", "solid"), "write FEATURE=TERM"),
        (("--tirads-system", "acr", "--descriptor", "colour=red"), "No TI-RADS category follows from 'colour'"),
        (("--tirads-system", "acr", "--descriptor", "shape=odd"), "odd"),
        (("--laterality", "left"), "--laterality"),
        (("--box", "1,2,3,4", "--mask", tmp_path / "m.png"), "not both"),
    ):
        code, said = run(*start, *words)
        assert code == 2 and expected in said, (words, said)
        assert not out.exists()
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    code, said = run("pacs", "objects", tmp_path / "a.png", "--model", model, "--out", out)
    assert code == 2 and "is not a DICOM file" in said


def test_send_find_and_fetch(archive: Archive, write_ultrasound, tmp_path: Path) -> None:
    study = "1.2.826.0.1.3680043.10.43.4711"
    files = [write_ultrasound(number, StudyInstanceUID=study) for number in (41, 42)]
    assert run("pacs", "send", *files, "--to", archive.dicomweb) == (0, "2 of 2 objects stored\n")
    code, said = run("pacs", "find", archive.dicomweb, "--match", f"StudyInstanceUID={study}")
    assert code == 0 and said.split("\t")[:3] == ["20260102", "P-1", "US"]
    code, said = run("pacs", "fetch", archive.dicomweb, "--study", study, "--out", tmp_path / "back")
    assert code == 0 and f"2 objects in {tmp_path / 'back'}" in said
    assert {pydicom.dcmread(path) == pydicom.dcmread(tmp_path / "back" / f"{pydicom.dcmread(path).SOPInstanceUID}.dcm")
            for path in files} == {True}  # fmt: skip
    assert run("pacs", "find", archive.dicomweb, "--match", "P-1")[0] == 2


def test_find_names_every_modality_and_fetch_an_unknown_study(archive: Archive, write_ultrasound, tmp_path) -> None:
    study = "1.2.826.0.1.3680043.10.43.4712"
    files = [
        write_ultrasound(51, StudyInstanceUID=study, SeriesInstanceUID=f"{study}.1"),
        write_ultrasound(52, StudyInstanceUID=study, SeriesInstanceUID=f"{study}.2", Modality="OT"),
    ]
    run("pacs", "send", *files, "--to", archive.dicomweb)
    _, said = run("pacs", "find", archive.dicomweb, "--match", f"StudyInstanceUID={study}")
    assert sorted(said.split("\t")[2].split(",")) == ["OT", "US"]
    code, said = run("pacs", "fetch", archive.dicomweb, "--study", f"{study}.9", "--out", tmp_path / "none")
    assert code == 2 and f"holds no object of study {study}.9" in said and not (tmp_path / "none").exists()


def test_archive_with_a_login(archive_factory, write_ultrasound, monkeypatch, tmp_path: Path) -> None:
    """Without one, the options that the message names exist; with one, by option, environment or .netrc, it works."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    archive = archive_factory(AuthenticationEnabled=True, RegisteredUsers={"me": "secret"})
    code, said = run("pacs", "find", archive.dicomweb)
    assert code == 2 and "wants a login" in said
    _, options = run("pacs", "find", "--help")
    for name in ("--user", "--token", "--tls-cert", "--tls-key"):
        assert name in said and name in options
    image = write_ultrasound(53)
    result = CliRunner().invoke(
        app, ["pacs", "send", str(image), "--to", archive.dicomweb, "--user", "me"], input="secret\n"
    )
    assert result.exit_code == 0 and "1 of 1 objects stored" in result.output and "secret" not in result.output
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    (tmp_path / "netrc").chmod(0o600)
    assert run("pacs", "find", archive.dicomweb)[0] == 0
    (tmp_path / "netrc").unlink()
    monkeypatch.setenv("THYROSIGHT_USER", "me")
    monkeypatch.setenv("THYROSIGHT_PASSWORD", "secret")
    assert run("pacs", "find", archive.dicomweb)[0] == 0
    assert run("pacs", "find", archive.dicomweb, "--tls-cert", "a.pem")[1].startswith("--tls-cert and --tls-key")


def test_no_warning_of_a_library_reaches_the_terminal(write_ultrasound) -> None:
    """They quote the header; here it is the patient's number in an identifier."""
    image = write_ultrasound()
    content = image.read_bytes().replace(b"1.2.826.0.1.3680043.10.43.2", b"1.2.826.0.1.3680043.10.43.x")
    image.write_bytes(content)
    for words in (("dicom", "show", image), ("predict", image)):
        command = [sys.executable, "-m", "thyrosight", *map(str, words)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Warning" not in said.stderr and "pydicom" not in said.stderr, said.stderr


def test_node_names_a_finder_that_is_not_there(model: Path, tmp_path: Path) -> None:
    code, said = run("node", "--model", model, "--segmenter", tmp_path / "nowhere", "--folder", tmp_path / "node")
    assert code == 2 and "nowhere" in said and not (tmp_path / "node").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the signal that ends a service is one of unix systems")
def test_node_receives_assesses_sends_and_ends_in_order(
    archive: Archive, write_ultrasound, model: Path, tmp_path: Path
) -> None:
    storescu, port, image = tool("storescu", "dcmtk"), free_port(), write_ultrasound(77, frames=3)
    command = [
        sys.executable, "-m", "thyrosight", "node", "--model", model, "--port", port, "--folder", tmp_path / "node",
        "--peer", f"dicom://{archive.title}@127.0.0.1:{archive.dicom}", "--log", tmp_path / "log.txt",
        "--caller", "SCANNER", "--frames", "2",
    ]  # fmt: skip
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert f"THYROSIGHT listens on 127.0.0.1:{port}" in process.stdout.readline()
        subprocess.run([storescu, "-aet", "SCANNER", "-aec", "THYROSIGHT", "127.0.0.1", str(port), image], check=True)
        for _ in range(300):
            if read_queue(tmp_path / "node")[0].get("deliveries delivered") == 4:
                break
            time.sleep(0.2)
        code, said = run("pacs", "queue", tmp_path / "node")
        assert code == 0 and "1 images assessed" in said  # a report, two heat maps, a document
        assert "4 deliveries delivered" in said
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    log = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "received 1.2.826" in log and log.count("sent 2.25.") == 4
    assert "Muster" not in log and "P-1" not in log  # no patient in the log
    stored = [item["SOPInstanceUID"] for item in archive.stored()]
    assert all(pydicom.dcmread(path).SOPInstanceUID in stored for path in (tmp_path / "node" / "results").iterdir())


def test_queue_of_a_folder_that_is_none(tmp_path: Path) -> None:
    code, said = run("pacs", "queue", tmp_path)
    assert code == 2 and "is not the folder of a node" in said
