"""`thyrosight stats examples`: simulated tables to try the other commands on."""

from pathlib import Path
from typing import Annotated

import typer


def examples(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the tables are written.")] = Path("examples"),
) -> None:
    """Write simulated tables to try the other commands on: nodules, readings, ratings, measurements, sites, marks."""
    from thyrosight.files import csv_text, write_text
    from thyrosight.statistics.examples import example_tables

    for name, rows in example_tables().items():
        write_text(folder / f"{name}.csv", csv_text(rows))
        typer.echo(f"Wrote {folder / name}.csv, {len(rows)} rows")
