"""A whole study of crop margins on phantoms: what it leaves, that it resumes, and what it says of bad input."""

import json
import pickle
import shutil
from functools import partial
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import RecipeError
from thyrosight.inference import load_bundle
from thyrosight.phantoms import make_phantom_cohort, options_like, phantom_images
from thyrosight.studies import load_recipe, run_study
from thyrosight.studies.external import ExternalSet
from thyrosight.studies.inception_margin import (
    InceptionMarginRecipe,
    InceptionMarginResult,
    feature_errors,
    read_descriptors,
)
from thyrosight.studies.inception_margin.trials import Setup, train_and_test
from thyrosight.studies.kinds import load_result
from thyrosight.sweeps import Engine

Study = tuple[InceptionMarginResult, Path]


def test_every_margin_and_size_is_tested_on_the_same_images(margin_study: Study) -> None:
    result, folder = margin_study
    assert [(item.margin, item.size, item.main) for item in result.margins] == [(0, 32, False), (10, 32, True)]
    assert [(item.margin, item.size, item.main) for item in result.sizes] == [(10, 32, True), (10, 40, False)]
    assert [item.shape for item in result.shapes] == ["square", "rectangle"]
    assert {item.trained for item in result.margins} == {"margins drawn from 0 to 20 pixels"}
    split = Split.load(folder / "splits.json")
    tested = {key for group in split.divisions[0].test for key in split.groups[group]}
    for item in [*result.margins, *result.sizes, *result.shapes]:
        assert item.measures["accuracy"].n == len(tested)
    # Only one network per input size and shape was trained, whatever the number of margins.
    assert [trial["trial"] for trial in result.trials] == [
        "division-01_32px_square_drawn",
        "division-01_40px_square_drawn",
        "division-01_32px_rectangle_drawn",
    ]
    trials = pd.read_csv(folder / "tables" / "trials.csv")
    assert trials["status"].tolist() == ["finished"] * 3


def test_the_differences_are_those_of_the_tables(margin_study: Study) -> None:
    result, _ = margin_study
    for rows in (result.margins, result.sizes, result.shapes):
        main = next(item for item in rows if item.main)
        assert main.against_main == []
        for item in rows:
            for found in item.against_main:
                ours, theirs = item.measures[found.measure].value, main.measures[found.measure].value
                assert ours is not None
                assert theirs is not None
                assert found.difference == pytest.approx(ours - theirs)
                assert found.p_corrected >= found.p


def test_bad_cells_are_named_and_counted(margin_study: Study) -> None:
    result, folder = margin_study
    assert any("'fuzy' (1 image, for example" in sentence for sentence in result.unfinished)
    assert any(sentence.startswith("1 of 70 images have no recorded size") for sentence in result.unfinished)
    assert result.flow[1].n == 70
    for above, below in pairwise(result.flow):
        assert above.n - sum(count for _, count in above.excluded) == below.n
    groups = pd.read_csv(folder / "cohort.csv")["size_group"]
    sizes = pd.read_csv(folder / "cohort.csv")["size_mm"]
    assert (groups == "size unknown").sum() == 1
    assert ((groups == "< 0.5 cm") == (sizes < 5)).all()
    assert ((groups == "> 1.0 cm") == (sizes > 10)).all()


def test_figure_1_counts_every_image_once(margin_study: Study) -> None:
    result, _ = margin_study
    assert sum(item.images for item in result.distribution) == 70
    for item in result.distribution:
        assert sum(map(sum, item.counts)) == item.images
    assert [item.column for item in result.balance] == ["label", "size group", "TI-RADS"]


def test_the_model_is_the_main_choice(margin_study: Study) -> None:
    result, folder = margin_study
    assert result.model is not None
    bundle = load_bundle(folder / "model")
    assert (bundle.info.preparation.size, bundle.info.preparation.margin.value) == (32, 10)
    assert bundle.info.operating_point.threshold == pytest.approx(result.margins[1].thresholds[0])


