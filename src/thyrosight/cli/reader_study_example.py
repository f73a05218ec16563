"""`thyrosight reader-study example`: a simulated reader study, to try the analysis on."""

from pathlib import Path
from typing import Annotated

import typer


def example(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")] = Path("reader-study"),
) -> None:
    """Write a simulated reader study: protocol, cases, readers of known skill, their readings, lesions."""
    from thyrosight.files import csv_text, write_text
    from thyrosight.readings import write_readings
    from thyrosight.readings.example import example_study

    found = example_study()
    write_text(folder / "protocol.yaml", found.protocol.to_yaml())
    write_readings(folder / "readings.csv", found.rows)
    write_text(folder / "lesions.csv", csv_text(found.lesions))
    named = ("key", "truth", "cluster", "label_source", "role")
    cases = [{"case" if name == "key" else name: getattr(one, name) for name in named} for one in found.cases]
    write_text(folder / "cases.csv", csv_text(cases))
    write_text(folder / "readers.csv", csv_text([{"reader": one.key, "group": one.group} for one in found.readers]))
    typer.echo(
        f"Wrote protocol.yaml, cases.csv, readers.csv, readings.csv ({len(found.rows)} readings) and lesions.csv into"
        f" {folder}."
    )
    typer.echo("Simulated: no patient, no picture and no reader is behind them.")
