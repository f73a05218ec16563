"""The recipe: the paper's values, what users may write, and what they are told when it is wrong."""

import pytest

from thyrosight.errors import RecipeError
from thyrosight.studies import load_recipe
from thyrosight.studies.kinds.micronodule.recipe import Recipe


def _load(*settings: str) -> Recipe:
    recipe = load_recipe("micronodule", settings=settings)
    assert isinstance(recipe, Recipe)
    return recipe


def test_the_papers_settings_stand_in_its_recipe() -> None:
    recipe = _load()
    training = recipe.training
    assert (recipe.main.architecture, recipe.preparation.size, recipe.preparation.shape) == ("resnet101", 224, "square")
    assert (training.optimiser, training.momentum, training.learning_rate) == ("sgd", 0.9, 1e-4)
    assert [training.learning_rate_at(epoch) for epoch in (0, 3, 4, 8)] == [1e-4, 1e-4, 0.5e-4, 0.25e-4]
    assert (training.epochs, training.batch_size, training.head_learning_rate_factor) == (10, 50, 10)
    assert (training.balance, training.keep, training.loss.name) == ("mirror", "last", "cross-entropy")
    assert not any(training.augmentation.model_dump(exclude={"margin_range"}).values())
    assert (recipe.sizes.train_from_mm, recipe.subgroups.at_most_mm) == (10, 5)
    assert recipe.categories.rule().text() == "2 below 3 %, 3 below 15 %, 4 below 60 %, 5 from 60 %"


def test_short_forms_mean_the_long_ones() -> None:
    recipe = _load("external=data/busi", "readers.computed=acr", "external_sites=B", "size_rule=none")
    assert [(item.cohort, item.title) for item in recipe.external] == [("data/busi", "busi")]
    assert recipe.readers.computed[0].title == "Descriptors under ACR TI-RADS 2017"
    assert recipe.external_sites == ("B",)
    assert recipe.sizes.rule == "none"


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("sizes.train_from=10", "sizes.train_from: unknown key; did you mean sizes.train_from_mm?"),
        ("sizes.unit=inch", "sizes.unit: expected 'mm' or 'cm', got 'inch'."),
        ("categories.cut_offs=[0.5, 0.2, 0.7]", "categories: Cut-offs between risk categories should rise"),
        ("categories.cut_offs=[0.5]", "categories: 1 cut-offs part 2 categories, but 4 are named"),
        ("readers.computed=[birads]", "readers.computed.0: There is no system 'birads'"),
        ("external=[{cohort: a/x}, {cohort: b/x}]", "external: two sets are called x; give each a name of its own"),
        ("external=[{path: a}]", "external.0.path: unknown key"),
        ("study=micronodules", "study: there is no kind of study 'micronodules'; known are comparison, micronodule"),
    ],
)
def test_a_wrong_setting_names_its_place(setting: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        _load(setting)
    assert sentence in str(caught.value)
