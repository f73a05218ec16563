"""A whole study on phantoms: what it leaves, that it resumes, and what it refuses."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.conftest import SETTINGS
from thyrosight.cohort import open_cohort
from thyrosight.errors import CohortError, OutputError, SplitError, ThyroSightError
from thyrosight.inference import load_bundle
from thyrosight.studies import Recipe, StudyResult, load_recipe, run_study
from thyrosight.studies.workspace import Workspace, settle_precision

Study = tuple[StudyResult, Path]


def test_results_are_written_and_read_back(study: Study) -> None:
    result, folder = study
    stored = StudyResult.model_validate_json((folder / "results.json").read_text(encoding="utf-8"))
    assert stored == result
    assert {path.name for path in (folder / "tables").iterdir()} >= {"means.csv", "pooled.csv", "divisions.csv"}
    means = pd.read_csv(folder / "tables" / "means.csv")
    assert set(means["labels"]) == {"simulated"}
    assert set(means["split"]) == {"patient-level"}


def test_a_study_is_settled_on_one_precision_and_goes_on_with_it(
    study: Study, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = study
    assert "precision: '32'" in result.recipe_yaml
    for record in folder.glob("divisions/*/*/unit.json"):
        assert json.loads(record.read_text(encoding="utf-8"))["precision"] == "32"
    monkeypatch.setattr("thyrosight.training.options.fastest_precision", lambda accelerator: "bf16")
    free = recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": "auto"})})
    begun, fresh = (settle_precision(free, place) for place in (folder, tmp_path))
    assert isinstance(begun, Recipe)
    assert begun == recipe  # which began with 32, whatever this machine would choose
    assert isinstance(fresh, Recipe)
    assert fresh.training.precision == "bf16"
    with pytest.raises(OutputError, match=r"another training\.precision"):
        Workspace(folder, fresh, cohort=result.cohort_digest)


def test_the_auc_of_a_division_is_that_of_its_test_predictions(study: Study) -> None:
    result, folder = study
    for network in result.networks:
        areas = []
        for division in network.divisions:
            table = pd.read_csv(folder / "divisions" / division.name / network.architecture / "predictions.csv")
            test = table[table["part"] == "test"]
            assert division.measures["auc"].value == pytest.approx(roc_auc_score(test["truth"], test["risk"]))
            assert division.test == len(test)
            areas.append(division.measures["auc"].value)
        assert network.mean["auc"].value == pytest.approx(np.mean(areas))
        counts = network.confusion
        assert sum(counts.model_dump().values()) == sum(division.test for division in network.divisions)


def test_no_patient_stands_on_two_sides(study: Study, phantoms: Path) -> None:
    _, folder = study
    split = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    patients = open_cohort(phantoms).table.set_index("key")["patient_id"]
    for division in split["divisions"]:
        sides = {
            part: {patients[key] for group in division[part] for key in split["groups"][group]}
            for part in ("train", "validation", "test")
        }
        assert not sides["train"] & sides["test"]
        assert not sides["validation"] & sides["test"]
        assert not sides["train"] & sides["validation"]


def test_the_bundle_predicts_what_the_study_predicted(study: Study) -> None:
    from thyrosight.cohort import nodule_box
    from thyrosight.inference import Predictor

    result, folder = study
    assert result.model is not None
    bundle = load_bundle(folder / "model")
    assert bundle.hash == result.model.hash
    table = pd.read_csv(folder / "divisions" / "division-01" / "tiny" / "predictions.csv", dtype={"key": str})
    cohort = pd.read_csv(folder / "cohort.csv", dtype={"key": str}).set_index("key", drop=False)
    predictor = Predictor(bundle)
    for row in table[table["part"] == "test"].head(3).itertuples():
        source = cohort.loc[row.key]
        assessment = predictor.assess(source["image"], box=nodule_box(source))
        assert assessment.calibrated_risk == pytest.approx(row.risk, abs=1e-5)
        assert assessment.label == ("malignant" if row.predicted else "benign")
        assert assessment.label_source == "simulated"


def test_a_second_run_takes_over_everything_and_finds_the_same(
    study: Study, phantoms: Path, recipe: Recipe, tmp_path: Path
) -> None:
    result, folder = study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")}
    again = run_study(recipe, phantoms, copy, command=result.command)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")} == before, "nothing was trained again"
    assert again.networks == result.networks
    assert again.explanations == result.explanations


def test_the_same_seed_gives_the_same_result(study: Study, phantoms: Path, recipe: Recipe, tmp_path: Path) -> None:
    result, _ = study
    again = run_study(recipe, phantoms, tmp_path / "again", command=result.command)
    assert again.model is not None
    assert result.model is not None
    assert again.model.hash == result.model.hash
    assert [n.mean for n in again.networks] == [n.mean for n in result.networks]


def test_killed_at_any_moment_it_goes_on_to_the_same_result(study: Study, phantoms: Path, tmp_path: Path) -> None:
    result, _ = study
    out = tmp_path / "killed"
    words = [sys.executable, "-m", "thyrosight", "study", "run", "demo", "--cohort", str(phantoms), "--out", str(out)]
    words += [word for setting in SETTINGS for word in ("--set", setting)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None and not list(out.rglob("unit.json")):
        time.sleep(0.05)
    process.kill()
    process.wait()
    finished = run_study(load_recipe("demo", settings=SETTINGS), phantoms, out)
    assert [n.mean for n in finished.networks] == [n.mean for n in result.networks]
    assert finished.model is not None
    assert result.model is not None
    assert finished.model.hash == result.model.hash


def test_another_recipe_or_cohort_is_not_mixed_into_a_folder(study: Study, phantoms: Path, tmp_path: Path) -> None:
    _, folder = study
    with pytest.raises(OutputError, match=r"training\.epochs"):
        run_study(load_recipe("demo", settings=[*SETTINGS, "training.epochs=3"]), phantoms, folder)
    other = tmp_path / "notes"
    other.mkdir()
    (other / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="not empty"):
        run_study(load_recipe("demo", settings=SETTINGS), phantoms, other)
    assert [path.name for path in other.iterdir()] == ["diary.txt"]


def test_a_leaking_split_file_is_refused_before_training(
    study: Study, phantoms: Path, recipe: Recipe, tmp_path: Path
) -> None:
    _, folder = study
    split = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    division = split["divisions"][0]
    division["test"].append(division["train"][0])
    leaking = tmp_path / "leak.json"
    leaking.write_text(json.dumps(split), encoding="utf-8")
    with pytest.raises(SplitError, match=re.escape(division["train"][0])):
        run_study(recipe, phantoms, tmp_path / "out", split_file=leaking)
    assert not list((tmp_path / "out").rglob("unit.json"))


def test_a_division_by_image_says_so_everywhere(phantoms: Path, tmp_path: Path) -> None:
    recipe = load_recipe("demo", settings=[*SETTINGS, "networks=[tiny]", "split.unit=image", "training.epochs=1"])
    result = run_study(recipe, phantoms, tmp_path / "out")
    assert "groups ignored" in result.split_kind
    assert any("illusion" in sentence for sentence in result.limitations)


def test_one_class_is_refused_in_one_sentence(phantoms: Path, recipe: Recipe, tmp_path: Path) -> None:
    table = pd.read_csv(phantoms / "cohort.csv" if phantoms.is_dir() else phantoms)
    folder = phantoms if phantoms.is_dir() else phantoms.parent
    single = folder / "benign-only.csv"
    table[table["label"] == "benign"].to_csv(single, index=False)
    with pytest.raises((SplitError, CohortError), match="malignant"):
        run_study(recipe, single, tmp_path / "out")
    single.unlink()


def test_an_unknown_network_is_found_before_any_work(phantoms: Path, tmp_path: Path) -> None:
    recipe = load_recipe("demo", settings=[*SETTINGS, "networks=[tiny, resnet19]"])
    with pytest.raises(ThyroSightError, match="resnet19"):
        run_study(recipe, phantoms, tmp_path / "out")
    assert not (tmp_path / "out").exists()
