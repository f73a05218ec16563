"""A small cohort of drawn discs with masks, reports and neck levels, and one finished study on it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe

SETTINGS = (
    "networks=[{architecture: ynet, weights: none, role: main},"
    " {architecture: ynet, task: classification, weights: none},"
    " {architecture: ynet, task: segmentation, weights: none}]",
    "preparation.size=32",
    "training.epochs=1",
    "training.precision='32'",
    "training.patience=null",
    "training.accelerator=cpu",
    "training.mask_loss={cross_entropy: 1, dice: 1, lesion_weight: balanced}",
    "split.folds=2",
    "split.test=0.4",
    "evaluation.bootstrap=200",
    "outlines.examples=2",
)
LEVELS = (("III", "right"), ("IV", "left"), ("VII", "middle"), ("", ""))


def draw_cohort(folder: Path, *, patients: int = 18, images_each: int = 2) -> Path:
    """Malignant discs are dark, benign ones bright; the last image has an empty mask, every fifth report no keyword."""
    rng = np.random.default_rng(4)
    folder.mkdir(parents=True)
    rows = []
    down, across = np.mgrid[:72, :96]
    for number in range(patients * images_each):
        patient, malignant = number // images_each, (number // images_each) % 2 == 0
        centre, radius = rng.uniform((25, 30), (47, 66)), rng.uniform(9, 18)
        disc = np.hypot(down - centre[0], across - centre[1]) < radius
        if number == patients * images_each - 1:
            disc[:] = False
        pixels = rng.normal(110, 25, disc.shape) + np.where(disc, -70 if malignant else 80, 0)
        Image.fromarray(np.clip(pixels, 1, 255).astype(np.uint8)).save(folder / f"i{number:02d}.png")
        Image.fromarray(np.where(disc, 255, 0).astype(np.uint8)).save(folder / f"m{number:02d}.png")
        level, side = LEVELS[number % 4]
        text = "no keyword here" if number % 5 == 4 else "metastasis" if malignant or number % 3 == 0 else "normal node"
        rows.append(
            {
                "key": f"i{number:02d}", "image": f"i{number:02d}.png", "mask": f"m{number:02d}.png",
                "patient_id": f"p{patient:02d}", "nodule_id": f"n{number}",
                "label": "malignant" if malignant else "benign", "label_source": "simulated",
                "sex": "FM"[patient % 3 == 0], "age": 30 + patient, "size_mm": round(radius, 1),
                "short_axis_mm": round(radius / 2, 1), "neck_level": level, "neck_side": side, "report_text": text,
            }
        )  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return folder / "cohort.csv"


@pytest.fixture(scope="session")
def disc_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_cohort(tmp_path_factory.mktemp("discs") / "cohort")


@pytest.fixture(scope="session")
def ynet_recipe() -> Recipe:
    recipe = load_recipe("ynet-lymph-node", settings=SETTINGS)
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.fixture(scope="session")
def ynet_study(disc_cohort: Path, ynet_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("ynet-study") / "out"
    return run_study(ynet_recipe, disc_cohort, folder, command="thyrosight study run ynet-lymph-node"), folder
