"""The recipe: the paper's values, one architecture with several tasks, and what is refused."""

import pytest

from thyrosight.errors import RecipeError
from thyrosight.studies import load_recipe
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe


def _load(*settings: str) -> Recipe:
    recipe = load_recipe("ynet-lymph-node", settings=settings)
    assert isinstance(recipe, Recipe)
    return recipe


def test_the_papers_settings_stand_in_its_recipe() -> None:
    recipe = _load()
    training = recipe.training
    assert (recipe.main.architecture, recipe.main.task, recipe.preparation.size) == ("ynet", "joint", 256)
    assert (training.batch_size, training.learning_rate) == (8, 1e-3)
    assert (training.loss.name, training.mask_loss.dice, training.mask_loss.classification) == ("cross-entropy", 0, 1)
    assert (recipe.split.method, recipe.split.folds) == ("test-and-folds", 5)
    assert recipe.preparation.contrast == "stretch"
    assert recipe.split.test == pytest.approx(547 / 3059, abs=0.002)
    assert [network.key for network in recipe.networks][:3] == [
        "ynet_joint",
        "ynet_classification",
        "ynet_segmentation",
    ]
    assert recipe.network_names == ("ynet", "unet", "unet_efficientnet_lite0")
    assert recipe.networks[1].title == "Y-Net, class alone"


def test_short_forms_and_names() -> None:
    recipe = _load("networks=[unet, {architecture: unet, name: unet-dice, training: {mask_loss: {dice: 1}}}]")
    assert (recipe.main.key, recipe.main.task) == ("unet_joint", "joint")
    other = recipe.networks[1]
    assert (other.key, other.title) == ("unet-dice", "U-Net, outline and class (unet-dice)")
    changed = recipe.training_for(other).mask_loss
    assert (changed.dice, changed.classification) == (1, 1)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("networks=[ynet, ynet]", "networks: ynet_joint stands twice; give one of them a name"),
        (
            "networks=[{architecture: ynet, task: outline}]",
            "expected 'classification', 'segmentation' or 'joint', got 'outline'",
        ),
        ("preparation.crop=nodule", "preparation.crop: a crop around the outline leaves nothing to find"),
        ("outlines.failed=0.2", "outlines.failed: unknown key; known are failed_below, examples"),
        ("networks=[{architecture: ynet, training: {epoch: 3}}]", "epoch"),
    ],
)
def test_what_is_wrong_is_named(setting: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        _load(setting)
    assert sentence in str(caught.value)
