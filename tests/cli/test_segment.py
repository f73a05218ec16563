"""`thyrosight segment`, and `predict --segmenter`, as a user runs them."""

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
from thyrosight.cli.segment import segment
from thyrosight.errors import BundleError
from thyrosight.imaging import Box, Preparation
from thyrosight.inference import MaskPoint, OperatingPoint, load_bundle, save_bundle
from thyrosight.networks import create

app = typer.Typer()
app.command()(segment)
app.command()(predict)
COHORT = {"name": "discs", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"}
POINT = OperatingPoint(threshold=0.3, rule="youden", chosen_on="validation part of division-01")
PREPARATION = Preparation(size=64, crop="whole frame", scan_area=False)


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A U-Net made by hand to mark what is bright: everything but its finest skip is silenced."""
    import torch

    network, spec = create("unet", input_size=64, task="segmentation", seed=0)
    passing = {"encoder.stages.0.0": 0, "encoder.stages.0.1": 0, "decoder.stages.3.0": 64, "decoder.stages.3.1": 0}
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.startswith(("decoder.stages.3", "encoder.stages.0", "decoder.mask")):
                parameter.zero_()
        for path, channel in passing.items():
            network.get_submodule(f"{path}.0").weight[0, channel, 1, 1] = 1
            network.get_submodule(f"{path}.1").weight[0] = 1
        output = network.get_submodule("decoder.mask")
        output.weight[0, 0], output.bias[0] = 10, -20  # marks inputs above 2, which are grey values above 191
    masks = MaskPoint(chosen_on="validation part of division-01", dice=0.9)
    folder = tmp_path_factory.mktemp("segmenter") / "model"
    return save_bundle(folder, network=network, spec=spec, preparation=PREPARATION, masks=masks, cohort=COHORT).folder


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network, spec = create("tiny", input_size=32, seed=1)
    return save_bundle(
        tmp_path_factory.mktemp("classifier") / "model",
        network=network,
        spec=spec,
        preparation=Preparation(size=32, crop="nodule"),
        calibration={"method": "none"},
        operating_point=POINT,
        cohort=COHORT,
    ).folder


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """No lesion, one, and two of unlike size."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, bright in enumerate(([], [(20, 20, 70, 60)], [(10, 10, 30, 30), (60, 30, 110, 80)])):
        pixels = np.random.default_rng(number).integers(0, 120, (90, 120), dtype=np.uint8)
        for left, top, right, bottom in bright:
            pixels[top:bottom, left:right] = 250
        Image.fromarray(pixels).save(folder / f"scan{number}.png")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "120", "TERM": "dumb"})


def near(box: str | Box, expected: tuple[int, int, int, int]) -> bool:
    found = Box.from_text(box) if isinstance(box, str) else box
    return all(
        abs(a - b) <= 3 for a, b in zip((found.left, found.top, found.right, found.bottom), expected, strict=True)
    )


def test_none_one_and_two_lesions_in_three_files_each(segmenter: Path, scans: Path, tmp_path: Path) -> None:
    result = run("segment", scans, "--model", segmenter, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert [len(one["lesions"]) for one in content["segmentations"]] == [0, 1, 2]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "marks.csv",
        *(f"scan{n}.{kind}" for n in range(3) for kind in ("mask.png", "outlines.json", "overlay.png")),
    ]
    for number, one in enumerate(content["segmentations"]):
        written = json.loads((tmp_path / "out" / f"scan{number}.outlines.json").read_text(encoding="utf-8"))
        assert written == one
        mask = np.asarray(Image.open(tmp_path / "out" / f"scan{number}.mask.png"))
        assert mask.shape == (90, 120) and set(np.unique(mask)) <= {0, 255}
        assert (mask > 0).sum() == sum(lesion["area"] for lesion in one["lesions"])
        assert one["research_use"] == content["research_use"]
    two = content["segmentations"][2]["lesions"]
    assert near(Box(**two[0]["box"]), (60, 30, 110, 80)) and near(Box(**two[1]["box"]), (10, 10, 30, 30))
    assert two[0]["unit"] == "pixels" and "taken as square" in two[0]["size_reason"]


def test_every_find_is_a_mark_with_its_confidence(segmenter: Path, scans: Path, tmp_path: Path) -> None:
    (scans / "broken.png").write_bytes(b"nothing")
    result = run("segment", scans, "--model", segmenter, "--out", tmp_path / "out", "--json")
    two = json.loads(result.stdout)["segmentations"][2]["lesions"]
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["case"]).name for row in rows] == ["scan0.png", "scan1.png", *["scan2.png"] * 2, "broken.png"]
    assert (rows[0]["box"], rows[0]["confidence"]) == ("", "")  # searched, and nothing found
    assert [float(row["confidence"]) for row in rows[2:4]] == [one["probability"] for one in two]
    assert all(0.5 <= one["probability"] <= 1 for one in two) and near(rows[2]["box"], (60, 30, 110, 80))
    assert "broken.png" in rows[4]["refused"]


def test_the_table_says_what_was_measured_and_by_what(segmenter: Path, scans: Path) -> None:
    text = " ".join(run("segment", scans, "--model", segmenter).stdout.split())
    for part in (
        "none",
        "long x short axis",
        " pixels ",
        "carries no spacing",
        "trained on discs",
    ):
        assert part in text
    assert "mean Dice 0.900 on the validation part of division-01" in text
    assert "For research use only" in text and load_bundle(segmenter).hash in text


