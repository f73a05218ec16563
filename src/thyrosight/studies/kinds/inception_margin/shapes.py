"""Shapes of the crop: what each shows, how it stands to the paper's, and which nodules the paper's cuts."""

from thyrosight.documents import Content
from thyrosight.imaging.crops import Shape
from thyrosight.studies.analyses.crops import SHAPES, crop_examples, cut_nodules
from thyrosight.studies.kind import Findings, Finished
from thyrosight.studies.kinds.inception_margin.recipe import Recipe

_PAPER: dict[Shape, str] = {
    "square": "the paper sets the height to the width",
    "width square": "as in the paper",
    "rectangle": "rejected by the paper",
}


def shape_words(shape: Shape) -> str:
    """Describe a crop of this shape, and its part in the paper."""
    return f"{shape}: {SHAPES[shape]} ({_PAPER[shape]})"


def crops(finished: Finished[Recipe]) -> Findings:
    """One nodule of each class with every shape and margin, and how many nodules the square of the width cuts."""
    recipe, cohort = finished.recipe, finished.setup.cohort
    own = recipe.preparation
    shown, pictures = crop_examples(
        cohort, own, recipe.margins, shapes=recipe.shapes, named="paper: Figures 2 and 3"
    )  # fmt: skip
    none: list[Content] = ["No crop is shown: no box of a nodule is known, or the pictures are missing."]
    contents: list[Content] = [*shown] or none
    margins = sorted({recipe.margins[0], recipe.main_margin})
    boxed, cut = cut_nodules(cohort.table, own, margins)
    if boxed and "width square" in recipe.shapes:
        at = " and ".join(f"{cut[margin]} at a margin of {margin:g} {own.margin.unit}" for margin in margins)
        contents.append(f"Of {boxed} images with a box, the square of the paper cuts the nodule in {at}.")
    return Findings("Crops", contents, pictures=pictures)
