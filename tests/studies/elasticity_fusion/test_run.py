"""A whole study of fusion on drawn pairs: what it leaves, that it resumes, and that a trial is the same anywhere."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thyrosight.cohort import Cohort, Split
from thyrosight.imaging import Box
from thyrosight.inference import Assessment, Predictor, load_bundle
from thyrosight.inference.predictor import Request
from thyrosight.studies import load_recipe, load_result, run_study
from thyrosight.studies.common import grouped_cohort
from thyrosight.studies.elasticity_fusion import ElasticityFusionRecipe, ElasticityFusionResult
from thyrosight.studies.elasticity_fusion.trials import Setup

from .conftest import PATIENTS, SETTINGS, WITHOUT

Study = tuple[ElasticityFusionResult, Path]


def test_every_method_is_tested_on_the_same_pairs_of_held_out_patients(fusion_study: Study) -> None:
    result, folder = fusion_study
    assert len(result.methods) == 5
    split = Split.load(folder / "splits.json")
    held_out = {key for group in split.divisions[0].test for key in split.groups[group]}
    assert all(division.test == split.divisions[0].test for division in split.divisions)
    for trial in result.trials:
        table = pd.read_csv(folder / "trials" / trial["trial"] / "predictions.csv")
        tested = table[(table["part"] == "test") & (table["hidden"] == "nothing")]
        assert set(tested["key"]) == held_out - set(WITHOUT)
        assert not set(table["key"]) & set(WITHOUT)


def test_networks_learn_from_images_without_an_elastogram_where_they_can(fusion_study: Study) -> None:
    result, folder = fusion_study
    split = Split.load(folder / "splits.json")
    for trial in result.trials:
        division = split.division(trial["division"])
        keys = {key for group in division.train for key in split.groups[group]}
        alone = len(keys & set(WITHOUT))
        expected = len(keys) - (alone if trial["input"] in ("elastogram", "early") else 0)
        assert trial["train"] == expected
    assert any(sentence.startswith("2 of 48 images have no elastogram") for sentence in result.unfinished)


def test_depths_are_chosen_on_the_validation_folds(fusion_study: Study) -> None:
    result, _ = fusion_study
    for item in result.best:
        means = {row.depth: row.validation_auc.value for row in result.depths[item.input]}
        assert means[item.depth] == max(value for value in means.values() if value is not None)
        assert sum(item.share_of_draws.values()) == pytest.approx(1)
        assert sum(item.best_in_folds.values()) == 2
        assert {row.depth for row in result.methods if row.input == item.input} == {item.depth}
    # The own-classifier rows of Table VI are those of Table III: nothing was trained twice.
    names = [trial["trial"] for trial in result.trials]
    assert len(names) == len(set(names))
    for row in result.methods:
        if row.head == "own" and row.input in result.depths:
            twin = next(other for other in result.depths[row.input] if other.depth == row.depth)
            assert twin.mean == row.mean


def test_differences_are_those_of_the_rows(fusion_study: Study) -> None:
    result, _ = fusion_study
    by_title = {row.title: row for row in result.methods}
    compared = 0
    for row in result.methods:
        for found in row.against:
            ours, theirs = row.mean[found.measure].value, by_title[found.to].mean[found.measure].value
            assert ours is not None
            assert theirs is not None
            assert found.difference == pytest.approx(ours - theirs)
            assert found.p_corrected >= found.p
            compared += 1
    # Four rows against the main one, and late fusion against each of two images; AUC and accuracy of each.
    assert compared == 2 * (4 + 2)


def test_hidden_images_change_the_answer_and_the_threshold_stays(fusion_study: Study) -> None:
    result, folder = fusion_study
    assert [(row.title, row.hidden) for row in result.hidden][:2] == [
        ("Mixed training, own classifier", "elastogram"),
        ("Mixed training, own classifier", "B-mode image"),
    ]
    assert len(result.hidden) == 4
    trial = next(item["trial"] for item in result.trials if item["input"] == "late")
    table = pd.read_csv(folder / "trials" / trial / "predictions.csv")
    test = table[table["part"] == "test"].pivot_table(index="key", columns="hidden", values="probability")
    assert list(test.columns) == ["b-mode", "elastogram", "nothing"]
    assert (test["nothing"] - test["elastogram"]).abs().max() > 1e-4
    assert (test["b-mode"] - test["elastogram"]).abs().max() > 1e-4


def test_mixed_training_averages_the_logits_of_the_two_images(fusion_study: Study) -> None:
    result, folder = fusion_study
    trial = next(item["trial"] for item in result.trials if item["input"] == "mixed")
    table = pd.read_csv(folder / "trials" / trial / "predictions.csv")
    test = table[table["part"] == "test"].pivot_table(index="key", columns="hidden", values="probability")
    logit = np.log(test / (1 - test))
    assert logit["nothing"].to_numpy() == pytest.approx(
        (logit["b-mode"] + logit["elastogram"]).to_numpy() / 2, abs=1e-4
    )


def test_table_iv_counts_every_patient_once(fusion_study: Study) -> None:
    result, _ = fusion_study
    whole, training, test = result.parts
    assert (whole.patients, whole.images) == (PATIENTS, 2 * PATIENTS)
    assert training.patients is not None
    assert test.patients is not None
    assert training.patients + test.patients == PATIENTS
    assert whole.malignant_images + whole.benign_images == whole.images


def test_the_model_answers_as_the_study_did(fusion_study: Study, pair_cohort: Path) -> None:
    result, folder = fusion_study
    assert result.model is not None
    bundle = load_bundle(folder / "model")
    assert bundle.info.pair is not None
    assert (bundle.info.spec.fusion, bundle.info.spec.head) == ("late", "own")
    kept = pd.read_csv(folder / "predictions" / "fold-01.csv")
    row = kept[kept["part"] == "test"].iloc[0]
    table = pd.read_csv(pair_cohort, dtype=str).set_index("key")
    named = table.loc[row["key"]]
    image, elastogram = (pair_cohort.parent / named[column] for column in ("image", "elastogram"))
    request = Request(image, Box.from_text(named["box"]), elastogram=elastogram)
    said = next(iter(Predictor(bundle).assess_many([request])))
    assert isinstance(said, Assessment)
    assert said.calibrated_risk == pytest.approx(row["risk"], abs=1e-5)


def test_cached_activations_change_nothing(fusion_study: Study) -> None:
    result, folder = fusion_study
    assert result.cost is not None
    assert [row.cached for row in result.cost.rows] == [
        "computed anew in every epoch, to measure what that costs",
        "kept",
    ]
    assert result.cost.largest_difference == pytest.approx(0, abs=1e-5)
    assert not (folder / "cache" / "activations").exists()


def test_frozen_layers_are_not_counted_as_trained(fusion_study: Study) -> None:
    result, _ = fusion_study
    none, two = result.depths["b-mode"]
    assert none.trained_parameters == none.parameters == two.parameters
    assert two.trained_parameters < none.trained_parameters


def test_trials_brought_back_without_weights_train_nothing_and_make_the_same_tables(
    fusion_study: Study,
    grouped: Cohort,
    fusion_recipe: ElasticityFusionRecipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result, folder = fusion_study
    assert load_result(folder) == result
    shutil.copytree(folder, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("cache", "*.safetensors", "model"))
    monkeypatch.setattr("thyrosight.training.launch.launch", None)  # calling it would fail
    found = run_study(fusion_recipe, grouped, tmp_path / "elsewhere")
    assert isinstance(found, ElasticityFusionResult)
    assert (found.methods, found.depths, found.best) == (result.methods, result.depths, result.best)
    assert found.model is None
    assert any(sentence.startswith("No model was saved") for sentence in found.unfinished)
    assert any(sentence.startswith("Figure 3 was left out") for sentence in found.unfinished)
    assert "Methods left out by the recipe: spp, gap." in found.unfinished


def test_the_identity_of_a_trial_knows_no_path(
    fusion_study: Study, pair_cohort: Path, fusion_recipe: ElasticityFusionRecipe, tmp_path: Path
) -> None:
    _, folder = fusion_study
    identities = []
    for place in ("here", "there"):
        there = shutil.copytree(pair_cohort.parent, tmp_path / place) / "cohort.csv"
        weights = shutil.copy(folder / "model" / "weights.safetensors", tmp_path / f"{place}.safetensors")
        cohort = grouped_cohort(fusion_recipe.cohort, there, progress=lambda *_: None)
        start = fusion_recipe.network.model_copy(update={"weights": str(weights)})
        recipe = fusion_recipe.model_copy(update={"network": start})
        setup = Setup(recipe, cohort, Split.load(folder / "splits.json"), tmp_path / place / "cache")
        identities.append(json.dumps(setup.identity()))
    assert identities[0] == identities[1]
    assert str(tmp_path) not in identities[0]


def test_weights_are_kept_of_the_main_methods_first_division_alone(fusion_study: Study) -> None:
    result, folder = fusion_study
    kept = [path.parent.parent.name for path in (folder / "trials").glob("*/training/weights.safetensors")]
    assert kept == [f"fold-01_{result.main_name}"]


def test_a_second_view_is_never_called_an_elastogram(grouped: Cohort, tmp_path: Path) -> None:
    settings = (
        *SETTINGS, "second={source: image, preparation: {margin: {value: 1.0, unit: fraction}}}", "plain.networks=[]",
        "methods={heads: [spp], inputs: [elastogram, late], main: {head: spp, input: late}}", "cost_epochs=0",
        "freeze={depths: [], chosen: 1}", "training.epochs=1",
    )  # fmt: skip
    result = run_study(load_recipe("elasticity-fusion-small", settings=settings), grouped, tmp_path / "out")
    assert isinstance(result, ElasticityFusionResult)
    assert "second view of the same image, no elastography" in result.title
    assert result.source_sentence.startswith("second view of the same image, no elastography;")
    assert [row.title for row in result.methods] == ["Second view, SPP", "Late fusion, SPP"]
    assert {row.depth for row in result.methods} == {1}
    assert "says nothing about elastography" in " ".join(result.limitations)
    assert result.pairs == 2 * PATIENTS
