"""The whole way to both bundles on simulated collections: packs, stages, bundles; again, broken off, and refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.default_models.simulated import make_collections
from thyrosight.default_models.fitting import STATE, WEIGHTS
from thyrosight.default_models.left_out import left_out_cases, read_keys
from thyrosight.default_models.making import bundle_of_runs, pack_collections, train_default_model
from thyrosight.default_models.origin import Origin
from thyrosight.default_models.recipe import load_recipe
from thyrosight.default_models.risk import risk_network
from thyrosight.default_models.risk_bundle import shipped_network
from thyrosight.default_models.runs import read_run, write_options
from thyrosight.errors import BundleError, CohortError, RecipeError
from thyrosight.files import write_json
from thyrosight.inference import Bundle, Predictor, Segmenter, load_bundle
from thyrosight.networks import load_weights, save_weights
from thyrosight.networks.weights import read_state
from thyrosight.reports import model_card

_SMALL = ["size=32", "weights=none"]
FINDER = [
    *_SMALL,
    "stages.outlines={epochs: 1, batch: 4, ddti_per_epoch: 4, busi_per_epoch: 2, tn5000_per_epoch: 2}",
    "stages.self-training={epochs: 1, batch: 4, ddti_per_epoch: 2, busi_per_epoch: 2, tn5000_per_epoch: 2, "
    "found_per_epoch: 2, start: outlines, teacher: outlines}",
    "stages.tissue={epochs: 1, batch: 4, ddti_per_epoch: 2, busi_per_epoch: 2, tn5000_per_epoch: 0, "
    "found_per_epoch: 0}",
    "stages.sectors={epochs: 1, batch: 4, ddti_per_epoch: 2, busi_per_epoch: 2, tn5000_per_epoch: 0, "
    "found_per_epoch: 0}",
    "most_false=10",
]
RISK = [
    *_SMALL,
    "stages.pathology={epochs: 1, batch: 16}",
    "stages.tirads={epochs: 1, batch: 32, ddti_per_epoch: 8, boxes: finder, start: pathology}",
    "stages.again={epochs: 1, batch: 32, ddti_per_epoch: 8}",
    "stages.further={epochs: 1, batch: 32, ddti_per_epoch: 8}",
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collections with enough frames of TN5000 in each fold for a calibrator."""
    folder = tmp_path_factory.mktemp("data")
    make_collections(folder, each=14, tn5000=70)
    return folder


@pytest.fixture(scope="module")
def finder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The finder's bundle."""
    out = tmp_path_factory.mktemp("finder")
    return train_default_model(load_recipe("default-finder", settings=FINDER), data, out, command="the command")


