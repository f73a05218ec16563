"""`thyrosight predict` as a user runs it."""

import csv
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
import typer
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from typer.testing import CliRunner, Result

from thyrosight.cli.predict import predict
from thyrosight.errors import BundleError, ImageError, OutputError
from thyrosight.imaging import Box, PairPreparation, Preparation
from thyrosight.inference import HeatScale, OperatingPoint, Predictor, load_bundle, save_bundle
from thyrosight.networks import create

app = typer.Typer()
app.command()(predict)


def save(folder: Path, **changes: object) -> Path:
    network, spec = create("tiny", input_size=32, seed=1)
    parts = {
        "network": network,
        "spec": spec,
        "preparation": Preparation(size=32, crop="nodule"),
        "calibration": {"method": "none"},
        "operating_point": OperatingPoint(threshold=0.3, rule="youden", chosen_on="validation part of division-01"),
        "cohort": {"name": "[phantoms]", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
        "heat_scale": HeatScale(value=0.05, rule="99th percentile of the maxima of 10 maps"),
        "metrics": {"auc": {"value": 0.75, "low": 0.6, "high": 0.9, "n": 40}},
    }
    return save_bundle(folder, **{**parts, **changes}).folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bundle") / "model")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(5):
        pixels = np.random.default_rng(number).integers(0, 200, (90, 120), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"scan{number}.png")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80", "TERM": "dumb"})


def test_one_image_is_told_in_full(model: Path, scans: Path) -> None:
    result = run(scans / "scan0.png", "--model", model, "--box", "20,20,80,70")
    assert result.exit_code == 0, result.output
    expected = Predictor(load_bundle(model)).assess(scans / "scan0.png", box=Box(20, 20, 80, 70))
    for text in (
        f"{expected.calibrated_risk:.3f}",
        expected.label,
        "0.300, Youden's index, chosen on the validation part",
        "20,20,80,70",
        "the file format carries no spacing",
        "Labels: simulated",
        "patient-level split",
        load_bundle(model).hash,
        "trained on [phantoms]",  # brackets are no markup
        "AUC 0.750 (95 % interval 0.600 to 0.900; n = 40)",
        "For research use only. Not a medical device; not for diagnosis.",
    ):
        assert text in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_folder_is_a_table_and_json_and_csv_agree(model: Path, scans: Path, tmp_path: Path) -> None:
    table = run(scans, "--model", model, "--csv", tmp_path / "out" / "risks.csv")
    assert table.exit_code == 0, table.output
    content = json.loads(run(scans, "--model", model, "--json").stdout)
    with (tmp_path / "out" / "risks.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [Path(row["image"]).name for row in rows] == [f"scan{number}.png" for number in range(5)]
    for row, item in zip(rows, content["assessments"], strict=True):
        assert float(row["calibrated_risk"]) == pytest.approx(item["calibrated_risk"], abs=1e-6)
        assert (row["label"], row["model_hash"]) == (item["label"], item["model_hash"])
        assert row["quality_flags"] == "; ".join(item["quality_flags"])
        assert float(row["threshold"]) == item["operating_point"]["threshold"] == 0.3
        assert row["research_use"] == content["research_use"]
        assert Path(row["image"]).name in table.stdout and f"{item['calibrated_risk']:.3f}" in table.stdout
    assert "no nodule box (5 of 5)" in table.stdout


def test_bad_images_are_refused_after_the_others_were_assessed(model: Path, scans: Path, tmp_path: Path) -> None:
    (scans / "broken.png").write_bytes(b"nothing")
    result = run(scans, scans / "gone.png", f"{scans}/*.bmp", "--model", model, "--csv", tmp_path / "risks.csv")
    assert result.exit_code == 2
    assert all(f"scan{number}.png" in result.stdout for number in range(5))
    lines = [line for line in result.stderr.splitlines() if line.startswith("Refused: ")]
    assert len(lines) == 3
    assert all(any(name in line for line in lines) for name in ("broken.png", "gone.png", "*.bmp"))
    with (tmp_path / "risks.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sum(bool(row["refused"]) for row in rows) == 3 and len(rows) == 8
    assert len(json.loads(run(scans, "--model", model, "--json").stdout)["refusals"]) == 1


def test_overlays_say_what_must_be_said_and_never_overwrite_one_another(
    model: Path, scans: Path, tmp_path: Path
) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text(
        'image,box\nscans/scan0.png,"10,10,50,50"\nscans/scan0.png,"60,20,110,80"\nscans/scan1.png,\n', encoding="utf-8"
    )
    result = run("--boxes", boxes, "--model", model, "--overlay", tmp_path / "maps")
    assert result.exit_code == 0, result.output
    files = sorted((tmp_path / "maps").iterdir())
    assert [file.name for file in files] == ["scan0-2.png", "scan0.png", "scan1.png"]
    first, second = (np.asarray(Image.open(file)) for file in files[:2])
    assert (first[16:300] != second[16:300]).any()


def test_a_model_without_a_heat_scale_shares_one_over_the_run(scans: Path, tmp_path: Path) -> None:
    result = run(scans, "--model", save(tmp_path / "model", heat_scale=None), "--overlay", tmp_path / "maps")
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "maps").iterdir())) == 5


