"""A folder: originals untouched, everything accounted for, resumable, secrets apart."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread

from thyrosight.errors import ImageError
from thyrosight.files import sha256_of_file
from thyrosight.imaging import read_frame
from thyrosight.imaging.deidentify import DeidentifyOptions, deidentify


@pytest.fixture
def folder(make) -> Path:
    """Two objects of one patient, a picture with a name in its pixels and its file name, and a text file."""
    root = make(1).parent
    make(2)
    grey = np.random.default_rng(0).integers(70, 110, (200, 300), dtype=np.uint8)
    picture = Image.fromarray(grey)
    ImageDraw.Draw(picture).text((60, 90), "FEATHERSTONE A", fill=255, font=ImageFont.load_default(size=18))
    picture.save(root / "Featherstone Agatha.jpg", quality=95, comment=b"Featherstone")
    (root / "notes.txt").write_text("Featherstone")
    return root


def run(folder: Path, tmp_path: Path, **more):
    return deidentify(folder, tmp_path / "out", key_file=tmp_path / "secret" / "key.json", **more)


def test_every_file_is_written_or_named_and_originals_stay(folder: Path, tmp_path: Path) -> None:
    before = {path: sha256_of_file(path) for path in folder.iterdir()}
    report = run(folder, tmp_path)
    assert (report.written, report.unchanged) == (3, 0)
    assert [path.name for path, _ in report.refused] == ["notes.txt"]
    assert {path: sha256_of_file(path) for path in folder.iterdir()} == before
    outputs = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(outputs) == 4
    for path in outputs:
        assert b"eatherstone" not in path.read_bytes() and "eatherstone" not in str(path.relative_to(tmp_path))
        assert "1.2.3.4" not in path.name


def test_the_log_names_every_action_and_no_value(folder: Path, tmp_path: Path) -> None:
    report = run(folder, tmp_path)
    with report.log.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {row["name"] for row in rows}
    assert {"PatientName", "PatientBirthDate", "RequestAttributesSequence", "private", "text"} <= names
    assert "Featherstone" not in report.log.read_text(encoding="utf-8")
    assert "Featherstone" in report.links.read_text(encoding="utf-8")
    assert tmp_path / "out" not in report.links.parents


def test_a_second_run_does_nothing_and_a_broken_output_is_made_again(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.dcm")}
    assert (run(folder, tmp_path).written, run(folder, tmp_path).unchanged) == (0, 3)
    assert {path: path.stat().st_mtime_ns for path in files} == files
    victim = min(files)
    good = victim.read_bytes()
    victim.write_bytes(good[:100])
    assert run(folder, tmp_path).written == 1
    assert victim.read_bytes() == good


def test_a_stopped_run_goes_on(folder: Path, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(_: str, done: int, total: int) -> None:
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(folder, tmp_path, progress=stop)
    links = tmp_path / "secret" / "key.links.jsonl"
    links.write_bytes(links.read_bytes() + b'{"source": "cut of')  # the machine stopped while writing
    report = run(folder, tmp_path)
    assert report.written + report.unchanged == 3 and report.unchanged >= 1


def test_other_options_write_again(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path)
    assert run(folder, tmp_path, options=DeidentifyOptions(dates="shifted")).written == 3


def test_two_files_with_one_uid_are_both_kept(make, tmp_path: Path) -> None:
    root = make(1).parent
    make(1, name="other.dcm", InstanceNumber=9)
    assert run(root, tmp_path).written == 2
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 2


def test_text_in_a_picture_is_blanked_and_a_second_pass_leaves_it(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path)
    (written,) = (tmp_path / "out" / "pictures").iterdir()
    assert read_frame(written).grey()[96:104, 80:180].max() == 0
    again = deidentify(tmp_path / "out" / "pictures", tmp_path / "twice", key_file=tmp_path / "secret" / "key.json")
    assert again.written == 1
    (twice,) = (tmp_path / "twice" / "pictures").iterdir()
    assert twice.name == written.name and twice.read_bytes() == written.read_bytes()


def test_contact_sheets_show_every_file(folder: Path, tmp_path: Path) -> None:
    report = run(folder, tmp_path, contact_sheet=tmp_path / "secret" / "sheet.png")
    assert [path.name for path in report.sheets] == ["sheet.png"]
    pixels = np.asarray(Image.open(report.sheets[0]).convert("RGB")).astype(int)
    assert ((pixels[..., 0] - pixels[..., 1]) > 100).sum() > 500  # what was blanked is tinted red


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (("in/out", "key.json", None), "lie in one another"),
        (("in", "key.json", None), "lie in one another"),
        (("out", "out/key.json", None), "key file"),
        (("out", "key.json", "out/sheet.png"), "contact sheet"),
    ],
)
def test_places_that_would_mix_originals_secrets_and_output_are_refused(
    folder: Path, tmp_path: Path, places: tuple[str, str, str | None], said: str
) -> None:
    out, key, sheet = places
    with pytest.raises(ImageError, match=f"(?i){said}"):
        deidentify(
            folder,
            tmp_path / out,
            key_file=tmp_path / key,
            contact_sheet=None if sheet is None else tmp_path / sheet,
        )
    assert not (tmp_path / "out").exists()


def test_links_are_not_followed_and_dicomdir_is_not_copied(folder: Path, tmp_path: Path) -> None:
    (folder / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM Featherstone")
    report = run(folder, tmp_path)
    assert any(path.name == "DICOMDIR" for path, _ in report.refused)


def test_frames_beyond_the_stated_number_are_told(make, tmp_path: Path) -> None:
    path = make(frames=4)
    data = dcmread(path)
    data.NumberOfFrames = 3
    data.save_as(path)
    report = run(path.parent, tmp_path)
    (told,) = (words for _, words in report.blanked)
    assert "3 frames" in told and "1 frame(s) beyond the stated number were not copied" in told
    rows = list(csv.DictReader(report.log.read_text(encoding="utf-8").splitlines()))
    assert [row["action"] for row in rows if row["where"] == "frames"] == ["not copied"]
