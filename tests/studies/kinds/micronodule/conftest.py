"""One small finished study on phantoms, shared by the tests that look at it."""

from pathlib import Path

import pytest

from thyrosight.cohort import Cohort, open_cohort, with_groups
from thyrosight.phantoms import make_phantom_cohort, options_like
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.micronodule.recipe import Recipe

SETTINGS = (
    "networks=[tiny, {architecture: resnet18, weights: none}]",
    "preparation.size=32",
    "training.epochs=1",
    "evaluation.bootstrap=200",
    "external_sites=[site C, site D]",
    "readers.computed=[{system: k-tirads-2016, of: C}]",
)


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phantoms with sizes, sites, reference standards and readers."""
    return make_phantom_cohort(
        tmp_path_factory.mktemp("micronodules") / "cohort", n=110, seed=3, options=options_like("micronodule")
    )


@pytest.fixture(scope="session")
def nodules(manifest: Path) -> Cohort:
    """The same with groups."""
    return with_groups(open_cohort(manifest))


@pytest.fixture(scope="session")
def micronodule_recipe() -> Recipe:
    found = load_recipe("micronodule", settings=SETTINGS)
    assert isinstance(found, Recipe)
    return found


@pytest.fixture(scope="session")
def micronodule_study(
    nodules: Cohort, micronodule_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Result, Path]:
    """The finished study and its folder."""
    folder = tmp_path_factory.mktemp("study") / "out"
    return run_study(micronodule_recipe, nodules, folder, command="thyrosight study run micronodule"), folder
