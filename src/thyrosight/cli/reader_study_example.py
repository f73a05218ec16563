"""`thyrosight reader-study example`: a simulated reader study, to try the analysis on."""

from pathlib import Path
from typing import Annotated

import typer


def example(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")] = Path("reader-study"),
) -> None:
    """Write a simulated reader study: a protocol, the readings of 6 readers of known skill, the lesions."""
    from thyrosight.files import csv_text, write_text
    from thyrosight.readings import write_readings
    from thyrosight.readings.example import example_study

    found = example_study()
    write_text(folder / "protocol.yaml", found.protocol.to_yaml())
    write_readings(folder / "readings.csv", found.rows)
    write_text(folder / "lesions.csv", csv_text(found.lesions))
    typer.echo(f"Wrote protocol.yaml, readings.csv ({len(found.rows)} readings) and lesions.csv into {folder}.")
    typer.echo("Simulated: no patient, no picture and no reader is behind them.")
