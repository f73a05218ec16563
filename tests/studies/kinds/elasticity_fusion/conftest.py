"""One small finished study of fusion on drawn pairs: bright discs in B-mode, red ones in the elastogram, malignant."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import Cohort, open_cohort, with_groups
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.elasticity_fusion.recipe import Recipe

SETTINGS = (
    "network={architecture: tiny, weights: none}",
    "preparation.size=48",
    "any_size.size=96",
    "split.folds=2",
    "split.test=0.3",
    "training.epochs=1",
    "training.precision='32'",
    "training.batch_size=8",
    "training.learning_rate=0.003",
    "plain={networks: [tiny], inputs: [b-mode]}",
    "freeze={depths: [0, 2], inputs: [b-mode, elastogram], chosen: best on validation}",
    "methods={heads: [own], main: {head: own, input: late}}",
    "cost_epochs=2",
    "explain.layers=[2]",
    "explain.examples=1",
    "second.registration=ignore",
    "evaluation.bootstrap=200",
)
PATIENTS, WITHOUT = 24, ("p03_1", "p04_1")
"""Patients with two images each, and the images without an elastogram."""


def write_pairs(folder: Path) -> Path:
    """Draw the pairs and write their table."""
    generator = np.random.default_rng(11)
    rows = []
    for patient in range(PATIENTS):
        malignant = patient % 2 == 0
        for number in (1, 2):
            key = f"p{patient:02d}_{number}"
            grey, colour = drawn(generator, malignant=malignant)
            Image.fromarray(grey).save(folder / f"{key}.png")
            Image.fromarray(colour).save(folder / f"{key}-elastogram.png")
            named = "" if key in WITHOUT else f"{key}-elastogram.png"
            rows.append(
                {
                    "key": key,
                    "image": f"{key}.png",
                    "patient_id": f"p{patient:02d}",
                    "nodule_id": f"p{patient:02d}_n",
                    "label": "malignant" if malignant else "benign",
                    "label_source": "simulated",
                    "box": "30,20,90,70",
                    "elastogram": named,
                }
            )
    path = folder / "cohort.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def drawn(generator: np.random.Generator, *, malignant: bool) -> tuple[np.ndarray, np.ndarray]:
    """A B-mode image and its elastogram, 100 rows by 120 columns; both tell the class, the elastogram better."""
    rows, columns = np.mgrid[:100, :120]
    disc = ((rows - 45) / 20) ** 2 + ((columns - 60) / 25) ** 2 < 1
    level = generator.normal(150 if malignant else 100, 30)
    grey = np.clip(generator.normal(np.where(disc, level, 120), 25), 1, 255).astype(np.uint8)
    stiff = np.clip(generator.normal(0.75 if malignant else 0.25, 0.15), 0, 1)
    share = np.where(disc, stiff, 0.2)[..., None]
    colour = (share * [255, 0, 0] + (1 - share) * [0, 80, 255]) * 0.7 + 0.3 * grey[..., None]
    return grey, np.clip(colour, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def pair_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs"))


@pytest.fixture(scope="session")
def grouped(pair_cohort: Path) -> Cohort:
    """The cohort with its groups, found once for all tests."""
    return with_groups(open_cohort(pair_cohort), progress=lambda what, done, total: None)


@pytest.fixture(scope="session")
def fusion_recipe() -> Recipe:
    recipe = load_recipe("elasticity-fusion-small", settings=SETTINGS)
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.fixture(scope="session")
def fusion_study(
    grouped: Cohort, fusion_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("fusion-study") / "out"
    result = run_study(fusion_recipe, grouped, folder, command="thyrosight study run elasticity-fusion-small")
    return result, folder
