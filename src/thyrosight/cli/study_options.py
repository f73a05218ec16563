"""Arguments that commands of `thyrosight study` share."""

from pathlib import Path
from typing import Annotated

import typer

RecipeName = Annotated[str, typer.Argument(help="Name of a shipped recipe, or your own .yaml file.")]
CohortSource = Annotated[
    str, typer.Option("--cohort", metavar="SOURCE", help="A folder or table of images and labels.")
]
Readings = Annotated[
    Path | None,
    typer.Option("--readings", metavar="FILE", help="A table of readings, for a reader study (.csv, .xlsx, ...)."),
]
ProtocolFile = Annotated[
    Path | None, typer.Option("--protocol", metavar="FILE", help="With --readings: the protocol, where there is one.")
]
LesionFile = Annotated[
    Path | None,
    typer.Option("--lesions", metavar="FILE", help="With --readings: the lesions of the cases, for readers' marks."),
]
CasesFile = Annotated[
    Path | None,
    typer.Option(
        "--cases", metavar="FILE", help="With --readings: a row for each case, with a model's scores, patients."
    ),
]
OrdersFile = Annotated[
    Path | None,
    typer.Option(
        "--orders",
        metavar="FILE",
        help="With --readings: orders.csv of the design, so that missing readings are known.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one field of the recipe, for example training.epochs=5."),
]
SplitFile = Annotated[
    Path | None, typer.Option("--split", metavar="FILE", help="Use this splits.json instead of drawing one.")
]