@pytest.mark.parametrize(
    ("words", "error", "match"),
    [
        (["{scans}", "--box", "1,2,3,4"], ImageError, "A box belongs to one image, but 5 images were named"),
        (["{scans}/scan0.png", "--box", "1,2,3"], ImageError, "--box: '1,2,3' is not a box"),
        (["{scans}/scan0.png", "--box", "1,2,3,4", "--boxes", "x.csv"], ImageError, "not both"),
        ([], ImageError, "No image was named"),
        (["{scans}", "--model", "{scans}"], BundleError, "holds no bundle.json"),
        (["{scans}", "--csv", "{scans}/scan0.png/a.csv"], OutputError, "is a file, not a folder|stands in the way"),
    ],
)
def test_requests_that_make_no_sense(model: Path, scans: Path, words: list[str], error: type, match: str) -> None:
    result = run("--model", model, *(word.format(scans=scans) for word in words))
    assert isinstance(result.exception, error)
    assert any(part in str(result.exception) for part in match.split("|"))


def test_a_box_outside_its_image_is_a_refusal(model: Path, scans: Path) -> None:
    result = run(scans / "scan0.png", "--model", model, "--box", "100,20,180,70")
    assert result.exit_code == 2 and result.stdout == ""
    assert "reaches outside the image of 120 x 90" in result.stderr


def test_it_can_be_called_from_python(model: Path, scans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predict(images=[str(scans / "scan0.png")], model=model, box=None)
    assert "scan0.png" in capsys.readouterr().out


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """A calibrated DICOM loop of 20 frames."""
    frames = [np.random.default_rng(number).integers(0, 200, (90, 120), dtype=np.uint8) for number in range(20)]
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3"), "US"
    data.NumberOfFrames, data.Rows, data.Columns = 20, 90, 120
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PixelData = b"".join(frame.tobytes() for frame in frames)
    data["PixelData"].VR = "OB"
    pydicom.dcmwrite(tmp_path / "loop.dcm", data, enforce_file_format=True)
    return tmp_path / "loop.dcm"


def test_a_loop_is_told_over_its_frames(model: Path, loop: Path, tmp_path: Path) -> None:
    words = [loop, "--model", model, "--box", "20,20,80,70"]
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "label over the loop" in result.output
    assert "8 of 20: " in result.output
    told = json.loads(run(*words, "--frames", "3,7-8", "--json", "--csv", tmp_path / "o.csv").stdout)
    assert [one["frame_number"] for one in told["assessments"]] == [3, 7, 8]
    (over,) = told["loops"]
    risks = [one["calibrated_risk"] for one in told["assessments"]]
    assert over["calibrated_risk"] == pytest.approx(sum(risks) / 3)
    assert (over["frames"], over["frames_in_loop"]) == ([3, 7, 8], 20)
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["frame_number"] for row in rows] == ["3", "7", "8"]
    assert {row["loop_frames"] for row in rows} == {"3"}
    assert len(json.loads(run(*words, "--frames", "all", "--json").stdout)["assessments"]) == 20


