"""Arguments that commands of `thyrosight study` share."""

from pathlib import Path
from typing import Annotated

import typer

RecipeName = Annotated[str, typer.Argument(help="Name of a shipped recipe, or your own .yaml file.")]
CohortSource = Annotated[
    str, typer.Option("--cohort", metavar="SOURCE", help="A folder or table of images and labels.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one field of the recipe, for example training.epochs=5."),
]
SplitFile = Annotated[
    Path | None, typer.Option("--split", metavar="FILE", help="Use this splits.json instead of drawing one.")
]
