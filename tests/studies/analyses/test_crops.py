"""Which nodules are taken to show what crops of several shapes do."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.studies.made_up import made_up_cohort
from thyrosight.cohort import Cohort
from thyrosight.documents.drawings import PictureGrid
from thyrosight.imaging import Margin, Preparation
from thyrosight.studies.analyses.crops import SHAPES, crop_examples

PREPARATION = Preparation(size=32, crop="nodule", margin=Margin(value=2, unit="pixels"))


def boxed(folder: Path, *boxes: str) -> Cohort:
    """Nodules of both classes in frames of 100 x 80 pixels, with these boxes in turn."""
    cohort = made_up_cohort(12, images=1)
    folder.mkdir()
    for name in cohort.table["image"]:
        Image.fromarray(np.random.default_rng(1).integers(40, 200, (80, 100), dtype=np.uint8)).save(folder / name)
    cohort.table["image"] = [str(folder / name) for name in cohort.table["image"]]
    cohort.table["box"] = [boxes[place % len(boxes)] for place in range(len(cohort.table))]
    return cohort


def shown(cohort: Cohort) -> str:
    """The image that stands in the figure of all shapes."""
    figures, _ = crop_examples(cohort, PREPARATION, [0, 2], shapes=SHAPES)
    assert [figure.name for figure in figures] == ["crop-windows", "crops-benign", "crops-malignant"]
    drawing = figures[0].drawing
    assert isinstance(drawing, PictureGrid) and [item.label for item in drawing.pictures[:3]] == list(SHAPES)
    return drawing.pictures[0].picture.removesuffix("/frame")


def test_shapes_are_shown_of_a_nodule_that_the_square_of_the_paper_cuts(tmp_path: Path) -> None:
    """It was the nodule least like a square, where that is wide two of the three windows are the same."""
    wide, tall, larger = "20,30,40,40", "20,30,26,40", "20,20,35,42"
    cohort = boxed(tmp_path / "both", wide, tall, larger)
    assert shown(cohort) == cohort.table["key"][2]
    cohort = boxed(tmp_path / "wide", wide)
    assert shown(cohort) == cohort.table.loc[cohort.table["label"] == "benign", "key"].iloc[0]
