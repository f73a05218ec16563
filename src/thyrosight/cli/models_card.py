"""`thyrosight models card`: what a model is, what it was trained on, and what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from thyrosight.cli.language import Language


def card(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="The folder `model` that a study wrote, or default-risk.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.md", help="Write the card to a file instead of printing it.")
    ] = None,
    language: Language = "en",
) -> None:
    """Print a model's card: training data, label source, calibration, measures, hashes. For research use only."""
    from thyrosight.files import write_text
    from thyrosight.inference import read_info
    from thyrosight.inference.shipped import measured_of
    from thyrosight.reports import model_card

    info, own_hash = read_info(bundle)
    text = model_card(info, model_hash=own_hash, measured=measured_of(own_hash), language=language)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"Wrote {out}")
