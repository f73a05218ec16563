"""A whole study of fusion on drawn pairs: what it leaves, that it resumes, and that a trial is the same anywhere."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.cohort import Cohort, Split, open_cohort, with_groups
from thyrosight.errors import SplitError
from thyrosight.imaging import Box
from thyrosight.inference import Assessment, Predictor, load_bundle
from thyrosight.inference.predictor import Request
from thyrosight.progress import silent
from thyrosight.studies import Result, load_recipe, load_result, run_study
from thyrosight.studies.kinds.elasticity_fusion.plan import Study as Plan
from thyrosight.studies.kinds.elasticity_fusion.recipe import Recipe
from thyrosight.studies.predictions import judge, load_raw
from thyrosight.studies.trial import Setup

from .conftest import PATIENTS, SETTINGS, WITHOUT

Study = tuple[Result, Path]


def trials(result: Result) -> list[dict[str, Any]]:
    """The rows of the table of trials, with the input of each network."""
    rows = [dict(row) for row in result.table("trials").rows]
    return [row | {"input": str(row["axes"]).removeprefix("input ").split(",")[0]} for row in rows]


def test_every_method_is_tested_on_the_same_pairs_of_held_out_patients(fusion_study: Study) -> None:
    result, folder = fusion_study
    assert len(result.table("methods").rows) == 5
    split = Split.load(folder / "splits.json")
    held_out = {key for group in split.divisions[0].test for key in split.groups[group]}
    assert all(division.test == split.divisions[0].test for division in split.divisions)
    for trial in trials(result):
        table = load_raw(folder / "trials" / trial["trial"] / "predictions.csv")
        tested = table[(table["part"] == "test") & (table["view"] == "plain")]
        assert set(tested["key"]) == held_out - set(WITHOUT)
        assert not set(table["key"]) & set(WITHOUT)


def test_networks_learn_from_images_without_an_elastogram_where_they_can(fusion_study: Study) -> None:
    result, folder = fusion_study
    split = Split.load(folder / "splits.json")
    for trial in trials(result):
        division = split.division(trial["division"])
        keys = {key for group in division.train for key in split.groups[group]}
        alone = len(keys & set(WITHOUT))
        expected = len(keys) - (alone if trial["input"] in ("elastogram", "early") else 0)
        assert trial["train"] == expected
    assert any(sentence.startswith("2 of 48 images have no elastogram") for sentence in result.unfinished)


def test_depths_are_chosen_on_the_validation_folds_and_nothing_is_trained_twice(fusion_study: Study) -> None:
    result, _ = fusion_study
    draws = result.table("depth-draws").frame()
    for shown, name in (("b-mode", "B-mode image"), ("elastogram", "Elastogram")):
        depths = result.table(f"depths-{shown}")
        areas = {row["depth"]: row["validation_auc"].value for row in depths.rows}  # type: ignore[union-attr]
        best = result.table("best-depths").row(input=name)
        assert areas[best["depth"]] == max(areas.values())
        assert best["validation_auc"] == pytest.approx(areas[best["depth"]])
        own = draws[draws["input"] == name]
        assert own["share_of_draws"].isna().all(), "the validation folds hold too few patients"
        assert own["best_in_folds"].sum() == 2
        # The own-classifier rows of Table VI are those of Table III.
        method = result.table("methods").row(title=f"{name.removesuffix(' image')}, own classifier")
        twin = depths.row(depth=best["depth"])
        assert (method["network"], method["auc"], method["depth"]) == (twin["network"], twin["auc"], twin["depth"])
    names = [trial["trial"] for trial in trials(result)]
    assert len(names) == len(set(names))


def test_hidden_images_change_the_answer(fusion_study: Study) -> None:
    result, folder = fusion_study
    rows = result.table("hidden").rows
    assert [(row["title"], row["hidden"]) for row in rows][:2] == [
        ("Mixed training, own classifier", "elastogram"),
        ("Mixed training, own classifier", "B-mode image"),
    ]
    assert len(rows) == 4
    trial = next(item["trial"] for item in trials(result) if item["input"] == "late")
    table = load_raw(folder / "trials" / trial / "predictions.csv")
    test = table[table["part"] == "test"].pivot_table(index="key", columns="view", values="probability")
    assert list(test.columns) == ["plain", "without b-mode", "without elastogram"]
    assert (test["plain"] - test["without elastogram"]).abs().max() > 1e-4
    assert (test["without b-mode"] - test["without elastogram"]).abs().max() > 1e-4


def test_mixed_training_averages_the_logits_of_the_two_images(fusion_study: Study) -> None:
    result, folder = fusion_study
    trial = next(item["trial"] for item in trials(result) if item["input"] == "mixed")
    table = load_raw(folder / "trials" / trial / "predictions.csv")
    test = table[table["part"] == "test"].pivot_table(index="key", columns="view", values="probability")
    logit = np.log(test / (1 - test))
    mean = (logit["without b-mode"] + logit["without elastogram"]) / 2
    assert logit["plain"].to_numpy() == pytest.approx(mean.to_numpy(), abs=1e-4)


def test_table_iv_counts_every_patient_once(fusion_study: Study) -> None:
    table = fusion_study[0].table("parts")
    whole, training, test = (table.row(part=name) for name in ("All", "Training and validation", "Test"))
    assert (whole["patients"], whole["images"]) == (PATIENTS, 2 * PATIENTS)
    assert training["patients"] + test["patients"] == PATIENTS  # type: ignore[operator]
    assert whole["malignant_images"] + whole["benign_images"] == whole["images"]  # type: ignore[operator]


def test_the_model_answers_as_the_study_did(fusion_study: Study, pair_cohort: Path, fusion_recipe: Recipe) -> None:
    result, folder = fusion_study
    assert result.model is not None
    bundle = load_bundle(folder / "model")
    assert bundle.info.pair is not None
    assert (bundle.info.spec.fusion, bundle.info.spec.head) == ("late", "own")
    main = result.table("methods").row(title="Late fusion, own classifier")["network"]
    raw = load_raw(folder / "trials" / f"fold-01_{main}" / "predictions.csv")
    plain = raw[raw["view"] == "plain"].reset_index(drop=True)
    row = judge(plain, options=fusion_recipe.evaluation).part("test").iloc[0]
    table = pd.read_csv(pair_cohort, dtype=str).set_index("key")
    named = table.loc[row["key"]]
    image, elastogram = (pair_cohort.parent / named[column] for column in ("image", "elastogram"))
    request = Request(image, Box.from_text(named["box"]), elastogram=elastogram)
    said = next(iter(Predictor(bundle).assess_many([request])))
    assert isinstance(said, Assessment)
    assert said.calibrated_risk == pytest.approx(row["risk"], abs=1e-5)


def test_cached_activations_change_nothing(fusion_study: Study) -> None:
    result, folder = fusion_study
    cost = result.table("cost")
    assert [row["kept"] for row in cost.rows] == ["computed anew in every epoch, to measure what that costs", "kept"]
    differ = float(cost.notes[0].rsplit(" ", 1)[1].rstrip("."))
    assert differ == pytest.approx(0, abs=1e-5)
    assert not (folder / "cache" / "activations").exists()


def test_frozen_layers_are_not_counted_as_trained(fusion_study: Study) -> None:
    none, two = fusion_study[0].table("depths-b-mode").rows
    assert none["trained_parameters"] == none["parameters"] == two["parameters"]
    assert two["trained_parameters"] < none["trained_parameters"]  # type: ignore[operator]


def test_trials_brought_back_without_weights_train_nothing_and_make_the_same_tables(
    fusion_study: Study, grouped: Cohort, fusion_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = fusion_study
    assert load_result(folder) == result
    shutil.copytree(folder, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("cache", "*.safetensors", "model"))
    monkeypatch.setattr("thyrosight.training.launch.launch", None)  # calling it would fail
    found = run_study(fusion_recipe, grouped, tmp_path / "elsewhere")
    for name in ("methods", "depths-b-mode", "best-depths", "hidden", "fusion"):
        assert found.table(name) == result.table(name)
    assert found.model is None
    assert any(sentence.startswith("No model was saved") for sentence in found.unfinished)
    assert any(sentence.startswith("Figure 3 was left out") for sentence in found.unfinished)
    assert "Methods left out by the recipe: SPP, GAP." in found.unfinished


def test_the_identity_of_a_trial_knows_no_path(
    fusion_study: Study, pair_cohort: Path, fusion_recipe: Recipe, tmp_path: Path
) -> None:
    _, folder = fusion_study
    identities = []
    for place in ("here", "there"):
        there = shutil.copytree(pair_cohort.parent, tmp_path / place) / "cohort.csv"
        weights = shutil.copy(folder / "model" / "weights.safetensors", tmp_path / f"{place}.safetensors")
        cohort = with_groups(open_cohort(there), progress=silent)
        start = fusion_recipe.network.model_copy(update={"weights": str(weights)})
        recipe = fusion_recipe.model_copy(update={"network": start})
        plan = Plan(recipe)
        cohort = plan.select(cohort, folder=tmp_path / "none", progress=silent)
        setup = Setup(recipe, cohort, Split.load(folder / "splits.json"), tmp_path / place / "cache")
        named = [setup.by_content(trial).parameters() for trial in plan.trials(setup, {})]
        identities.append(json.dumps([setup.identity(), named]))
    assert identities[0] == identities[1]
    assert str(tmp_path) not in identities[0]
    assert "sha256:" in identities[0]


def test_weights_are_kept_of_the_main_methods_first_division_alone(fusion_study: Study) -> None:
    result, folder = fusion_study
    kept = [path.parent.name for path in (folder / "trials").glob("*/weights.safetensors")]
    main = result.table("methods").row(title="Late fusion, own classifier")["network"]
    assert kept == [f"fold-01_{main}"]


def test_a_second_view_is_never_called_an_elastogram(grouped: Cohort, tmp_path: Path) -> None:
    settings = (
        *SETTINGS, "second={source: image, preparation: {margin: {value: 1.0, unit: fraction}}}", "plain.networks=[]",
        "methods={heads: [spp], inputs: [elastogram, late], main: {head: spp, input: late}}", "cost_epochs=0",
        "freeze={depths: [], chosen: 1}", "training.epochs=1",
    )  # fmt: skip
    result = run_study(load_recipe("elasticity-fusion-small", settings=settings), grouped, tmp_path / "out")
    assert "second view of the same image, no elastography" in result.document.title
    assert result.document.source.startswith("second view of the same image, no elastography;")
    assert [(row["title"], row["depth"]) for row in result.table("methods").rows] == [
        ("Second view, SPP", 1),
        ("Late fusion, SPP", 1),
    ]
    assert "says nothing about elastography" in " ".join(result.document.limitations)
    assert f"{2 * PATIENTS} with a second view" in result.facts.flow[-3].text


def test_a_patient_in_both_parts_is_refused(
    grouped: Cohort, fusion_recipe: Recipe, fusion_study: Study, tmp_path: Path
) -> None:
    split = Split.load(fusion_study[1] / "splits.json")
    first = split.divisions[0]
    leaking = first.model_copy(update={"train": (*first.train, first.test[0])})
    split.model_copy(update={"divisions": (leaking, *split.divisions[1:])}).save(tmp_path / "leak.json")
    with pytest.raises(SplitError, match=first.test[0]):
        run_study(fusion_recipe, grouped, tmp_path / "out", split_file=tmp_path / "leak.json")
