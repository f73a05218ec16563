"""The models that come with the package: found by name, and used where no model is named."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from thyrosight.assessing import assess, load_model, segment
from thyrosight.cli.models import app
from thyrosight.errors import BundleError
from thyrosight.imaging import Box, Margin, Preparation
from thyrosight.inference import MaskPoint, read_info, save_bundle, shipped
from thyrosight.networks import create


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save_model: Callable[..., Path]) -> Path:
    """An installation whose finder marks everything, or nothing, as its threshold says."""
    folder = tmp_path / "models"
    save_model(folder / shipped.RISK, preparation=Preparation(size=32, margin=Margin(value=4)))
    network, spec = create("ynet", input_size=64, task="segmentation", seed=1)
    save_bundle(
        folder / shipped.FINDER,
        network=network,
        spec=spec,
        preparation=Preparation(size=64, crop="scan area", scan_area=False),
        cohort={"name": "outlined", "digest": "0", "label_source": "readers' outlines", "split_kind": "patient-level"},
        masks=MaskPoint(threshold=1e-6, chosen_on="nothing"),
    )
    monkeypatch.setattr(shipped, "_FOLDER", folder)
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "scan.png"
    Image.fromarray(np.random.default_rng(0).integers(30, 200, (80, 100), dtype=np.uint8)).save(path)
    return path


def test_without_a_model_the_nodule_is_found_and_judged(installed: Path, image: Path) -> None:
    found = assess(image)
    assert [one.box for one in found] == [Box(0, 0, 100, 80)]
    assert "found by segmentation" in found.assessments[0].box_origin
    assert found.model.folder == installed / "default-risk" and found.assessments[0].label_source == "simulated"
    outlined = segment(image).segmentations[0]
    assert len(outlined.lesions) == 1 and outlined.label_source == "readers' outlines"


def test_a_box_that_is_given_is_not_looked_for(installed: Path, image: Path) -> None:
    (installed / "default-finder" / "bundle.json").unlink()  # it would be refused if it were opened
    assert assess(image, box=Box(10, 10, 40, 40)).assessments[0].box == Box(10, 10, 40, 40)
    with pytest.raises(BundleError, match="not a model"):
        assess(image)


def test_a_model_that_is_named_is_used_alone(installed: Path, image: Path, saved: Path) -> None:
    found = assess(image, model=saved)
    assert found.assessments[0].box is None and "no nodule found" not in found.assessments[0].quality_flags
    assert load_model("default-risk").folder == installed / "default-risk"


def test_an_installation_without_models_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: Path) -> None:
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path / "none")
    with pytest.raises(BundleError, match="default-risk is missing from this installation"):
        assess(image)
    with pytest.raises(BundleError, match="default-finder is missing"):
        segment(image)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "default-risk").mkdir()  # a folder of that name is the user's own
    assert shipped.resolved("default-risk") == Path("default-risk")


def test_what_was_measured_is_told_of_the_model_that_was_measured(installed: Path) -> None:
    own_hash = read_info(installed / shipped.RISK)[1]
    row = {"measurement": "risk a", "model": shipped.RISK, "hash": own_hash, "on": "a", "labels": "pathology"}
    row |= {"what": "AUC, no box given", "value": 0.8123, "low": 0.7, "high": 0.9, "n": 50, "groups": 40}
    (installed / "measured.json").write_text(json.dumps([row, row | {"hash": "other", "on": "b"}]), encoding="utf-8")
    assert [one.on for one in shipped.measured_of(own_hash)] == ["a"]
    card = CliRunner().invoke(app, ["card", "default-risk"]).output
    assert "| a | pathology | AUC, no box given | 0.812 (0.700 to 0.900) | 50 | 40 |" in card and "| b |" not in card
    listed = json.loads(CliRunner().invoke(app, ["--json"]).output)["models"]
    assert listed[0]["measured"][0]["value"] == 0.8123 and listed[1]["measured"] == []
    printed = CliRunner().invoke(app, [], env={"COLUMNS": "200"}).output
    assert "a: AUC, no box given 0.812 (0.700 to 0.900); 50 frames in 40 groups; truth: pathology" in printed


def test_the_models_that_really_come_along_are_whole_small_and_measured() -> None:
    folder = shipped.shipped_model(shipped.RISK).parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 40e6
    hashes = {read_info(shipped.shipped_model(name))[1] for name in shipped.SHIPPED}
    rows = [row for own_hash in hashes for row in shipped.measured_of(own_hash)]
    stated = json.loads((folder / "measured.json").read_text(encoding="utf-8"))
    assert len(rows) == len(stated) > 0, "a figure in measured.json is of another model; measure again"