def test_results_can_be_read_back(margin_study: Study) -> None:
    result, folder = margin_study
    assert load_result(folder) == result
    assert result.summary().rows[0][0] == "0 pixels"


def test_a_second_run_trains_nothing_and_a_further_margin_neither(
    margin_study: Study,
    margin_cohort: Path,
    margin_recipe: InceptionMarginRecipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result, folder = margin_study
    shutil.copytree(folder, tmp_path / "again")
    monkeypatch.setattr("thyrosight.training.launch.launch", None)  # calling it would fail
    again = run_study(margin_recipe, margin_cohort, tmp_path / "again")
    assert isinstance(again, InceptionMarginResult)
    assert again.margins == result.margins
    sweep = margin_recipe.sweep.model_copy(update={"margins": (0, 5, 10), "sizes": (32,), "rectangle": False})
    wider = run_study(margin_recipe.model_copy(update={"sweep": sweep}), margin_cohort, tmp_path / "again")
    assert isinstance(wider, InceptionMarginResult)
    assert [item.margin for item in wider.margins] == [0, 5, 10]
    assert wider.margins[0].measures == result.margins[0].measures


def test_external_sets_stand_beside_the_cohort_and_hold_none_of_its_images(
    margin_study: Study, margin_cohort: Path, margin_recipe: InceptionMarginRecipe, tmp_path: Path
) -> None:
    result, folder = margin_study
    shutil.copytree(folder, tmp_path / "again")
    other = make_phantom_cohort(tmp_path / "other", n=12, seed=77)
    # One image of the study's cohort is in the other one too, under another name.
    table = pd.read_csv(other, dtype=str, keep_default_na=False)
    shutil.copy(margin_cohort.parent / "images" / "p00002_1.png", tmp_path / "other" / "copy.png")
    copied = table.iloc[[0]].assign(key="copy", image="copy.png", patient_id="p99999", mask="", box="")
    pd.concat([table, copied]).assign(label_source="cytology").to_csv(other, index=False)
    sets = (ExternalSet(cohort=str(other), name="other"), ExternalSet(cohort=str(tmp_path / "absent"), name="absent"))
    again = run_study(margin_recipe.model_copy(update={"external": sets}), margin_cohort, tmp_path / "again")
    assert isinstance(again, InceptionMarginResult)
    (found,) = again.external
    assert (found.images, found.benign + found.malignant, found.without_box) == (12, 12, 0)
    assert found.excluded == [("the same frame, or one of the same group, stands in the study's cohort", 1)]
    assert any(sentence.startswith("External set absent was left out") for sentence in again.unfinished)
    stated = pd.read_csv(tmp_path / "again" / "tables" / "external.csv")
    assert set(stated["labels"]) == {"cytology"}, "the labels of the external set, not those of the study"
    assert set(stated["split"]) == {"external set"}
    told = pd.read_csv(tmp_path / "again" / "external" / "other.csv")
    # The operating point is the one chosen within the study's own cohort.
    assert (told["predicted"] == (told["risk"] >= result.margins[1].thresholds[0])).all()


def test_a_trial_can_be_sent_to_another_machine(margin_study: Study, margin_recipe: InceptionMarginRecipe) -> None:
    _, folder = margin_study
    table = pd.read_csv(folder / "cohort.csv", dtype={"key": str, "group": str, "patient_id": str})
    cohort = Cohort(table=table, name="phantoms", source="")
    setup = Setup(margin_recipe, cohort, Split.load(folder / "splits.json"), folder / "cache")
    sent = pickle.loads(pickle.dumps(partial(train_and_test, setup)))
    assert sent.args[0].identity() == setup.identity()


def test_without_sizes_and_descriptors_the_rest_is_written(
    margin_cohort: Path, margin_recipe: InceptionMarginRecipe, tmp_path: Path
) -> None:
    table = pd.read_csv(margin_cohort, dtype=str, keep_default_na=False)
    table = table[["image", "patient_id", "label", "label_source", "mask"]].iloc[:40].copy()
    for column in ("image", "mask"):
        table[column] = [str(margin_cohort.parent / name) for name in table[column]]
    table.to_csv(tmp_path / "plain.csv", index=False)
    sweep = margin_recipe.sweep.model_copy(update={"margin_in_training": "fixed", "sizes": (), "rectangle": False})
    recipe = margin_recipe.model_copy(update={"sweep": sweep})
    result = run_study(recipe, tmp_path / "plain.csv", tmp_path / "out")
    assert isinstance(result, InceptionMarginResult)
    assert result.features is None
    assert result.size_groups == []
    told = "\n".join(result.unfinished)
    assert "Groups by size were left out" in told
    assert "Tables 2 and 3 were left out" in told
    assert "not matched on size and TI-RADS" in told
    assert [trial["margin"] for trial in result.trials] == [10, 0]
    assert [item.trained for item in result.margins] == ["margin 0 pixels", "margin 10 pixels"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("networks=[tiny, resnet18]", "this study has one network"),
        ("preparation.crop=scan area", "needs the crop nodule"),
        ("preparation.shape=own", "compares square and rectangle"),
        ("training.augmentation.margin_range=null", "training.augmentation.margin_range: needed"),
        ("training.augmentation.margin_range=[50, 10]", "the smaller one first"),
        ("sizes.bounds_mm=[10, 5]", "rising sizes"),
        ("sizes.training=[{epochs: 0}]", "epochs"),
        ("sweep.margin=[0]", "did you mean sweep.margins"),
    ],
)
def test_a_wrong_recipe_is_refused(setting: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe("inception-margin", settings=[setting])


def test_other_kinds_have_no_trials_to_share_out(margin_cohort: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="leave --engine out"):
        run_study(load_recipe("demo"), margin_cohort, tmp_path, engine=Engine("ray"))


def test_the_paper_s_values_stand_in_the_recipe() -> None:
    recipe = load_recipe("inception-margin")
    assert isinstance(recipe, InceptionMarginRecipe)
    assert recipe.margins == (0, 25, 50, 75, 100)
    assert (recipe.main_margin, recipe.preparation.size, recipe.main.architecture) == (50, 384, "inception_v3")
    assert recipe.training.augmentation.margin_range == (0, 100)
    assert recipe.input_sizes == (224, 299, 384, 480)
    assert recipe.sizes.names == ("< 0.5 cm", "0.5 to 1.0 cm", "> 1.0 cm")
    assert recipe.split.test == pytest.approx(399 / 2836, abs=0.001)


def test_known_effects_of_features_on_a_networks_errors_are_recovered() -> None:
    """2,000 phantoms with a simulated network whose errors follow the paper's odds ratios: 0.254 and 0.243."""
    from itertools import islice

    options = options_like("inception-margin")
    assert options.network is not None
    rows = []
    for image in islice(phantom_images(3, options), 2000):
        recorded = dict(image.recorded)
        features = image.features
        rows.append(
            {
                "key": image.key, "group": str(image.patient), "truth": int(image.label == "malignant"),
                "predicted": int(float(recorded["simulated_probability"]) > 0.5),
                "composition": features.composition, "echogenicity": features.echogenicity,
                "margin": features.margin, "calcification": features.calcification, "shape": features.shape,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    levels = read_descriptors(table)
    assert levels.problems == ()
    described = table[["key", "group", "truth", "predicted"]].merge(levels.table, on="key")
    errors = feature_errors(described)
    found = {row.level: row.univariate for row in errors.odds}
    for level, effect in (("microcalcification", 0.254), ("taller than wide", 0.243)):
        odds = found[level]
        assert odds is not None
        assert odds.low is not None
        assert odds.high is not None
        assert odds.low < effect < odds.high
    assert json.loads(errors.model_dump_json())["images"] == 2000
