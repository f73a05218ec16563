"""The predictor: what the network says, put in words and numbers that can be traced."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thyrosight.errors import BundleError, ImageError
from thyrosight.explaining import grad_cam
from thyrosight.imaging import Box, Frame, read_frame
from thyrosight.inference import (
    Assessment,
    OperatingPoint,
    Predictor,
    Refusal,
    Request,
    load_bundle,
    malignancy,
    network_of,
    over_frames,
    predict_logits,
)
from thyrosight.networks import create
from thyrosight.reports import model_card


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven images, a text file and a cut image."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for number in range(7):
        Image.fromarray(rng.integers(0, 200, (90, 120 + number), dtype=np.uint8)).save(folder / f"{number}.png")
    (folder / "text.png").write_text("no image", encoding="utf-8")
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:400])
    return folder


@pytest.fixture
def predictor(saved: Path) -> Predictor:
    return Predictor(load_bundle(saved))


def brightness(session: object, pixels: np.ndarray) -> np.ndarray:
    """An explainer whose map is the prepared image itself."""
    return pixels.astype(np.float32)


def test_numbers_are_those_of_network_calibration_and_operating_point(predictor: Predictor, folder: Path) -> None:
    box = Box(20, 20, 80, 70)
    result = predictor.assess(folder / "0.png", box=box)
    info = predictor.bundle.info
    prepared = info.preparation.prepare(read_frame(folder / "0.png"), box=box)
    network = network_of(predictor.bundle.session)
    expected = malignancy(predict_logits(network, info.spec, prepared.pixels[None]), info.spec)[0]
    assert result.probability == pytest.approx(expected, abs=1e-9)
    odds = 2 * np.log(expected / (1 - expected)) + 0.5  # the Platt line of the bundle
    assert result.calibrated_risk == pytest.approx(1 / (1 + np.exp(-odds)))
    assert result.label == ("malignant" if result.calibrated_risk >= 0.4 else "benign")
    assert result.model_hash == predictor.bundle.hash
    assert (result.label_source, result.split_kind) == ("simulated", "patient-level")
    assert result.box == box and result.box_origin == "given with the image"
    assert result.size_mm is None and result.size_reason == "the file format carries no spacing"
    assert "research use only" in result.research_use


def test_a_risk_at_the_operating_point_is_malignant(
    predictor: Predictor, folder: Path, tmp_path: Path, save_model: Callable[..., Path]
) -> None:
    risk = predictor.assess(folder / "0.png").calibrated_risk
    for threshold, label in ((risk, "malignant"), (np.nextafter(risk, 1), "benign")):
        point = OperatingPoint(threshold=float(threshold), rule="r", chosen_on="c")
        bundle = load_bundle(save_model(tmp_path / "model", operating_point=point))
        assert Predictor(bundle).assess(folder / "0.png").label == label


@pytest.mark.parametrize(
    ("calibration", "name"), [(None, "calibrated risk"), ({"method": "none"}, "risk, not calibrated")]
)
def test_a_risk_is_called_calibrated_where_the_model_was(
    folder: Path, tmp_path: Path, save_model: Callable[..., Path], calibration: dict[str, str] | None, name: str
) -> None:
    given = {} if calibration is None else {"calibration": calibration}
    predictor = Predictor(load_bundle(save_model(tmp_path / "model", **given)))
    one = predictor.assess(folder / "0.png")
    assert one.risk_name == over_frames([one], frames_in_loop=1).risk_name == name
    assert predictor.bundle.info.calibrated == (calibration is None)
    assert (one.calibrated_risk == one.probability) == (calibration is not None)
    card = model_card(predictor.bundle.info, model_hash=one.model_hash)
    assert ("calibrated risk of" in card) == (calibration is None)
    assert ("risk, not calibrated, of" in card) == (calibration is not None)
    older = {key: value for key, value in one.model_dump().items() if key != "calibration"}
    assert Assessment.model_validate(older).risk_name == "risk"


def test_the_order_of_the_classes_decides_nothing(
    folder: Path, tmp_path: Path, save_model: Callable[..., Path], saved: Path
) -> None:
    """A network whose two last rows and class names changed places gives the same answers and the same heat map."""
    network, spec = create("tiny", input_size=32, seed=1, classes=("malignant", "benign"))
    head = network.get_submodule("head")
    assert isinstance(head, torch.nn.Linear)
    head.weight.data, head.bias.data = head.weight.data.flip(0), head.bias.data.flip(0)
    turned = load_bundle(save_model(tmp_path / "model", network=network, spec=spec))
    assert turned.info.spec.classes == ("malignant", "benign")
    found, expected = (
        Predictor(bundle, explainer=grad_cam).assess(folder / "0.png", explain=True)
        for bundle in (turned, load_bundle(saved))
    )
    assert expected.probability != pytest.approx(0.5, abs=1e-3)  # the two columns differ
    for name in ("probability", "calibrated_risk"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-6)
    assert found.label == expected.label
    assert found.heat_map is not None and expected.heat_map is not None
    np.testing.assert_allclose(found.heat_map.values, expected.heat_map.values, atol=1e-7)


def test_without_a_box_it_says_what_was_shown(predictor: Predictor, folder: Path) -> None:
    result = predictor.assess(folder / "0.png")
    assert result.box is None and result.box_origin == "no nodule box: the whole scan area was used"
    assert "no nodule box" in result.quality_flags


@pytest.mark.parametrize("batch_size", [1, 2, 3, 50])
def test_many_images_give_what_single_ones_give_and_bad_ones_are_refused_in_place(
    predictor: Predictor, folder: Path, batch_size: int
) -> None:
    files = [folder / name for name in ("0.png", "text.png", "1.png", "2.png", "gone.png", "cut.png", "3.png")]
    seen: list[tuple[int, int]] = []
    results = list(
        predictor.assess_many(files, batch_size=batch_size, progress=lambda _, done, total: seen.append((done, total)))
    )
    assert [result.image for result in results] == [str(file) for file in files]
    assert [isinstance(result, Refusal) for result in results] == [False, True, False, False, True, True, False]
    assert "is not an image" in results[1].reason and "no such file" in results[4].reason
    for result, file in zip(results, files, strict=True):
        if isinstance(result, Assessment):
            assert result.probability == pytest.approx(predictor.assess(file).probability, abs=1e-6)
    assert seen[-1] == (7, 7)


def test_an_endless_stream_is_not_read_to_its_end(predictor: Predictor, folder: Path) -> None:
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield folder / "0.png"

    stream = predictor.assess_many(endless(), batch_size=2)
    for _ in range(5):
        next(stream)
    stream.close()
    assert read <= 8  # three batches begun, one read ahead


def test_nothing_and_only_bad_images(predictor: Predictor, folder: Path) -> None:
    assert list(predictor.assess_many([])) == []
    assert [type(item) for item in predictor.assess_many([folder / "text.png"])] == [Refusal]


def test_several_nodules_of_one_image_and_a_box_outside(predictor: Predictor, folder: Path) -> None:
    boxes = [Box(0, 0, 40, 40), Box(50, 20, 100, 80), Box(100, 50, 400, 80)]
    first, second, outside = predictor.assess_many([Request(folder / "1.png", box) for box in boxes])
    assert (first.box, second.box) == (boxes[0], boxes[1]) and first.probability != second.probability
    assert "outside the image of 121 x 90" in outside.reason
    with pytest.raises(ImageError, match="outside the image"):
        predictor.assess(folder / "1.png", box=boxes[2])


def test_size_needs_box_and_spacing(predictor: Predictor) -> None:
    pixels = np.random.default_rng(1).integers(0, 200, (90, 120), dtype=np.uint8)
    frame = Frame(pixels, "a.png", spacing_mm=(0.1, 0.2), spacing_reason="written by hand")
    result = predictor.assess(frame, box=Box(10, 20, 60, 50))
    assert result.size_mm == pytest.approx((3.0, 10.0))
    assert "written by hand" in result.size_reason


def test_heat_lands_where_it_belongs_in_the_frame(saved: Path) -> None:
    predictor = Predictor(load_bundle(saved), explainer=brightness)
    pixels = np.random.default_rng(0).integers(30, 60, (120, 160), dtype=np.uint8)
    pixels[60:80, 90:120] = 250
    result = predictor.assess(Frame(pixels, "a.png"), box=Box(70, 40, 140, 100), explain=True)
    heat = result.heat_map
    assert heat.values.shape == (120, 160) and heat.scale == 0.01  # the bundle's own
    rows, columns = np.nonzero(heat.values > 145)
    assert (rows.min(), rows.max() + 1) == pytest.approx((60, 80), abs=4)  # one input pixel is 3.3 frame pixels wide
    assert (columns.min(), columns.max() + 1) == pytest.approx((90, 120), abs=4)
    outside = np.ones((120, 160), dtype=bool)
    window = heat.window
    outside[max(window.top, 0) : window.bottom, max(window.left, 0) : window.right] = False
    assert outside.any() and (heat.values[outside] == 0).all()
    assert (heat.values[~outside] > 0).all()


def test_heat_is_not_part_of_the_json(saved: Path, folder: Path) -> None:
    result = Predictor(load_bundle(saved), explainer=brightness).assess(folder / "0.png", explain=True)
    assert result.heat_map is not None
    text = result.model_dump_json()
    assert "heat" not in text
    assert Assessment.model_validate_json(text) == result.model_copy(update={"heat_map": None})


def test_heat_maps_without_an_explainer_are_refused(predictor: Predictor, folder: Path) -> None:
    with pytest.raises(BundleError, match="need an explainer"):
        predictor.assess(folder / "0.png", explain=True)


def test_inference_brings_neither_training_nor_lightning() -> None:
    code = "import sys\nfrom thyrosight.inference import *\nprint(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert "thyrosight.networks" in found.stdout
    assert "lightning" not in found.stdout and "thyrosight.training" not in found.stdout
