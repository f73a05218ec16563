"""Bundles survive the way to disk and back; anything wrong with them gets one sentence and runs no code."""

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from thyrosight.errors import BundleError, OutputError
from thyrosight.files import sha256_of_file
from thyrosight.imaging import Preparation
from thyrosight.inference import bundle_files, load_bundle, network_of, storage, torch_session
from thyrosight.inference.bundle import bundle_hash
from thyrosight.networks import create, save_weights

Save = Callable[..., Path]


def content_of(model: Path) -> dict:
    return json.loads((model / "bundle.json").read_text(encoding="utf-8"))


def rewrite(model: Path, *, sign: bool = True, **changes: object) -> None:
    """Change entries of bundle.json; with `sign`, as someone would who knows how the hash is made."""
    content = content_of(model) | changes
    if sign:
        content["bundle_sha256"] = bundle_hash(content)
    (model / "bundle.json").write_text(json.dumps(content), encoding="utf-8")


def refused(path: Path, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        load_bundle(path)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_everything_comes_back(saved: Path) -> None:
    bundle = load_bundle(saved)
    network, spec = create("tiny", input_size=32, seed=1)
    images = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    loaded = network_of(bundle.session)
    with torch.no_grad():
        torch.testing.assert_close(loaded(images), network.eval()(images), rtol=0, atol=0)
    assert bundle.info.spec == spec
    assert bundle.info.preparation.margin.value == 0.25
    assert bundle.info.operating_point.threshold == 0.4
    assert bundle.info.label_source == "simulated"
    # Platt with slope 2 and intercept 0.5 at log odds 0 gives 1 / (1 + exp(-0.5)).
    assert bundle.calibrator.apply(0.5) == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert bundle.title == "Tiny CNN trained on phantoms"
    assert not loaded.training and not any(one.requires_grad for one in loaded.parameters())


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("one_image", {"architecture": "tiny", "input_size": 32}),
        ("pair", {"architecture": "tiny", "input_size": 32, "fusion": "late"}),
        ("outlines", {"architecture": "ynet", "input_size": 64, "task": "segmentation"}),
    ],
)
def test_bundles_written_before_there_were_sessions_are_read(
    tmp_path: Path, name: str, network: dict[str, object]
) -> None:
    """`old_bundles` holds what version 0.1.0 wrote at commit b679a03; its weights are drawn anew here."""
    old = Path(__file__).parent / "old_bundles" / f"{name}.json"
    content = json.loads(old.read_text(encoding="utf-8"))
    assert (
        bundle_hash({key: value for key, value in content.items() if key != "bundle_sha256"})
        == (content["bundle_sha256"])
    )
    model = tmp_path / "model"
    model.mkdir()
    (model / "bundle.json").write_bytes(old.read_bytes())
    drawn, spec = create(**network)  # type: ignore[arg-type]
    save_weights(drawn, model / "weights.safetensors")
    rewrite(model, weights_sha256=sha256_of_file(model / "weights.safetensors"))
    bundle = load_bundle(model)
    assert bundle.info.spec == spec == bundle.session.spec
    written = json.loads(json.dumps(bundle.info.model_dump(mode="json")))
    assert written == {key: value for key, value in content_of(model).items() if key != "bundle_sha256"}


def test_the_hash_names_the_model_not_the_day(saved: Path, model: Path, tmp_path: Path, save_model: Save) -> None:
    one = load_bundle(saved)
    rewrite(model, sign=False, created="1999-01-01T00:00:00+00:00")
    assert load_bundle(model).hash == one.hash
    assert load_bundle(save_model(tmp_path / "again")).hash == one.hash
    assert (tmp_path / "again" / "weights.safetensors").read_bytes() == (saved / "weights.safetensors").read_bytes()
    other, _ = create("tiny", input_size=32, seed=2)
    assert load_bundle(save_model(tmp_path / "other", network=other)).hash != one.hash
    changed = {"method": "platt", "slope": 2.0, "intercept": 0.51}
    assert load_bundle(save_model(tmp_path / "recalibrated", calibration=changed)).hash != one.hash


