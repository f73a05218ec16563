"""Images unlike those of the training: found by the network's features, flagged by who finds and by who judges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from thyrosight.errors import BundleError
from thyrosight.files import sha256_of_json
from thyrosight.imaging import Box, Frame, Preparation
from thyrosight.inference import (
    Bundle,
    MaskPoint,
    Outputs,
    Predictor,
    Request,
    Segmenter,
    find_nodules,
    load_bundle,
    save_bundle,
)
from thyrosight.inference.export import compared
from thyrosight.inference.familiarity import UNLIKE, Familiarity, LinearMeasure, lit_cells
from thyrosight.inference.gate import QUALITY_FLAGS
from thyrosight.inference.views import Views
from thyrosight.networks import create

COHORT = {"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"}
WHOLE = Preparation(size=64, crop="scan area", scan_area=False)
CHANNELS = 192 + 96  # of the two deepest maps of this U-Net on a small encoder


def measure(weights: tuple[float, ...], *, limit: float, cells: int = 2, offset: float = 0.0) -> LinearMeasure:
    return LinearMeasure(name="far", weights=weights, offset=offset, cells=cells, limit=limit)


def familiarity(*measures: LinearMeasure) -> Familiarity:
    return Familiarity(measures=measures, rule="95 % of them", fitted_on="phantoms", images=20, groups=7)


def save(folder: Path, told: Familiarity | None, **changes: object) -> Bundle:
    network, spec = create("unet_timm:test_resnet", input_size=64, task="segmentation", seed=1)
    given = {"network": network, "spec": spec, "preparation": WHOLE, "cohort": COHORT, "familiarity": told}
    return save_bundle(folder, masks=MaskPoint(chosen_on="nothing"), **{**given, **changes})  # type: ignore[arg-type]


def noise(seed: int = 0) -> Frame:
    return Frame(np.random.default_rng(seed).integers(1, 255, (96, 96), dtype=np.uint8), f"{seed}.png")


class Answers:
    """A session of no engine: a bright square is a lesion, and the one feature is the brightness of each cell."""

    engine = "of a test"

    def __init__(self, bundle: Bundle, *, features: bool = True) -> None:
        self.spec, self.capabilities, self.features = bundle.info.spec, bundle.session.capabilities, features

    def lane(self) -> None:
        return None

    def run(self, pixels: np.ndarray) -> Outputs:
        masks = np.where(pixels > 200, np.float32(9), np.float32(-9))
        bright = pixels.reshape(len(pixels), 1, 4, 16, 4, 16).mean(axis=(3, 5)).astype(np.float32)
        return Outputs(None, masks, features=bright if self.features else None)


def finder(folder: Path, *, limit: float, features: bool = True, **changes: object) -> Segmenter:
    """Images none of whose sixteen cells are darker than `limit` are unlike those of the training."""
    bundle = save(folder, familiarity(measure((1.0,), limit=limit, cells=1)), **changes)
    return Segmenter(replace(bundle, session=Answers(bundle, features=features)))


def lit(background: int) -> Frame:
    pixels = np.full((64, 64), background, dtype=np.uint8)
    pixels[4:28, 4:28] = 255
    return Frame(pixels, f"{background}.png")


# The measures ---------------------------------------------------------------------------------------------------------


def test_a_far_image_is_unlike_and_a_near_one_is_not() -> None:
    told = familiarity(measure((1.0, -1.0), limit=0.5))
    near, far = np.zeros((2, 3, 3), np.float32), np.ones((2, 3, 3), np.float32)
    far[1] = 0
    pixels = np.full((9, 9), 200, np.uint8)
    assert not told.is_unlike(near, pixels)
    assert told.is_unlike(far, pixels)


def test_a_familiar_part_is_enough_and_what_is_black_does_not_count() -> None:
    told = familiarity(measure((1.0,), limit=0.5))
    features = np.ones((1, 3, 3), np.float32)
    features[0, 0, :2] = 0  # two cells as in the training
    pixels = np.full((9, 9), 200, np.uint8)
    assert not told.is_unlike(features, pixels)
    pixels[:3, :6] = 0  # outside the scan area
    assert told.is_unlike(features, pixels)


def test_one_measure_beyond_its_limit_is_enough() -> None:
    features, pixels = np.full((1, 2, 2), 0.4, np.float32), np.full((4, 4), 9, np.uint8)
    low, high = measure((1.0,), limit=0.3), measure((1.0,), limit=0.5)
    assert familiarity(high, low).is_unlike(features, pixels)
    assert not familiarity(high, high).is_unlike(features, pixels)


def test_a_black_image_is_unlike_any() -> None:
    told = familiarity(measure((0.0,), limit=1e9))
    assert told.is_unlike(np.zeros((1, 2, 2), np.float32), np.zeros((4, 4), np.uint8))


def test_cells_of_sides_that_do_not_divide_and_of_colour() -> None:
    pixels = np.zeros((5, 5, 3), np.uint8)
    pixels[:, :3, 1] = 8
    assert lit_cells(pixels, (2, 2)).tolist() == [[True, False], [True, False]]


def test_measures_of_two_networks_are_refused() -> None:
    with pytest.raises(ValidationError, match="different numbers of weights"):
        familiarity(measure((1.0,), limit=0), measure((1.0, 2.0), limit=0))


# The bundle -----------------------------------------------------------------------------------------------------------


def test_the_part_is_read_back_and_changes_the_hash(tmp_path: Path) -> None:
    told = familiarity(measure(tuple(np.linspace(-1, 1, CHANNELS).tolist()), limit=1 / 3, offset=0.1))
    with_it, without = save(tmp_path / "with", told), save(tmp_path / "without", None)
    assert load_bundle(with_it.folder).info.familiarity == told
    assert with_it.hash != without.hash
    stated = without.info.model_dump(mode="json")
    assert "familiarity" not in stated  # bundles written before have the same hash as ever
    assert sha256_of_json({key: value for key, value in stated.items() if key != "created"}) == without.hash


def test_a_classifier_and_a_model_of_crops_have_none(tmp_path: Path) -> None:
    told = familiarity(measure((1.0,), limit=0))
    with pytest.raises(BundleError, match="masks on whole images"):
        save(tmp_path / "model", told, preparation=Preparation(size=64, crop="nodule"))


def test_the_exported_network_gives_the_same_features(tmp_path: Path) -> None:
    told = familiarity(measure((0.01,) * CHANNELS, limit=0.0))
    pixels = [WHOLE.prepare(noise(seed)).pixels for seed in range(3)]
    bundle = save(tmp_path / "model", told, images=pixels)
    exported = load_bundle(bundle.folder, backend="onnx")
    ours, theirs = (one.session.run(np.stack(pixels)).features for one in (bundle, exported))
    assert ours is not None
    assert theirs is not None
    assert ours.shape == (3, CHANNELS, 4, 4)
    largest = np.abs(ours).max()
    assert largest > 0
    assert np.abs(ours - theirs).max() <= 1e-4 * largest
    compared(bundle, exported.session, pixels[0])


def test_a_model_without_the_part_gives_no_features(tmp_path: Path) -> None:
    pixels = WHOLE.prepare(noise()).pixels
    bundle = save(tmp_path / "model", None, images=[pixels])
    assert bundle.session.run(pixels[None]).features is None
    assert load_bundle(bundle.folder, backend="onnx").session.run(pixels[None]).features is None


# Flags ----------------------------------------------------------------------------------------------------------------


def test_the_flag_stands_first_in_the_outlines(tmp_path: Path) -> None:
    segmenter = finder(tmp_path / "model", limit=100)
    assert segmenter.segment(lit(90)).quality_flags[:1] != (UNLIKE,)
    assert segmenter.segment(lit(110)).quality_flags[:1] == (UNLIKE,)
    assert UNLIKE in QUALITY_FLAGS


def test_of_mirrored_images_each_has_its_own_flag(tmp_path: Path) -> None:
    segmenter = finder(tmp_path / "model", limit=100, views=Views(mirrored=True))
    results = segmenter.segment_many([lit(level) for level in (90, 110, 91, 111)])
    assert [UNLIKE in one.quality_flags for one in results if not hasattr(one, "reason")] == [False, True, False, True]


def test_the_flag_reaches_the_assessment_of_each_nodule(tmp_path: Path, saved: Path) -> None:
    segmenter, predictor = finder(tmp_path / "model", limit=100), Predictor(load_bundle(saved))
    requests = [Request(lit(90)), Request(lit(110)), Request(lit(110), Box(4, 4, 28, 28))]
    found, _ = find_nodules(segmenter, requests)
    flagged = [UNLIKE in one.quality_flags for one in predictor.assess_many(found) if not hasattr(one, "reason")]
    assert flagged == [False, True, False]  # where a box is given nobody looks for nodules


def test_the_flag_reaches_an_image_in_which_nothing_was_found(tmp_path: Path) -> None:
    empty = Frame(np.full((64, 64), 150, np.uint8), "empty.png")
    (found,), _ = find_nodules(finder(tmp_path / "model", limit=100), [Request(empty)])
    assert found.box is None
    assert UNLIKE in found.flags


def test_a_network_that_was_exported_without_features_is_refused(tmp_path: Path) -> None:
    segmenter = finder(tmp_path / "model", limit=100, features=False)
    with pytest.raises(
        BundleError, match="does not give the 1 features that its `familiarity` reads; write it again with"
    ):
        segmenter.segment(lit(90))
