"""Recipes: what users write, and what they are told when it is wrong."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import RecipeError
from thyrosight.settings import merge
from thyrosight.studies import load_recipe, shipped_recipes


@pytest.mark.parametrize("name", list(shipped_recipes()))
def test_every_shipped_recipe_is_valid_and_survives_being_written_out(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    own = tmp_path / "own.yaml"
    own.write_text(recipe.to_yaml(), encoding="utf-8")
    assert load_recipe(own) == recipe


def test_the_papers_settings_stand_in_its_recipe() -> None:
    recipe = load_recipe("resnet18-focal")
    assert recipe.main.architecture == "resnet18"
    assert {network.architecture for network in recipe.networks} >= {"resnet18", "alexnet", "inception_v3", "vgg16"}
    assert (recipe.split.test, recipe.split.repeats, recipe.split.unit) == (0.3, 10, "patient")
    assert (recipe.training.optimiser, recipe.training.learning_rate) == ("adam", 1e-4)
    assert (recipe.training.loss.name, recipe.preparation.size) == ("focal", 224)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("training.epoch=3", "Recipe demo, training.epoch: unknown key; did you mean training.epochs?"),
        ("training.loss.gama=1", "Recipe demo, training.loss.gama: unknown key; did you mean training.loss.gamma?"),
        ("colour=red", "Recipe demo, colour: unknown key; known are name, title"),
        ("training.epochs=0", "Recipe demo, training.epochs: expected 1 or more, got 0."),
        ("training.epochs=many", "Recipe demo, training.epochs: expected a whole number"),
        ("split.unit=hospital", "Recipe demo, split.unit: expected 'patient' or 'image', got 'hospital'."),
        ("training.loss.name=dice", "expected 'focal' or 'cross-entropy', got 'dice'."),
        ("networks=[]", "Recipe demo, networks:"),
        ("networks=[tiny, tiny]", "networks: tiny stands twice; each may stand once"),
        ("preparation.crop=lung", "expected 'scan area', 'nodule' or 'whole frame', got 'lung'."),
        ("training", "The setting 'training' is not of the form key=value"),
        ("networks=[{architecture: tiny, training: {epoch: 3}}]", "epoch"),
    ],
)
def test_a_wrong_setting_names_its_place_and_what_is_allowed(setting: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("demo", settings=[setting])
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_every_wrong_key_is_named_at_once() -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("demo", settings=["training.epoch=3", "split.tst=0.2"])
    assert len(str(caught.value).splitlines()) == 2


def test_numbers_in_scientific_notation_are_numbers() -> None:
    assert load_recipe("demo", settings=["training.learning_rate=1e-3"]).training.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("setting", "place", "meant"),
    [
        ("training.precision=32", "training.precision", "32"),
        ("evaluation.calibration=no", "evaluation.calibration", "none"),
        ("evaluation.calibration=null", "evaluation.calibration", "none"),
        ("training.balance=off", "training.balance", "none"),
        ("preparation.contrast=no", "preparation.contrast", "none"),
        ("training.patience=none", "training.patience", None),
        ("training.augmentation.margin_range=none", "training.augmentation.margin_range", None),
        ("split.stratify=[label, 1]", "split.stratify", ("label", "1")),
        ("title=2020", "title", "2020"),
    ],
)
def test_words_that_read_as_something_else_are_words(setting: str, place: str, meant: object) -> None:
    found: object = load_recipe("demo", settings=[setting])
    for name in place.split("."):
        found = getattr(found, name)
    assert found == meant


def test_words_in_the_settings_of_one_network_are_words() -> None:
    recipe = load_recipe("demo", settings=["networks=[tiny, {architecture: vgg16, training: {precision: 32}}]"])
    assert recipe.training_for(recipe.networks[1]).precision == "32"


def test_plain_names_make_the_first_network_the_main_one() -> None:
    recipe = load_recipe("demo", settings=["networks=[tiny, resnet18]"])
    assert [(n.architecture, n.role) for n in recipe.networks] == [("tiny", "main"), ("resnet18", "comparator")]


def test_a_network_may_differ_in_training() -> None:
    recipe = load_recipe("demo", settings=["networks=[tiny, {architecture: vgg16, training: {epochs: 2}}]"])
    assert [recipe.training_for(network).epochs for network in recipe.networks] == [recipe.training.epochs, 2]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: a\n  title: b\n", "line 2"),
        ("- a\n- b\n", "does not hold keys and values"),
        ("name: Bad Name\ntitle: b\nnetworks: [tiny]\n", "name"),
        ("title: b\nnetworks: [tiny]\n", "name: this key is required"),
        ("name: a\ntitle: !!python/object/apply:os.system ['true']\nnetworks: [tiny]\n", "not valid YAML"),
    ],
)
def test_a_broken_file_is_named_with_its_place(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=r"own\.yaml") as caught:
        load_recipe(path)
    assert sentence in str(caught.value)


def test_a_missing_recipe_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="resnet18-focal"):
        load_recipe("resnet-18")
    with pytest.raises(RecipeError, match="does not exist"):
        load_recipe(tmp_path / "none.yaml")


_trees = st.recursive(
    st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


@given(base=st.dictionaries(st.sampled_from("abc"), _trees, max_size=3))
def test_merging_nothing_or_the_same_changes_nothing(base: dict[str, object]) -> None:
    assert merge(base, {}) == base
    assert merge(base, base) == base
    assert yaml.safe_load(yaml.safe_dump(merge(base, {"z": 1})))["z"] == 1