def test_a_zip_of_the_folder_is_read_too(saved: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in saved.iterdir():
            target.write(file, f"my model/{file.name}")
    assert load_bundle(archive).hash == load_bundle(saved).hash
    assert load_bundle(saved / "bundle.json").folder == saved


def test_a_zip_cannot_write_outside_or_bring_code(saved: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(saved / "bundle.json", "../../bundle.json")
        target.write(saved / "weights.safetensors", "/weights.safetensors")
        target.writestr("sitecustomize.py", "raise SystemExit")
    assert load_bundle(archive).info.cohort["name"] == "phantoms"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["model.zip"]
    torch.save({"weight": torch.zeros(2)}, tmp_path / "weights.zip")
    refused(tmp_path / "weights.zip", "is not a model; name the folder")
    archive.write_bytes(archive.read_bytes()[:5000])
    refused(archive, "is not a model|damaged zip")


def test_missing_things(model: Path, tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "does not exist; check the path")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", r"holds no bundle\.json; name the folder that a study wrote")
    (model / "weights.safetensors").unlink()
    refused(model, r"incomplete: weights\.safetensors is missing")


@pytest.mark.parametrize(
    "text", ["", "{", "not json", '"text"', "[1]", "\x00\xff", '{"format_version": 1' + "," * 9, "[" * 99999]
)
def test_damaged_json(model: Path, text: str) -> None:
    (model / "bundle.json").write_bytes(text.encode("latin-1"))
    refused(model, "is damaged")


@pytest.mark.parametrize("length", [0, 7, 1000, -1])
def test_cut_weights(model: Path, length: int) -> None:
    weights = model / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    refused(model, "damaged: the content of weights.safetensors is not what was saved")
    rewrite(model, weights_sha256=sha256_of_file(weights))  # even with a matching hash
    refused(model, "cannot be used: .*damaged")


def test_one_flipped_bit_of_the_weights(model: Path) -> None:
    weights = model / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    refused(model, "is not what was saved")


@pytest.mark.parametrize(
    ("version", "match"),
    [
        (2, "newer ThyroSight .*upgrade"),
        (0, "old bundle format 0"),
        ("1", "does not name"),
        (None, "does not name"),
        (True, "does not name"),
    ],
)
def test_other_versions(model: Path, version: object, match: str) -> None:
    rewrite(model, format_version=version)
    refused(model, match)


def test_a_threshold_changed_by_hand_is_noticed(model: Path) -> None:
    rewrite(model, sign=False, operating_point=content_of(model)["operating_point"] | {"threshold": 0.9})
    refused(model, "was changed after it was saved")


def test_values_of_another_version_are_named(model: Path) -> None:
    rewrite(model, preparation=content_of(model)["preparation"] | {"version": 7})
    refused(model, r"bundle\.json, preparation\.version: Input should be 1")
    rewrite(model, surprise=1)
    refused(model, "surprise: Extra inputs are not permitted|preparation")


def test_weights_of_another_structure(model: Path) -> None:
    weights = model / "weights.safetensors"
    tensors = load_file(weights)
    tensors["head.weight"] = torch.zeros(3, 64)
    save_file(tensors, weights)
    rewrite(model, weights_sha256=sha256_of_file(weights))
    refused(model, r"head\.weight has shape \(3, 64\) instead of \(2, 64\)")
    rewrite(model, spec=content_of(model)["spec"] | {"architecture": "resnet18"})
    refused(model, "tensors are missing")
    rewrite(model, spec=content_of(model)["spec"] | {"architecture": "resnet1800"})
    refused(model, "There is no network resnet1800")


class Bomb:
    """Unpickling this leaves a file behind."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.witness),)


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".pkl", ".PT", ".joblib"])
def test_checkpoints_that_may_hold_code_are_not_opened(tmp_path: Path, suffix: str) -> None:
    witness, file = tmp_path / "executed", tmp_path / f"last{suffix}"
    for writer in (lambda: file.write_bytes(pickle.dumps(Bomb(witness))), lambda: torch.save(Bomb(witness), file)):
        writer()
        refused(file, "is a checkpoint, which can hold code, and is not opened; name the model folder")
    assert not witness.exists()


def test_code_in_place_of_the_weights_is_not_run(model: Path, tmp_path: Path) -> None:
    witness, weights = tmp_path / "executed", model / "weights.safetensors"
    weights.write_bytes(pickle.dumps(Bomb(witness)))
    rewrite(model, weights_sha256=sha256_of_file(weights))
    refused(model, "cannot be used")
    assert not witness.exists()


def test_a_failed_save_leaves_the_earlier_bundle_and_nothing_else(
    model: Path, save_model: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name: file.read_bytes() for file in model.iterdir()}

    def full(*_: object) -> None:
        raise OutputError("Could not write: the disk is full.")

    for where, name in ((torch_session, "save_network"), (storage, "write_json"), (bundle_files, "_put_in_place")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, full)
            with pytest.raises(OutputError, match="disk is full"):
                save_model(model, calibration={"method": "none"})
        assert {file.name: file.read_bytes() for file in model.iterdir()} == before
        assert [item.name for item in model.parent.iterdir()] == ["model"]


def test_a_failed_move_brings_the_earlier_bundle_back(
    model: Path, save_model: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rename = load_bundle(model).hash, Path.rename

    def fails_for_the_new_one(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise PermissionError(13, "denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new_one)
    with pytest.raises(OutputError, match="no permission"):
        save_model(model, calibration={"method": "none"})
    assert load_bundle(model).hash == before
    assert [item.name for item in model.parent.iterdir()] == ["model"]


def test_a_bundle_is_replaced_and_anything_else_is_not(model: Path, save_model: Save, tmp_path: Path) -> None:
    before = load_bundle(model).hash
    save_model(model, calibration={"method": "none"})
    assert load_bundle(model).hash != before
    (model / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"it holds other files \(notes\.txt\); choose another folder"):
        save_model(model)
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="a file stands there"):
        save_model(file)
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"cohort": {"name": "x", "digest": "y", "split_kind": "z"}}, "cohort: `label_source` must be a text"),
        ({"calibration": {"method": "magic"}}, "calibration: Expected a calibrator's `method`"),
        ({"preparation": Preparation(size=64)}, "prepared at 64 pixels, the network takes 32"),
        ({"software": {"x": object()}}, "JSON cannot"),
    ],
)
def test_what_does_not_fit_is_not_saved(tmp_path: Path, save_model: Save, changes: dict, match: str) -> None:
    with pytest.raises(BundleError, match=match):
        save_model(tmp_path / "model", **changes)
    assert list(tmp_path.iterdir()) == []


def test_an_undefined_measure_is_stored_as_missing(tmp_path: Path, save_model: Save) -> None:
    saved = save_model(tmp_path / "model", metrics={"precision": {"value": float("nan"), "n": 3}})
    assert load_bundle(saved).info.metrics == {"precision": {"value": None, "n": 3}}