def test_a_classifier_draws_nothing_and_a_segmenter_does_not_classify(
    segmenter: Path, classifier: Path, scans: Path
) -> None:
    drawing = run("segment", scans, "--model", classifier)
    assert isinstance(drawing.exception, BundleError)
    assert "classifies and draws no outlines" in str(drawing.exception)
    telling = run("predict", scans, "--model", segmenter)
    assert isinstance(telling.exception, BundleError)
    assert "draws outlines and tells no classes apart" in str(telling.exception)


def test_images_that_cannot_be_used_are_named_after_the_others(segmenter: Path, scans: Path) -> None:
    (scans / "broken.png").write_bytes(b"nothing")
    result = run("segment", scans, "--model", segmenter)
    assert result.exit_code == 2
    assert "scan2.png" in result.stdout and "Refused: " in result.stderr and "broken.png" in result.stderr


def test_predict_finds_the_nodules_and_says_so(segmenter: Path, classifier: Path, scans: Path, tmp_path: Path) -> None:
    table = tmp_path / "risks.csv"
    result = run("predict", scans, "--model", classifier, "--segmenter", segmenter, "--json", "--csv", table)
    assert result.exit_code == 0, result.output
    none, one, *two = json.loads(result.stdout)["assessments"]
    assert none["box"] is None and none["contour"] is None
    assert none["box_origin"] == "no nodule box: U-Net trained on discs found no lesion"
    assert none["quality_flags"][0] == "no nodule found"
    assert near(Box(**one["box"]), (20, 20, 70, 60)) and len(one["contour"]) >= 4
    assert one["box_origin"].startswith("found by segmentation, not drawn by a reader (U-Net trained on discs, ")
    assert load_bundle(segmenter).hash[:12] in one["box_origin"]
    assert ["1 of 2" in two[0]["box_origin"], "2 of 2" in two[1]["box_origin"]] == [True, True]
    with table.open(encoding="utf-8", newline="") as stream:
        assert [row["box_origin"] for row in csv.DictReader(stream)][1] == one["box_origin"]
    # The box that was found gives what the same box gives when it is named.
    box = ",".join(str(one["box"][side]) for side in ("left", "top", "right", "bottom"))
    named = run("predict", scans / "scan1.png", "--model", classifier, "--box", box, "--json")
    assert json.loads(named.stdout)["assessments"][0]["probability"] == pytest.approx(one["probability"])


def test_a_box_that_is_given_is_kept(segmenter: Path, classifier: Path, scans: Path) -> None:
    words = (scans / "scan1.png", "--model", classifier, "--segmenter", segmenter, "--box", "5,5,60,60", "--json")
    (found,) = json.loads(run("predict", *words).stdout)["assessments"]
    assert found["box_origin"] == "given with the image"


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """A loop of ten frames with a spacing; the lesion moves, and is missing from the last two frames."""
    frames = np.random.default_rng(0).integers(0, 120, (10, 90, 120), dtype=np.uint8)
    for number in range(8):
        frames[number, 20:60, 20 + 4 * number : 50 + 4 * number] = 250
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 119, 89
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.01, 0.02
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3"), "US"
    data.SequenceOfUltrasoundRegions = [region]
    data.NumberOfFrames, data.Rows, data.Columns = 10, 90, 120
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PixelData = frames.tobytes()
    data["PixelData"].VR = "OB"
    pydicom.dcmwrite(tmp_path / "loop.dcm", data, enforce_file_format=True)
    return tmp_path / "loop.dcm"


def test_a_loop_is_measured_in_millimetres_frame_by_frame(segmenter: Path, loop: Path, tmp_path: Path) -> None:
    words = ("segment", loop, "--model", segmenter, "--frames", "0,4,9", "--json", "--out", tmp_path / "out")
    first, second, last = json.loads(run(*words).stdout)["segmentations"]
    assert [first["frame_number"], second["frame_number"], last["frame_number"]] == [0, 4, 9]
    assert last["lesions"] == []
    for result, left in ((first, 20), (second, 36)):
        (lesion,) = result["lesions"]
        assert near(Box(**lesion["box"]), (left, 20, left + 30, 60))
        # 40 rows of 0.2 mm and 30 columns of 0.1 mm.
        assert lesion["unit"] == "mm" and lesion["height"] == pytest.approx(8, abs=0.8)
        assert lesion["width"] == pytest.approx(3, abs=0.4) and lesion["taller_than_wide"]
    assert (tmp_path / "out" / "loop-frame4.mask.png").exists()


def test_a_loop_is_assessed_on_what_was_found_in_each_frame(segmenter: Path, classifier: Path, loop: Path) -> None:
    words = ("predict", loop, "--model", classifier, "--segmenter", segmenter, "--json")
    told = json.loads(run(*words, "--frames", "0,4,9").stdout)
    assert [one["frame_number"] for one in told["assessments"]] == [0, 4]  # nothing was found in frame 9
    (over,) = told["loops"]
    assert (over["frames"], over["box"]) == ([0, 4], None)  # a box of its own in each frame
    empty = run(*words, "--frames", "8,9")
    assert empty.exit_code == 2 and "no lesion was found in any of the frames that were chosen" in empty.stderr
