"""From files to assessments: what is assessed, what is refused, and heat maps that share a scale."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.inference.conftest import save
from tests.inference.test_segmenter import MarksTheBright
from tests.inference.test_segmenter import save as save_segmenter
from tests.pacs.conftest import ultrasound
from thyrosight.assessing import assess, segment
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, PairPreparation, Preparation, read_frame
from thyrosight.inference import Assessment, HeatScale, Predictor, Request, load_bundle
from thyrosight.networks import create

BOX = Box(20, 20, 80, 70)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bundle") / "model")


@pytest.fixture(scope="module")
def without_scale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bundle") / "model", heat_scale=None)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 200, (90, 120), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"scan{number}.png")
    return folder


def write_dicom(path: Path, frames: int | None = None) -> Path:
    ultrasound(frames=frames).save_as(path, enforce_file_format=True)
    return path


def test_an_image_is_assessed_as_the_predictor_assesses_it(model: Path, scans: Path) -> None:
    found = assess(scans / "scan0.png", model=model, box=BOX, device="cpu")
    assert list(found) == [Predictor(load_bundle(model)).assess(scans / "scan0.png", box=BOX)]
    assert (len(found), found.loops, found.refusals, found.heat_scale) == (1, [], [], None)
    assert found.model.hash == load_bundle(model).hash
    assert list(assess([str(scans / "scan0.png")], model=found.model, box=BOX)) == found.assessments


def test_names_frames_and_requests_come_back_in_their_order_and_what_is_no_image_is_refused(
    model: Path, scans: Path
) -> None:
    (scans / "broken.png").write_bytes(b"nothing")
    frame = read_frame(scans / "scan3.png")
    found = assess(
        [frame, scans / "scan1.png", Request(scans / "scan2.png", BOX), scans, "gone/*.png"], model=model, device="cpu"
    )
    names = [Path(one.image).name for one in found]
    assert names == [
        "scan3.png",
        "scan1.png",
        "scan2.png",
        "scan0.png",
        "scan3.png",
    ]  # a file that is named twice: once
    assert [one.box for one in found] == [None, None, BOX, None, None]
    assert sorted(Path(one.image).name for one in found.refusals) == ["*.png", "broken.png"]
    with pytest.raises(ImageError, match="no image matches this pattern"):
        found.with_frames()


def test_each_assessment_comes_with_its_frame(model: Path, tmp_path: Path) -> None:
    still, loop = write_dicom(tmp_path / "still"), write_dicom(tmp_path / "loop.dcm", frames=6)
    pairs = assess([still, loop], model=model, frames=[1, 4], device="cpu").with_frames()
    assert [(one.frame_number, frame.frame_number) for one, frame in pairs] == [(0, 0), (1, 1), (4, 4)]
    assert (pairs[2][1].pixels == read_frame(loop, frame=4).pixels).all()


def test_a_loop_is_assessed_over_its_frames(model: Path, tmp_path: Path) -> None:
    found = assess(write_dicom(tmp_path / "loop.dcm", frames=6), model=model, box=BOX, frames=3, device="cpu")
    (over,) = found.loops
    assert len(found) == 3 and over.frames_in_loop == 6 and over.frames == tuple(one.frame_number for one in found)
    assert over.calibrated_risk == pytest.approx(np.mean([one.calibrated_risk for one in found]))
    assert (over.model_hash, over.label_source, over.operating_point) == (
        found.model.hash,
        "simulated",
        found.model.info.operating_point,
    )


def test_nodules_are_found_where_no_box_is_given(model: Path, scans: Path, tmp_path: Path) -> None:
    drawn = save_segmenter(tmp_path / "segmenter", "segmentation")
    finder = replace(drawn, session=MarksTheBright(drawn))
    pixels = np.random.default_rng(0).integers(0, 90, (120, 200), dtype=np.uint8)
    pixels[30:110, 100:180] = 240
    pixels[10:40, 10:40] = 240
    Image.fromarray(pixels).save(tmp_path / "two.png")
    images = [tmp_path / "two.png", Request(scans / "scan0.png", BOX)]
    large, small, given = assess(images, model=model, segmenter=finder, device="cpu")
    assert large.box is not None and large.box.left > 90 and small.box is not None and small.box.right < 50
    assert large.contour is not None and "found by segmentation" in large.box_origin
    assert (given.box, given.contour, given.box_origin) == (BOX, None, "given with the image")
    # The box that was found gives what the same box gives when it is named.
    (named,) = assess(tmp_path / "two.png", model=model, box=large.box, device="cpu")
    assert named.probability == pytest.approx(large.probability, abs=1e-6)


def test_heat_maps_share_the_scale_of_the_model(model: Path, scans: Path) -> None:
    found = assess(scans, model=model, explain=True, device="cpu")
    assert found.heat_scale == HeatScale(value=0.01, rule="99th percentile of the maxima of 10 maps")
    assert all(one.heat_map is not None and one.heat_map.scale == 0.01 for one in found)


def test_or_one_of_their_own_the_same_whether_maps_are_kept_or_handed_on(without_scale: Path, scans: Path) -> None:
    kept = assess(scans, model=without_scale, explain=True, device="cpu")
    maxima = [one.heat_map.values.max() for one in kept if one.heat_map is not None]
    assert len(maxima) == 4 and kept.heat_scale is not None
    assert kept.heat_scale.value == pytest.approx(np.percentile(maxima, 99))
    assert kept.heat_scale.rule == "99th percentile of the maxima of 4 maps of this run"

    seen: list[tuple[Assessment, Request, HeatScale]] = []
    handed = assess(scans, model=without_scale, on_heat_map=lambda *given: seen.append(given), device="cpu")
    assert handed.heat_scale == kept.heat_scale and all(one.heat_map is None for one in handed)
    for one, (shown, request, scale) in zip(kept, seen, strict=True):
        assert scale == kept.heat_scale and request.name == one.image and not request.of_loop
        assert one.heat_map is not None and shown.heat_map is not None
        np.testing.assert_array_equal(one.heat_map.values, shown.heat_map.values)


def test_outlines_keep_their_masks_unless_they_are_handed_on(tmp_path: Path, scans: Path) -> None:
    drawn = save_segmenter(tmp_path / "segmenter", "segmentation")
    (scans / "broken.png").write_bytes(b"nothing")
    kept = segment(scans, model=drawn)
    assert [one.mask.shape for one in kept.segmentations] == [(90, 120)] * 4
    assert [Path(one.image).name for one in kept.refusals] == ["broken.png"] and kept.loops == frozenset()
    masks = []
    handed = segment(scans, model=drawn, on_outline=lambda result, request: masks.append(result.mask))
    assert all(one.mask.size == 0 for one in handed.segmentations)
    assert all((a == b.mask).all() for a, b in zip(masks, kept.segmentations, strict=True))


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"box": BOX}, "A box belongs to one image, but 4 images were named"),
        ({"elastogram": "a.png"}, "An elastogram belongs to one image, but 4 images were named"),
        ({"box": BOX, "boxes": "a.csv"}, "not both"),
        ({"elastogram": "a.png", "boxes": "a.csv"}, "in its column elastogram"),
    ],
)
def test_what_belongs_to_one_image_is_refused_for_several(
    model: Path, scans: Path, given: dict[str, object], match: str
) -> None:
    with pytest.raises(ImageError, match=match):
        assess(scans, model=model, **given)  # type: ignore[arg-type]
    with pytest.raises(ImageError, match="No image was named"):
        assess(model=model)


_WITHOUT_TORCH = """
import sys



