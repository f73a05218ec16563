"""One small finished study of crop margins on phantoms with sizes and descriptors."""

from pathlib import Path

import pandas as pd
import pytest

from thyrosight.phantoms import PhantomOptions, make_phantom_cohort
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.inception_margin.recipe import Recipe

SETTINGS = (
    "networks=[tiny]",
    "preparation.size=32",
    "preparation.margin.value=10",
    "sweep.margins=[0, 10]",
    "sweep.sizes=[40]",
    "training.augmentation.margin_range=[0, 20]",
    "training.epochs=1",
    "training.precision='32'",
    "training.batch_size=16",
    "training.learning_rate=0.003",
    "split.test=0.3",
    "split.validation=0.3",
    "sizes.least=2",
    "evaluation.bootstrap=200",
)


@pytest.fixture(scope="session")
def margin_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phantoms with sizes; one margin is misspelt and one size is missing."""
    path = make_phantom_cohort(
        tmp_path_factory.mktemp("margins") / "cohort",
        n=50,
        seed=8,
        options=PhantomOptions(small_share=0.35, one_image_each=True, tirads="kwak-2011"),
    )
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[3, "margin"] = "fuzy"
    table.loc[4, "size_mm"] = ""
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def margin_recipe() -> Recipe:
    recipe = load_recipe("inception-margin", settings=SETTINGS)
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.fixture(scope="session")
def margin_study(
    margin_cohort: Path, margin_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("margin-study") / "out"
    return run_study(margin_recipe, margin_cohort, folder, command="thyrosight study run inception-margin"), folder
