"""Bundles that draw: saved, loaded, refused; masks back in frame coordinates; nodules found for a classifier."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thyrosight.errors import BundleError
from thyrosight.files import sha256_of_json
from thyrosight.imaging import Box, Frame, Preparation
from thyrosight.inference import (
    Bundle,
    BundleInfo,
    MaskPoint,
    OperatingPoint,
    Outputs,
    Predictor,
    Refusal,
    Request,
    Segmentation,
    Segmenter,
    find_nodules,
    load_bundle,
    save_bundle,
)
from thyrosight.inference.views import Views
from thyrosight.networks import create

COHORT = {"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"}
POINT = OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part of division-01")
MASKS = MaskPoint(chosen_on="validation part of division-01", dice=0.8)
WHOLE = Preparation(size=64, crop="whole frame", scan_area=False)


def save(folder: Path, task: str, **changes: object) -> Bundle:
    network, spec = create("ynet", input_size=64, task=task, seed=1)  # type: ignore[arg-type]
    given = {"network": network, "spec": spec, "preparation": WHOLE, "cohort": COHORT, "masks": MASKS, **changes}
    return save_bundle(folder, **given)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return save(tmp_path_factory.mktemp("bundle") / "model", "segmentation")


class MarksTheBright:
    """A session of no engine at all: what is bright belongs to a lesion."""

    def __init__(self, bundle: Bundle) -> None:
        self.spec, self.capabilities = bundle.info.spec, bundle.session.capabilities

    engine = "of a test"

    def lane(self) -> None:
        return None

    def run(self, pixels: np.ndarray) -> Outputs:
        return Outputs(None, np.where(pixels > 150, np.float32(9), np.float32(-9)))


@pytest.fixture
def bright(bundle: Bundle) -> Segmenter:
    """A segmenter whose network marks what is bright."""
    return Segmenter(replace(bundle, session=MarksTheBright(bundle)))


def picture(*boxes: Box, name: str = "a.png", spacing: tuple[float, float] | None = None) -> Frame:
    pixels = np.random.default_rng(0).integers(0, 90, (120, 200), dtype=np.uint8)
    for box in boxes:
        pixels[box.top : box.bottom, box.left : box.right] = 240
    return Frame(pixels, name, spacing, "the user gave it" if spacing else "unknown")


# Bundles --------------------------------------------------------------------------------------------------------------


def test_a_bundle_that_draws_is_read_back(bundle: Bundle) -> None:
    again = load_bundle(bundle.folder)
    assert again.hash == bundle.hash and again.info.masks == MASKS and again.info.spec.task == "segmentation"
    assert again.info.operating_point.rule == "none: this model tells no classes apart"
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64), dtype=np.uint8)
    first, second = (one.session.run(pixels) for one in (bundle, again))
    assert first.logits is None and second.logits is None
    assert first.mask_logits is not None and np.array_equal(first.mask_logits, second.mask_logits)  # type: ignore[arg-type]


def test_a_joint_bundle_assesses_and_outlines(tmp_path: Path) -> None:
    joint = save(tmp_path / "model", "joint", calibration={"method": "none"}, operating_point=POINT)
    frame = picture(Box(50, 30, 110, 90))
    assert 0 <= Predictor(joint).assess(frame).probability <= 1
    assert Segmenter(joint).segment(frame).mask.shape == (120, 200)


def test_what_a_bundle_needs_depends_on_its_task(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="needs calibration and operating point"):
        save(tmp_path / "a", "joint")
    with pytest.raises(BundleError, match="a model for segmentation needs `masks`"):
        save(tmp_path / "b", "segmentation", masks=None)
    with pytest.raises(BundleError, match="a model for classification has no `masks`"):
        save(tmp_path / "c", "classification", calibration={"method": "none"}, operating_point=POINT)
    assert list(tmp_path.iterdir()) == []


def test_bundles_from_before_there_were_masks_are_what_they_were(tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=64)
    made = save_bundle(
        tmp_path / "model",
        network=network,
        spec=spec,
        preparation=WHOLE,
        calibration={"method": "none"},
        operating_point=POINT,
        cohort=COHORT,
    )
    content = json.loads((made.folder / "bundle.json").read_text(encoding="utf-8"))
    assert "masks" not in content and "task" not in content["spec"]
    kept = {key: value for key, value in content.items() if key not in ("bundle_sha256", "created")}
    assert sha256_of_json(kept) == content["bundle_sha256"]
    assert BundleInfo.model_validate({**kept, "created": content["created"]}).masks is None
    with pytest.raises(BundleError, match=r"\(Tiny CNN trained on phantoms\) classifies and draws no outlines"):
        Segmenter(made)


# Masks of frames ------------------------------------------------------------------------------------------------------


def test_masks_come_back_into_the_frame(bright: Segmenter) -> None:
    box = Box(60, 20, 140, 100)
    found = bright.segment(picture(box, spacing=(0.1, 0.05)))
    assert found.mask.shape == (120, 200)
    (lesion,) = found.lesions
    # The frame was shrunk from 200 to 64 columns: an edge is found to within a prepared pixel.
    assert all(abs(a - b) <= 3 for a, b in zip(vars(lesion.box).values(), vars(box).values(), strict=True))
    assert lesion.unit == "mm" and lesion.taller_than_wide  # 8 mm tall and 4 mm wide
    truth = np.zeros((120, 200), dtype=bool)
    truth[20:100, 60:140] = True
    assert 2 * (found.mask & truth).sum() / (found.mask.sum() + truth.sum()) > 0.95
    assert Segmentation.model_validate({**found.model_dump(), "mask": found.mask}).lesions == found.lesions
    assert "mask" not in found.model_dump() and json.loads(found.model_dump_json())["lesions"]


@pytest.mark.parametrize("shape", [(9, 11), (300, 20)])
def test_frames_smaller_or_longer_than_the_network_expects(bundle: Bundle, shape: tuple[int, int]) -> None:
    frame = Frame(np.full(shape, 90, dtype=np.uint8), "small.png")
    assert Segmenter(bundle).segment(frame).mask.shape == shape


def test_one_bad_image_does_not_stop_the_others(bright: Segmenter, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"nothing")
    seen: list[tuple[int, int]] = []
    images = [picture(), tmp_path / "broken.png", picture(Box(10, 10, 60, 60))]
    results = list(
        bright.segment_many(images, batch_size=2, progress=lambda _, done, total: seen.append((done, total)))
    )
    assert [type(one) for one in results] == [Segmentation, Refusal, Segmentation]
    assert seen == [(2, 3), (3, 3)]
    assert len(results[2].lesions) == 1  # type: ignore[union-attr]


# Nodules for a classifier ---------------------------------------------------------------------------------------------


def test_each_lesion_becomes_a_request_and_given_boxes_stay(bright: Segmenter, tmp_path: Path) -> None:
    small, large, given = Box(10, 10, 40, 40), Box(100, 30, 180, 110), Box(0, 0, 50, 50)
    (tmp_path / "broken.png").write_bytes(b"nothing")
    requests = [
        Request(picture(name="none.png")),
        Request(picture(small, large, name="two.png")),
        Request(picture(small, name="given.png"), given),
        Request(tmp_path / "broken.png"),
    ]
    found, refusals = find_nodules(bright, requests)
    assert [request.name for request in found] == ["none.png", "two.png", "two.png", "given.png"]
    none, first, second, kept = found
    assert none.box is None and none.origin == "no nodule box: Y-Net trained on phantoms found no lesion"
    assert first.box is not None and first.box.left > 90 and second.box is not None and second.box.right < 50
    assert first.contour and "1 of 2 lesions, by area" in (first.origin or "")
    assert kept == requests[2]
    assert len(refusals) == 1 and "broken.png" in refusals[0].reason


def test_of_a_loop_the_largest_lesion_of_each_frame_is_taken(bright: Segmenter) -> None:
    small, large = Box(10, 10, 40, 40), Box(100, 30, 180, 110)
    frames = [picture(small, large, name="loop.dcm"), picture(name="loop.dcm"), picture(small, name="loop.dcm")]
    found, refusals = find_nodules(bright, [Request(frame) for frame in frames], loops={"loop.dcm"})
    assert [request.image for request in found] == [frames[0], frames[2]]
    assert refusals == []
    _, refusals = find_nodules(bright, [Request(frames[1])], loops={"loop.dcm"})
    assert [one.reason for one in refusals] == [
        "loop.dcm: no lesion was found in any of the frames that were chosen; give a box."
    ]


def test_a_model_of_nodule_crops_cannot_find_nodules(tmp_path: Path) -> None:
    crops = Segmenter(save(tmp_path / "model", "segmentation", preparation=Preparation(size=64, crop="nodule")))
    with pytest.raises(BundleError, match=r"cannot find them; name one that was trained on whole images"):
        find_nodules(crops, [Request(picture())])
    # With a box it outlines what is in it.
    assert crops.segment(picture(), box=Box(20, 20, 90, 90)).mask.shape == (120, 200)


def test_both_halves_of_a_mirrored_pair_count(tmp_path: Path) -> None:
    """A network that marks the left side only, however the image is turned, marks both sides half."""
    bundle = save(tmp_path / "model", "segmentation", views=Views(mirrored=True))

    class MarksTheLeft(MarksTheBright):
        def run(self, pixels: np.ndarray) -> Outputs:
            logits = np.full(pixels.shape, np.float32(-1))
            logits[:, :, :16] = 3
            return Outputs(None, logits)

    segmenter = Segmenter(replace(bundle, session=MarksTheLeft(bundle)))
    result = segmenter.segment(Frame(np.full((64, 64), 90, dtype=np.uint8), "a.png"))
    assert sorted(one.box.to_text() for one in result.lesions) == ["0,0,16,64", "48,0,64,64"]


def test_small_and_unsure_lesions_count_as_none(tmp_path: Path) -> None:
    pixels = np.zeros((64, 64), dtype=np.uint8)
    pixels[4:12, 4:12] = 200  # 64 pixels, 1.6 % of the frame
    pixels[30:50, 30:50] = 200
    for changes, expected in (({}, 2), ({"least_share": 0.02}, 1), ({"least_share": 0.2}, 0)):
        bundle = save(tmp_path / str(changes), "segmentation", masks=MASKS.model_copy(update=changes))
        result = Segmenter(replace(bundle, session=MarksTheBright(bundle))).segment(Frame(pixels, "a.png"))
        assert len(result.lesions) == expected and int(result.mask.any()) == min(expected, 1)
    unsure = MASKS.model_copy(update={"least_probability": 0.99995})  # a logit of 9 is a probability of 0.99988
    bundle = save(tmp_path / "unsure", "segmentation", masks=unsure)
    assert not Segmenter(replace(bundle, session=MarksTheBright(bundle))).segment(Frame(pixels, "a.png")).lesions


def test_who_looks_for_nodules_only_leaves_the_checks_to_the_model_that_judges(bundle: Bundle) -> None:
    dark = Frame(np.zeros((300, 300), dtype=np.uint8), "dark.png")
    checked, unchecked = (Segmenter(bundle, checked=checked).segment(dark) for checked in (True, False))
    assert "too dark" in checked.quality_flags and unchecked.quality_flags == ()
    assert unchecked.lesions == checked.lesions


def test_an_image_without_a_nodule_is_flagged(bundle: Bundle, tmp_path: Path) -> None:
    black = Frame(np.zeros((64, 64), dtype=np.uint8), "a.png")
    segmenter = Segmenter(replace(bundle, session=MarksTheBright(bundle)))
    found, _ = find_nodules(segmenter, [Request(black)])
    assert found[0].flags == ("no nodule found",) and found[0].box is None
    joint = save(tmp_path / "joint", "joint", calibration={"method": "none"}, operating_point=POINT)
    assert Predictor(joint).assess(black).quality_flags[0] != "no nodule found"
    flagged = next(iter(Predictor(joint).assess_many(found)))
    assert flagged.quality_flags[0] == "no nodule found"  # type: ignore[union-attr]
