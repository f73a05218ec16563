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
from thyrosight.documents import Measure
from thyrosight.documents.drawings import Confusion
from thyrosight.errors import CohortError, OutputError, SplitError, ThyroSightError
from thyrosight.inference import load_bundle
from thyrosight.studies import Result, load_recipe, load_result, run_study
from thyrosight.studies.base import EvaluationOptions
from thyrosight.studies.guidelines import without_guidelines
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.predictions import judge, load_raw
from thyrosight.studies.workspace import Workspace, settle_precision

Study = tuple[Result, Path]
FOLDER = "Model and reproduction"
"""The section that names the folder of the study."""


def test_results_are_written_and_read_back(study: Study) -> None:
    result, folder = study
    assert load_result(folder) == result
    names = {f"{table.name}.csv" for table in without_guidelines(result).document.tables() if table.rows}
    assert {path.name for path in (folder / "tables").iterdir()} == names
    means = pd.read_csv(folder / "tables" / "means.csv")
    assert set(means["labels"]) == {"simulated"}
    assert set(means["split"]) == {"patient-level"}


def test_a_study_is_settled_on_one_precision_and_goes_on_with_it(
    study: Study, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = study
    assert "precision: '32'" in result.facts.recipe_yaml
    assert {row["precision"] for row in result.table("trials").rows} == {"32"}
    monkeypatch.setattr("thyrosight.training.options.fastest_precision", lambda accelerator: "bf16")
    free = recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": "auto"})})
    begun, fresh = (settle_precision(free, place) for place in (folder, tmp_path))
    assert isinstance(begun, Recipe)
    assert begun == recipe  # which began with 32, whatever this machine would choose
    assert isinstance(fresh, Recipe)
    assert fresh.training.precision == "bf16"
    with pytest.raises(OutputError, match=r"another training\.precision"):
        Workspace(folder, fresh, cohort=result.facts.cohort_digest)


def test_the_auc_of_a_division_is_that_of_its_test_predictions(study: Study) -> None:
    result, folder = study
    for network in ("tiny", "resnet18"):
        areas, tested = [], 0
        for row in result.table(f"divisions-{network}").rows:
            raw = load_raw(folder / "trials" / f"{row['division']}_{network}" / "predictions.csv")
            test = judge(raw, options=EvaluationOptions()).part("test")
            area = row["auc"]
            assert isinstance(area, Measure)
            assert area.value == pytest.approx(roc_auc_score(test["truth"], test["risk"]))
            assert row["test"] == len(test)
            areas.append(area.value)
            tested += len(test)
        assert result.table("means").at(network=network, measure="auc").value == pytest.approx(np.mean(areas))
        confusion = next(f.drawing for f in result.document.figures() if isinstance(f.drawing, Confusion))
        title = result.table("means").row(network=network)["title"]
        assert sum(confusion.networks[str(title)].model_dump().values()) == tested


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
    raw = load_raw(folder / "trials" / "division-01_tiny" / "predictions.csv")
    table = judge(raw, options=EvaluationOptions()).table
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
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("trial.json")}
    again = run_study(recipe, phantoms, copy, command=result.facts.command)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("trial.json")} == before, "nothing was trained again"
    own, other = ([part for part in one.document.sections if part.title != FOLDER] for one in (result, again))
    assert other == own


def test_the_same_seed_gives_the_same_result(study: Study, phantoms: Path, recipe: Recipe, tmp_path: Path) -> None:
    result, _ = study
    again = run_study(recipe, phantoms, tmp_path / "again", command=result.facts.command)
    assert again.model is not None
    assert result.model is not None
    assert again.model.hash == result.model.hash
    assert again.table("means") == result.table("means")


def test_killed_at_any_moment_it_goes_on_to_the_same_result(study: Study, phantoms: Path, tmp_path: Path) -> None:
    result, _ = study
    out = tmp_path / "killed"
    words = [sys.executable, "-m", "thyrosight", "study", "run", "demo", "--cohort", str(phantoms), "--out", str(out)]
    words += [word for setting in SETTINGS for word in ("--set", setting)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None and not list(out.rglob("trial.json")):
        time.sleep(0.05)
    process.kill()
    process.wait()
    finished = run_study(load_recipe("demo", settings=SETTINGS), phantoms, out)
    assert finished.table("means") == result.table("means")
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
    assert not list((tmp_path / "out").rglob("trial.json"))


def test_a_division_by_image_says_so_everywhere(phantoms: Path, tmp_path: Path) -> None:
    recipe = load_recipe("demo", settings=[*SETTINGS, "networks=[tiny]", "split.unit=image", "training.epochs=1"])
    result = run_study(recipe, phantoms, tmp_path / "out")
    assert "groups ignored" in result.facts.split_kind
    assert any("illusion" in sentence for sentence in result.document.limitations)


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