@pytest.fixture(scope="module")
def risk(data: Path, finder: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The risk model's bundle; its packs are those of the finder."""
    out = tmp_path_factory.mktemp("risk")
    (out / "packs").symlink_to(finder.folder.parent / "packs")
    recipe = load_recipe("default-risk", settings=RISK)
    return train_default_model(recipe, data, out, finder=finder.folder, command="the command")


def test_the_finder_outlines_whole_frames_by_the_point_that_was_chosen(finder: Bundle, data: Path) -> None:
    info = finder.info
    assert info.preparation.crop == "scan area" and info.preparation.contrast == "stretch" and info.views.mirrored
    assert info.masks is not None and info.masks.rule == "highest mean Dice with at most 10 finds per normal frame"
    assert info.masks.dice == info.metrics["dice"]["value"] and info.metrics["dice"]["n"] >= 5
    found = Segmenter(load_bundle(finder.folder)).segment(data / "ddti" / "1_1.a.jpg")
    assert (found.rows, found.columns) == (120, 160)


def test_a_bundle_says_where_it_came_from(finder: Bundle, risk: Bundle) -> None:
    for bundle, seeds in ((finder, [0, 0, 0, 5]), (risk, [0, 0, 11, 13])):
        cohort = bundle.info.cohort
        assert cohort["command"] == "the command" and cohort["seeds"] == seeds
        assert set(cohort["inputs"]) == {"tn5000", "ddti", "busi"} and len(cohort["stages"]) == len(seeds)
        assert cohort["division"] == "fold 0 of 5 left out"
        assert "/" not in json.dumps(cohort["stages"])
    assert risk.info.label_source == "pathology (TN5000)"
    assert risk.info.cohort["finder"] == finder.hash
    images = risk.info.cohort["images"]
    assert images["train tn5000"] + images["left out tn5000"] == 56
    assert images["left out tn5000"] == risk.info.metrics["auc"]["n"]
    assert images["train ddti, for the answer by TI-RADS"] == 14


def test_the_last_stage_leaves_the_mean_of_its_weights_and_those_it_names(risk: Bundle) -> None:
    stages = risk.folder.parent / "stages"
    own = torch.load(stages / "further" / STATE, weights_only=True)["averaged"]
    earlier, mean = (read_state(stages / name / WEIGHTS) for name in ("again", "further"))
    weights = [name for name, values in mean.items() if values.dtype.is_floating_point]
    assert all(torch.allclose(mean[name], (own[name] + earlier[name]) / 2, atol=1e-6) for name in weights)
    assert any(not torch.allclose(mean[name], own[name], atol=1e-6) for name in weights)
    assert any(not torch.allclose(mean[name], earlier[name], atol=1e-6) for name in weights)


def test_the_card_prints_command_seeds_inputs_and_the_threshold_that_is_not_used(risk: Bundle) -> None:
    card = model_card(risk.info, model_hash=risk.hash)
    for text in (
        "Made by: `the command`",
        "Seeds of its stages: 0, 0, 11, 13",
        f"ddti `{risk.info.cohort['inputs']['ddti']}`",
    ):
        assert text in card
    other = risk.info.metrics["operating points"][1]
    assert f"{other['threshold']:.4f} (sensitivity at least 0.95: sensitivity {other['sensitivity']:.3f}" in card
    assert "on which calibration and threshold were chosen too" in card


def test_the_risk_model_is_calibrated_and_states_both_operating_points(risk: Bundle, data: Path) -> None:
    info = risk.info
    assert info.spec.classes == ("benign", "malignant") and info.calibration["method"] == "platt"
    assert info.views.around == (1.8, 3.0) and info.views.mirrored and not info.views.whole
    assert info.operating_point.rule == "youden"
    assert [point["rule"] for point in info.metrics["operating points"]] == ["youden", "sensitivity>=0.95"]
    assert info.metrics["operating points"][1]["sensitivity"] >= 0.95
    assert {"auc", "ece", "slope", "intercept"} <= info.metrics.keys()
    assert info.metrics["auc"]["clusters"] <= info.metrics["auc"]["n"] < 30
    assessment = Predictor(risk).assess(data / "tn5000" / "images" / "000000.jpg")
    assert 0 <= assessment.calibrated_risk <= 1


def test_bundles_are_stored_in_16_bits_and_run_without_torch(finder: Bundle, risk: Bundle) -> None:
    for bundle in (finder, risk):
        assert (bundle.folder / "weights.safetensors").stat().st_size < 9e6
        assert (bundle.folder / "model.onnx").stat().st_size < 9e6
        pixels = np.random.default_rng(0).integers(0, 255, (2, 32, 32), dtype=np.uint8)
        ours, theirs = (load_bundle(bundle.folder, backend=name).session.run(pixels) for name in ("torch", "onnx"))
        for one, other in ((ours.logits, theirs.logits), (ours.mask_logits, theirs.mask_logits)):
            if one is not None and other is not None:
                assert np.abs(one - other).max() < 1e-4


def test_the_answer_by_pathology_is_the_probability_of_the_classifier(tmp_path: Path) -> None:
    trained = risk_network(seed=3)
    save_weights(trained, tmp_path / WEIGHTS)
    write_options(tmp_path, {"fold": 0, "size": 32, "weights": "none"})
    network, spec = shipped_network(Origin({}, [read_run(tmp_path)], "", ""))
    image = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = trained.eval()(image)[:, 0].sigmoid()
        after = network(image).softmax(dim=1)[:, spec.column("malignant")]
    assert torch.allclose(before, after, atol=1e-3)
    assert (network(image)[:, spec.column("benign")] == 0).all()


def test_a_finished_training_is_taken_over(finder: Bundle, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("thyrosight.default_models.stages.train_finder", never)
    monkeypatch.setattr("thyrosight.default_models.making.write", never)
    monkeypatch.setattr(
        "thyrosight.default_models.finder_bundle._COMPARED", 0
    )  # without the ONNX file, which costs time
    recipe = load_recipe("default-finder", settings=FINDER)
    again = train_default_model(recipe, data, finder.folder.parent, command="the command")
    assert again.hash == finder.hash


def test_other_options_in_the_same_folder_are_refused(finder: Bundle, data: Path) -> None:
    recipe = load_recipe("default-finder", settings=[*FINDER, "stages.outlines.rate=0.5"])
    with pytest.raises(RecipeError, match=r"was begun with other options \(rate: 0.001 then, 0.5 now\)"):
        train_default_model(recipe, data, finder.folder.parent)


def test_the_bundle_can_be_built_by_itself_and_from_weights_with_earlier_options(
    finder: Bundle, risk: Bundle, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thyrosight.default_models.risk_bundle._COMPARED", 0)
    stage = risk.folder.parent / "stages" / "further"
    run = tmp_path / "run"
    run.mkdir()
    (run / WEIGHTS).write_bytes((stage / WEIGHTS).read_bytes())
    write_options(run, {"fold": 0, "size": [32, 32], "seed": 0, "weights": "none", "boxes": "/a/b/boxes.npz"})
    packs = finder.folder.parent / "packs"
    recipe = load_recipe("default-risk", settings=RISK)
    built = bundle_of_runs(recipe, [run], data, tmp_path / "out", packs=packs, finder=finder.folder)
    assert built.info.weights_sha256 == risk.info.weights_sha256
    assert built.info.calibration == risk.info.calibration
    assert built.info.cohort["stages"][0]["boxes"] == "boxes.npz"


def test_weights_trained_on_everything_cannot_be_calibrated(
    finder: Bundle, risk: Bundle, data: Path, tmp_path: Path
) -> None:
    network = risk_network()
    load_weights(network, risk.folder.parent / "stages" / "tirads" / WEIGHTS)
    save_weights(network, tmp_path / WEIGHTS)
    write_options(tmp_path, {"fold": -1, "size": 32, "weights": "none"})
    recipe = load_recipe("default-risk", settings=RISK)
    with pytest.raises(BundleError, match="No frame of tn5000 was left out"):
        bundle_of_runs(
            recipe, [tmp_path], data, tmp_path / "out", packs=finder.folder.parent / "packs", finder=finder.folder
        )


def test_what_is_missing_is_named(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CohortError, match="The collection tn5000 is missing"):
        train_default_model(load_recipe("default-finder"), tmp_path, tmp_path / "out")
    monkeypatch.setattr("thyrosight.inference.shipped._FOLDER", tmp_path)
    with pytest.raises(BundleError, match="The risk model needs a finder: train default-finder first"):
        train_default_model(load_recipe("default-risk"), data, tmp_path / "out")
    with pytest.raises(BundleError, match=r"holds no weights\.safetensors"):
        bundle_of_runs(load_recipe("default-finder"), [tmp_path], data, tmp_path / "out")


def test_a_collection_that_changed_is_refused_and_a_lost_pack_is_made_again(tmp_path: Path) -> None:
    data, packs = tmp_path / "data", tmp_path / "packs"
    make_collections(data, each=6, tn5000=6)
    inputs = pack_collections(data, packs)
    (packs / "ddti.npz").unlink()
    assert pack_collections(data, packs, begun=True) == inputs and (packs / "ddti.npz").is_file()
    write_json(packs / "busi.json", {"sha256": "another", "frames": 1})
    with pytest.raises(CohortError, match=r"The collection busi in .* is not the one with which this training began"):
        pack_collections(data, packs, begun=True)
    assert pack_collections(data, packs) == inputs


def test_frames_left_out_can_be_named(finder: Bundle, data: Path, tmp_path: Path) -> None:
    packs, file = finder.folder.parent / "packs", tmp_path / "keys.json"
    write_json(file, {"ddti": ["3_1", "5_1"]})
    cases = left_out_cases(data, packs, "ddti", fold=0, keys=read_keys(file))
    assert sorted(case.item.key for case in cases) == ["3_1", "5_1"]
    frame, mask = cases[0].read()
    assert mask.shape == (frame.rows, frame.columns) and mask.any()
    with pytest.raises(CohortError, match="does not list frames by collection"):
        read_keys(tmp_path / "none.json")