class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision", "timm", "captum", "lightning_fabric"):
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, NotInstalled())
import json
from pathlib import Path

import numpy as np
import thyrosight
from thyrosight.inference import Bundle, BundleInfo, Capabilities, Outputs

content = json.loads(Path(sys.argv[1]).read_text())
content.pop("bundle_sha256")
info = BundleInfo.model_validate(content)


class Session:
    spec, capabilities = info.spec, Capabilities(True, False, False, "refused", False)

    def lane(self):
        return None

    def run(self, pixels):
        return Outputs(np.log([[0.25, 0.75]] * len(pixels)).astype(np.float32), None)


import thyrosight.pacs  # the node and the reports
found = thyrosight.assess(sys.argv[2], model=Bundle(Path("model"), info, Session(), "0" * 64))
print([round(one.probability, 6) for one in found], len(found.refusals))
"""


def test_assessing_needs_no_torch_where_another_engine_runs_the_network(scans: Path) -> None:
    bundle = Path(__file__).parent / "inference" / "old_bundles" / "one_image.json"
    told = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TORCH, str(bundle), str(scans)], check=True, capture_output=True, text=True
    )
    assert told.stdout == "[0.75, 0.75, 0.75, 0.75] 0\n"


@pytest.fixture
def pair_model(tmp_path: Path) -> Callable[[str], Path]:
    def make(fusion: str) -> Path:
        network, spec = create("tiny", input_size=32, seed=1, fusion=fusion)  # type: ignore[arg-type]
        pair = PairPreparation(first=Preparation(size=32), second=Preparation(size=32, colour="rgb"))
        return save(tmp_path / fusion, network=network, spec=spec, preparation=pair.first, pair=pair)

    return make


@pytest.mark.parametrize("fusion", ["late", "mixed"])
@pytest.mark.parametrize("frames", [None, 5])
def test_without_an_elastogram_the_b_mode_image_is_judged_alone_and_the_result_says_so(
    pair_model: Callable[[str], Path], tmp_path: Path, fusion: str, frames: int | None
) -> None:
    path = write_dicom(tmp_path / "us.dcm", frames)
    assessed = assess(path, model=pair_model(fusion), box=BOX, frames=2, explain=True, device="cpu").with_frames()
    assert len(assessed) == (2 if frames else 1)
    for one, frame in assessed:
        assert "no elastogram: the B-mode image alone was used" in one.notes
        assert one.heat_map is not None and one.heat_map.values.shape == (frame.rows, frame.columns)


@pytest.mark.parametrize(("frames", "reason"), [(None, "without an elastogram; give one"), (5, "a loop has none")])
def test_early_fusion_refuses_in_one_sentence(
    pair_model: Callable[[str], Path], tmp_path: Path, frames: int | None, reason: str
) -> None:
    found = assess(write_dicom(tmp_path / "us.dcm", frames), model=pair_model("early"), device="cpu")
    assert len(found) == 0
    with pytest.raises(ImageError, match=reason):
        found.with_frames()
