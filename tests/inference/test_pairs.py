"""Bundles and predictions of pairs: the same numbers as the network, and every absence said or refused."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thyrosight.errors import BundleError, ImageError, NetworkError
from thyrosight.explain import heat_maps
from thyrosight.explaining import grad_cam
from thyrosight.imaging import Box, Margin, PairPreparation, Preparation, read_frame
from thyrosight.inference import (
    Assessment,
    BundleInfo,
    Predictor,
    Refusal,
    Request,
    load_bundle,
    malignancy,
    network_of,
    predict_logits,
    read_boxes,
)
from thyrosight.networks import create

BOX = Box(30, 20, 90, 70)
ALONE = "no elastogram: the B-mode image alone was used"
UNTRAINED = "the model was not trained to do without one of the two images"
SaveModel = Callable[..., Path]


def pairs_of(**second: object) -> PairPreparation:
    margin = Margin(value=0.25, unit="fraction")
    return PairPreparation(
        first=Preparation(size=32, crop="nodule", margin=margin),
        second=Preparation(size=32, crop="nodule", margin=margin, colour="rgb"),
        **second,
    )


def save_pairs(save_model: SaveModel, folder: Path, fusion: str, *, trained: bool = True, **second: object) -> Path:
    network, spec = create("tiny", input_size=32, seed=1, fusion=fusion)
    if fusion == "late" and trained:
        torch.manual_seed(0)
        network.absent.data.normal_()
    pair = pairs_of(**second)
    return save_model(folder, network=network, spec=spec, preparation=pair.first, pair=pair)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """B-mode images b0 to b3, elastograms e0 to e3, one of another size and one that is black."""
    folder = tmp_path_factory.mktemp("pairs")
    random = np.random.default_rng(0)
    for number in range(4):
        Image.fromarray(random.integers(1, 200, (90, 120), dtype=np.uint8)).save(folder / f"b{number}.png")
        Image.fromarray(random.integers(1, 255, (90, 120, 3), dtype=np.uint8)).save(folder / f"e{number}.png")
    Image.fromarray(np.full((60, 120, 3), 90, np.uint8)).save(folder / "small.png")
    Image.fromarray(np.zeros((90, 120, 3), np.uint8)).save(folder / "black.png")
    return folder


@pytest.fixture
def predictor(save_model: SaveModel, tmp_path: Path) -> Callable[..., Predictor]:
    def make(fusion: str, **options: object) -> Predictor:
        path = save_pairs(save_model, tmp_path / "model", fusion, **options)
        return Predictor(load_bundle(path), explainer=grad_cam)

    return make


@pytest.mark.parametrize("fusion", ["late", "mixed", "early"])
def test_a_pair_is_judged_as_the_network_judges_its_prepared_pixels(
    predictor: Callable[..., Predictor], images: Path, fusion: str
) -> None:
    model = predictor(fusion)
    result = model.assess(images / "b0.png", box=BOX, elastogram=images / "e0.png")
    info = model.bundle.info
    assert info.pair is not None
    pair = info.pair.prepare(read_frame(images / "b0.png"), read_frame(images / "e0.png"), box=BOX)
    expected = malignancy(predict_logits(network_of(model.bundle.session), info.spec, pair.pixels[None]), info.spec)[0]
    assert result.probability == pytest.approx(expected, abs=1e-7)
    assert result.elastogram == str(images / "e0.png")
    assert not any("alone" in note for note in result.notes)
    other = model.assess(images / "b0.png", box=BOX, elastogram=images / "e1.png")
    assert other.probability != result.probability  # the elastogram takes part
    assert model.bundle.title == f"Tiny CNN, {fusion} fusion, trained on phantoms"


@pytest.mark.parametrize("fusion", ["late", "mixed"])
def test_without_its_elastogram_an_image_is_judged_alone_and_the_result_says_so(
    predictor: Callable[..., Predictor], images: Path, fusion: str
) -> None:
    model = predictor(fusion)
    alone = model.assess(images / "b0.png", box=BOX)
    assert ALONE in alone.notes and alone.elastogram is None
    assert "elastogram" not in json.loads(alone.model_dump_json())  # what is written of single images stays as it was
    black = model.assess(images / "b0.png", box=BOX, elastogram=images / "black.png")
    assert "the elastogram is black here: the B-mode image alone was used" in black.notes
    assert black.probability == pytest.approx(alone.probability, abs=1e-7)
    assert UNTRAINED not in alone.notes


def test_a_late_fusion_that_never_met_an_absent_image_says_so(
    predictor: Callable[..., Predictor], images: Path
) -> None:
    model = predictor("late", trained=False)
    assert {ALONE, UNTRAINED} <= set(model.assess(images / "b0.png").notes)
    assert UNTRAINED not in model.assess(images / "b0.png", elastogram=images / "e0.png").notes


def test_early_fusion_refuses_what_lacks_an_elastogram_and_judges_the_rest(
    predictor: Callable[..., Predictor], images: Path
) -> None:
    model = predictor("early")
    requests = [
        Request(images / "b0.png", elastogram=images / "e0.png"),
        Request(images / "b1.png"),
        Request(images / "b2.png", elastogram=images / "black.png"),
        Request(images / "b3.png", elastogram=images / "e3.png"),
        Request(images / "b0.png", frame=0),
    ]
    first, second, third, fourth, loop = model.assess_many(requests)
    assert isinstance(first, Assessment) and isinstance(fourth, Assessment)
    assert isinstance(second, Refusal) and isinstance(third, Refusal) and isinstance(loop, Refusal)
    assert "b1.png: this model joins B-mode image and elastogram" in second.reason
    assert "cannot answer without an elastogram; give one" in second.reason
    assert "black.png: nothing but black is left" in third.reason
    assert "a loop has none" in loop.reason
    with pytest.raises(NetworkError, match="no heat map can be of the B-mode image alone"):
        model.assess(images / "b0.png", elastogram=images / "e0.png", explain=True)


def test_elastograms_that_do_not_fit_are_refused(
    predictor: Callable[..., Predictor], images: Path, saved: Path
) -> None:
    model = predictor("late")
    with pytest.raises(ImageError, match=r"small\.png has 120 x 60 pixels.*b0\.png 120 x 90"):
        model.assess(images / "b0.png", elastogram=images / "small.png")
    (frame,) = model.assess_many([Request(images / "b0.png", frame=0, elastogram=images / "e0.png")])
    assert isinstance(frame, Refusal) and "not to frames of a loop" in frame.reason
    with pytest.raises(BundleError, match="takes the B-mode image alone; leave the elastogram out"):
        Predictor(load_bundle(saved)).assess(images / "b0.png", elastogram=images / "e0.png")


def test_a_second_view_of_the_image_itself_needs_no_file(predictor: Callable[..., Predictor], images: Path) -> None:
    model = predictor("late", second_from="image")
    result = model.assess(images / "b0.png", box=BOX)
    assert not any("alone" in note for note in result.notes)
    with pytest.raises(BundleError, match="leave the elastogram out"):
        model.assess(images / "b0.png", elastogram=images / "e0.png")


def test_the_gate_looks_at_the_first_image(predictor: Callable[..., Predictor], images: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((90, 120), 12, np.uint8)).save(tmp_path / "dark.png")
    result = predictor("late").assess(tmp_path / "dark.png", elastogram=images / "e0.png")
    assert {"too dark", "no nodule box"} <= set(result.quality_flags)
    assert "colour" not in predictor("late").assess(images / "b0.png", elastogram=images / "e0.png").quality_flags


@pytest.mark.parametrize("fusion", ["late", "mixed"])
def test_heat_maps_are_of_the_b_mode_image(predictor: Callable[..., Predictor], images: Path, fusion: str) -> None:
    model = predictor(fusion)
    both, alone = model.assess_many(
        [Request(images / "b0.png", BOX, elastogram=images / "e0.png"), Request(images / "b0.png", BOX)], explain=True
    )
    assert isinstance(both, Assessment) and isinstance(alone, Assessment)
    for result in (both, alone):
        assert result.heat_map is not None and result.heat_map.values.shape == (90, 120)
    if fusion == "mixed":
        # The logits of both images are averaged, so that the map of the first is half of what it is alone.
        assert both.heat_map is not None and alone.heat_map is not None and alone.heat_map.values.max() > 0
        np.testing.assert_allclose(2 * both.heat_map.values, alone.heat_map.values, atol=1e-6)


def test_no_heat_map_where_the_b_mode_image_is_absent() -> None:
    network, spec = create("tiny", input_size=32, fusion="late", seed=3)
    pairs = np.random.default_rng(0).integers(1, 255, (3, 32, 32, 4), dtype=np.uint8)
    pairs[1, ..., 0] = 0
    maps = heat_maps(network, spec, pairs)
    assert maps[1].max() == 0
    np.testing.assert_allclose(maps[[0, 2]], heat_maps(network, spec, pairs[[0, 2]]), atol=1e-6)


def test_images_keep_shapes_of_their_own_and_their_order(save_model: SaveModel, tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=128, seed=1, head="spp")
    preparation = Preparation(size=128, crop="nodule", shape="own", margin=Margin(value=0.25, unit="fraction"))
    model = Predictor(
        load_bundle(save_model(tmp_path / "model", network=network, spec=spec, preparation=preparation)),
        explainer=grad_cam,
    )
    random = np.random.default_rng(2)
    requests = []
    for number, (rows, columns) in enumerate([(90, 200), (200, 90), (92, 201), (150, 150)]):
        Image.fromarray(random.integers(1, 200, (rows, columns), dtype=np.uint8)).save(tmp_path / f"{number}.png")
        requests.append(Request(tmp_path / f"{number}.png", Box(10, 10, columns - 10, rows - 10)))
    results = [one for one in model.assess_many(requests, explain=True) if isinstance(one, Assessment)]
    for request, result in zip(requests, results, strict=True):
        (single,) = model.assess_many([request], explain=True)
        assert isinstance(single, Assessment) and single.heat_map is not None
        assert result.image == request.name
        assert result.probability == pytest.approx(single.probability, abs=1e-6)
        assert "small nodule" not in result.quality_flags
        assert result.heat_map is not None
        np.testing.assert_allclose(result.heat_map.values, single.heat_map.values, atol=1e-6)
    assert len({result.probability for result in results}) == 4


def test_a_bundle_of_pairs_comes_back_and_others_keep_their_hash(
    save_model: SaveModel, tmp_path: Path, saved: Path
) -> None:
    bundle = load_bundle(save_pairs(save_model, tmp_path / "model", "late"))
    assert bundle.info.pair == pairs_of() and bundle.info.preparation == pairs_of().first
    assert bundle.info.spec.fusion == "late"
    single = json.loads((saved / "bundle.json").read_text(encoding="utf-8"))
    assert "pair" not in single and "fusion" not in single["spec"] and "head" not in single["spec"]
    BundleInfo.model_validate({key: value for key, value in single.items() if key != "bundle_sha256"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pair": None}, "a network of late fusion reads pairs and needs `pair`"),
        ({"preparation": Preparation(size=32, crop="whole frame")}, "must be that of the first image of `pair`"),
        ({"architecture": {}}, "a network for one image has no `pair`"),
        ({"architecture": {}, "pair": None, "preparation": Preparation(size=64, shape="own")}, "need a network with"),
    ],
)
def test_parts_that_do_not_fit_are_not_saved(
    save_model: SaveModel, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    size = 64 if "own" in message or "need a network" in message else 32
    fusion = {} if "architecture" in changes else {"fusion": "late"}
    network, spec = create("tiny", input_size=size, seed=1, **fusion)
    parts = {"preparation": pairs_of().first, "pair": pairs_of(), **changes}
    parts.pop("architecture", None)
    with pytest.raises(BundleError, match=message):
        save_model(tmp_path / "model", network=network, spec=spec, **parts)


def test_a_table_may_name_elastograms(tmp_path: Path) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text('image,box,elastogram\nb0.png,"1,2,30,40",e/0.png\nb1.png,,\n', encoding="utf-8")
    first, second = read_boxes(table)
    assert first.elastogram == tmp_path / "e" / "0.png" and second.elastogram is None
    assert first.box == Box(1, 2, 30, 40)