def test_each_frame_of_a_loop_has_its_own_picture(model: Path, loop: Path, tmp_path: Path) -> None:
    result = run(loop, "--model", model, "--frames", "0,5", "--overlay", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["loop-frame0.png", "loop-frame5.png"]


def test_frames_that_are_not_there(model: Path, loop: Path, scans: Path) -> None:
    result = run(loop, scans / "scan0.png", "--model", model, "--frames", "5,40")
    assert result.exit_code == 2
    assert "holds frames 0 to 19; there is no frame 40" in result.stderr
    assert "scan0.png" in result.stdout
    for text in ("some", "3-", "-2", ""):
        refused = run(loop, "--model", model, "--frames", text)
        assert isinstance(refused.exception, ImageError)
        assert "how many (8), a list of frames (0,7,20-25), or all" in str(refused.exception)


@pytest.fixture(scope="module")
def pair_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of late and one of early fusion."""
    pair = PairPreparation(first=Preparation(size=32), second=Preparation(size=32, colour="rgb"))
    folder, models = tmp_path_factory.mktemp("pairs"), {}
    for fusion in ("late", "early"):
        network, spec = create("tiny", input_size=32, seed=1, fusion=fusion)
        models[fusion] = save(folder / fusion, network=network, spec=spec, preparation=pair.first, pair=pair)
    return models


@pytest.fixture
def elastogram(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(9).integers(1, 255, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "strain.png")
    return tmp_path / "strain.png"


def test_a_pair_is_named_by_its_two_files(pair_models: dict[str, Path], scans: Path, elastogram: Path) -> None:
    model, scan = pair_models["late"], scans / "scan0.png"
    result = run(scan, "--model", model, "--elastogram", elastogram, "--box", "20,20,80,70")
    assert result.exit_code == 0, result.output
    assert "strain.png" in result.output and "late fusion" in result.output
    expected = Predictor(load_bundle(model)).assess(scan, box=Box(20, 20, 80, 70), elastogram=elastogram)
    assert f"{expected.calibrated_risk:.3f}" in result.output
    assert run(scan, "--model", model, "--elastogram", elastogram, "--overlay", scans / "maps").exit_code == 0
    assert (scans / "maps" / "scan0.png").is_file()
    alone = run(scan, "--model", model, "--json")
    (content,) = json.loads(alone.stdout)["assessments"]
    assert "no elastogram: the B-mode image alone was used" in content["notes"] and "elastogram" not in content


def test_a_table_of_boxes_may_name_elastograms(
    pair_models: dict[str, Path], scans: Path, elastogram: Path, tmp_path: Path
) -> None:
    table, written = tmp_path / "boxes.csv", tmp_path / "risks.csv"
    table.write_text('image,box,elastogram\nscans/scan0.png,"20,20,80,70",strain.png\nscans/scan1.png,,\n')
    result = run("--boxes", table, "--model", pair_models["early"], "--csv", written)
    assert result.exit_code == 2
    assert "cannot answer without an elastogram; give one" in result.stderr
    with written.open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert first["elastogram"] == str(tmp_path / "strain.png") and first["calibrated_risk"]
    assert "scan1.png" in second["image"] and "elastogram" in second["refused"]


def test_an_elastogram_belongs_to_one_image_and_to_a_model_of_pairs(
    model: Path, pair_models: dict[str, Path], scans: Path, elastogram: Path, tmp_path: Path
) -> None:
    several = run(scans, "--model", pair_models["late"], "--elastogram", elastogram)
    assert isinstance(several.exception, ImageError) and "5 images were named" in str(several.exception)
    both = run(scans / "scan0.png", "--model", model, "--elastogram", elastogram, "--boxes", tmp_path / "no.csv")
    assert isinstance(both.exception, ImageError) and "column elastogram" in str(both.exception)
    single = run(scans / "scan0.png", "--model", model, "--elastogram", elastogram)
    assert single.exit_code == 2 and "takes the B-mode image alone" in single.stderr


def test_a_loop_is_refused_once_by_a_model_that_needs_an_elastogram(pair_models: dict[str, Path], loop: Path) -> None:
    result = run(loop, "--model", pair_models["early"], "--frames", "all")
    assert result.exit_code == 2
    assert result.stderr.count("Refused:") == 1 and "a loop has none" in result.stderr
    assert run(loop, "--model", pair_models["late"], "--frames", "2").exit_code == 0
