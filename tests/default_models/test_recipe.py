"""Recipes of the default models: what a stage takes over, and what is refused."""

import pytest

from thyrosight.default_models.recipe import NAMES, FinderRecipe, RiskRecipe, load_recipe
from thyrosight.errors import RecipeError


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_has_the_fold_size_and_seed_of_the_recipe(name: str) -> None:
    recipe = load_recipe(name, settings=["fold=3", "seed=7", "size=64"])
    assert len(recipe.stages_in_order) == 4
    for _, stage in recipe.stages_in_order[:2]:
        assert (stage.seed, stage.options.seed) == (7, 7)
    assert {(stage.fold, stage.size) for _, stage in recipe.stages_in_order} == {(3, 64)}


def test_one_stage_may_be_changed_alone() -> None:
    recipe = load_recipe("default-finder", settings=["stages.outlines.epochs=1", "stages.self-training.seed=5"])
    assert isinstance(recipe, FinderRecipe)
    assert recipe.stages["outlines"].epochs == 1 and recipe.stages["self-training"].epochs == 12
    assert recipe.stages["self-training"].seed == 5 and recipe.stages["outlines"].seed == 0


def test_the_second_stages_go_on_from_the_first() -> None:
    finder, risk = (load_recipe(name) for name in NAMES)
    assert isinstance(finder, FinderRecipe) and isinstance(risk, RiskRecipe)
    assert finder.stages["self-training"].start == finder.stages["self-training"].teacher == "outlines"
    assert risk.stages["tirads"].start == "pathology" and risk.stages["tirads"].boxes == "finder"
    assert risk.stages["further"].averaged == (risk.stages["further"].start,) == ("again",)
    assert finder.stages["sectors"].averaged == ("self-training",) and finder.stages["sectors"].start == "tissue"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("stages.outlines.epoch=3", "stages.outlines.epoch: unknown key; did you mean stages.outlines.epochs?"),
        ("stages.outlines.start=self-training", "stages.outlines.start must name an earlier stage"),
        ("stages.outlines.fold=1", "stages.outlines: fold and size are the recipe's own"),
        ("stages.outlines.near=2", "stages.outlines.near: expected 1 or less, got 2"),
        ("seeds=1", "seeds: unknown key; did you mean seed?"),
    ],
)
def test_a_mistake_is_named_with_its_place(setting: str, said: str) -> None:
    with pytest.raises(RecipeError) as error:
        load_recipe("default-finder", settings=[setting])
    assert said in str(error.value).replace("stages.outlines.outlines", "stages.outlines")
    assert "\n" not in str(error.value)


def test_only_earlier_stages_are_averaged() -> None:
    recipe = load_recipe("default-risk", settings=["stages.tirads.averaged=[pathology]"])
    assert isinstance(recipe, RiskRecipe) and recipe.stages["tirads"].averaged == ("pathology",)
    with pytest.raises(RecipeError, match=r"stages\.tirads\.averaged must name an earlier stage, got 'tirads'"):
        load_recipe("default-risk", settings=["stages.tirads.averaged=[pathology, tirads]"])


def test_a_recipe_that_is_written_out_is_read_again() -> None:
    import yaml

    recipe = load_recipe("default-risk")
    assert RiskRecipe.model_validate(yaml.safe_load(recipe.to_yaml())) == recipe
