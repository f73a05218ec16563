"""`thyrosight dicom show` as a user runs it."""

import json
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from thyrosight.cli.dicom import app
from thyrosight.errors import ImageError
from thyrosight.imaging import read_frame

LOOP = Path(str(pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False)))


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["show", *map(str, words)], env={"COLUMNS": "100", "TERM": "dumb"})


def test_a_loop_in_words() -> None:
    result = run(LOOP)
    assert result.exit_code == 0, result.output
    for words in ("320 x 240 pixels, YBR_FULL_422, 8 bits", "30, 30 per second", "JPEG Baseline", "resized or cut"):
        assert words in " ".join(result.output.split())


def test_who_it_is_only_on_request() -> None:
    uid = pydicom.dcmread(LOOP, stop_before_pixels=True).SOPInstanceUID
    assert uid not in run(LOOP).output
    assert uid not in run(LOOP, "--json").output
    assert uid in run(LOOP, "--identity", "--json").output
    assert json.loads(run(LOOP, "--json").stdout)[0]["frames"] == 30


def test_a_frame_as_png(tmp_path: Path) -> None:
    assert run(LOOP, "--png", tmp_path / "a.png", "--frame", 4).exit_code == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), read_frame(LOOP, frame=4).pixels)
    result = run(LOOP, LOOP, "--png", tmp_path / "a.png")
    assert isinstance(result.exception, ImageError)


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(tmp_path: Path) -> None:
    (tmp_path / "text.dcm").write_text("no picture", encoding="utf-8")
    result = run(tmp_path / "text.dcm", LOOP)
    assert result.exit_code == 2
    assert "text.dcm is not a DICOM file" in result.stderr
    assert "examples_ybr_color.dcm" in result.stdout


@pytest.mark.parametrize("number", [30, -1])
def test_a_frame_that_is_not_there(tmp_path: Path, number: int) -> None:
    result = run(LOOP, "--png", tmp_path / "a.png", "--frame", number)
    assert result.exit_code == 2
    assert "there is no" in result.stderr
    assert not (tmp_path / "a.png").exists()
