"""The recipe of a study of crop margins: the paper's values, and what is refused."""

import pytest

from thyrosight.errors import RecipeError
from thyrosight.studies import load_recipe
from thyrosight.studies.kinds.inception_margin.recipe import Recipe


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("networks=[tiny, resnet18]", "this study has one network"),
        ("preparation.crop=scan area", "needs the crop nodule"),
        ("preparation.shape=own", "needs square images"),
        ("training.augmentation.margin_range=null", "training.augmentation.margin_range: needed"),
        ("training.augmentation.margin_range=[50, 10]", "the smaller one first"),
        ("sizes.bounds_mm=[10, 5]", "rising sizes"),
        ("sizes.training=[{epochs: 0}]", "epochs"),
        ("sweep.margin=[0]", "did you mean sweep.margins"),
        ("external=[a/site, b/site]", "two sets are called site"),
    ],
)
def test_a_wrong_recipe_is_refused(setting: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe("inception-margin", settings=[setting])


def test_the_paper_s_values_stand_in_the_recipe() -> None:
    recipe = load_recipe("inception-margin")
    assert isinstance(recipe, Recipe)
    assert recipe.margins == (0, 25, 50, 75, 100)
    assert (recipe.main_margin, recipe.preparation.size, recipe.main.architecture) == (50, 384, "inception_v3")
    assert recipe.training.augmentation.margin_range == (0, 100)
    assert recipe.input_sizes == (224, 299, 384, 480)
    assert recipe.sizes.names == ("< 0.5 cm", "0.5 to 1.0 cm", "> 1.0 cm")
    assert recipe.shapes == ("square", "width square", "rectangle")
    assert recipe.split.test == pytest.approx(399 / 2836, abs=0.001)


@pytest.mark.parametrize(("older", "shapes"), [("true", ("square", "rectangle")), ("false", ("square",))])
def test_recipes_of_older_runs_are_read(older: str, shapes: tuple[str, ...]) -> None:
    given = load_recipe("inception-margin").model_dump()
    del given["sweep"]["shapes"]
    recipe = Recipe.model_validate(given | {"sweep": given["sweep"] | {"rectangle": older == "true"}})
    assert recipe.shapes == shapes


def test_the_main_shape_is_tested_once() -> None:
    recipe = load_recipe(
        "inception-margin", settings=["preparation.shape=width square", "sweep.shapes=[square, width square]"]
    )
    assert isinstance(recipe, Recipe)
    assert recipe.shapes == ("width square", "square")
