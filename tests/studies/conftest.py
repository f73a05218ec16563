"""One small finished study, shared by the tests that look at it."""

from pathlib import Path

import pytest

from thyrosight.phantoms import make_phantom_cohort
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.comparison.recipe import Recipe

SETTINGS = (
    "networks=[tiny, {architecture: resnet18, weights: none}]",
    "preparation.size=32",
    "training.epochs=1",
    "training.precision='32'",
    "split.repeats=2",
    "explain.images=8",
    "explain.examples=1",
    "evaluation.bootstrap=200",
)


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom_cohort(tmp_path_factory.mktemp("phantoms") / "cohort", n=60, seed=5)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    found = load_recipe("demo", settings=SETTINGS)
    assert isinstance(found, Recipe)
    return found


@pytest.fixture(scope="session")
def study(phantoms: Path, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("study") / "out"
    return run_study(recipe, phantoms, folder, command="thyrosight study run demo"), folder
