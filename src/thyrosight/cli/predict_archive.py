"""`thyrosight predict --out`: assess very many images, and sum up the results."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from thyrosight.archives import ArchiveRun

PAGE, TABLES = "summary.html", "summary"


def predict_archive(
    sources: Sequence[str], *, out: Path | None, refused_options: Sequence[str], frames: str, **options: Any
) -> None:
    """Run `assess_archive` with the options of the command, write the summary, and print the main numbers.

    Args:
        sources: folders, tables or addresses of DICOMweb archives.
        out: where the results go.
        refused_options: names of options that were given and are for few images.
        frames: of loops, as typed.
        options: of `assess_archive`.
    """
    from thyrosight.archives import assess_archive
    from thyrosight.cli.image_arguments import frame_numbers
    from thyrosight.cli.progress import progress_bars
    from thyrosight.errors import OutputError

    if out is None:
        raise OutputError("--engine, --match, --keep and --part-size are for very many images; add --out DIR.")
    if refused_options:
        raise OutputError(
            f"{refused_options[0]} is for few images and cannot stand beside --out; a table (CSV or Parquet with the "
            "columns image and box) in place of IMAGE gives the boxes of many."
        )
    if not sources:
        raise OutputError("Name a folder, a table or the address of a DICOMweb archive to assess.")
    with progress_bars() as progress:
        run = assess_archive(sources, out=out, frames=frame_numbers(frames), progress=progress, **options)
    _write(run, out)
    _print(run, out)
    if run.left or run.refused:
        raise typer.Exit(2)


def _write(run: "ArchiveRun", out: Path) -> None:
    """The summary as a page, and its tables as CSV."""
    from thyrosight.files import write_csv, write_text
    from thyrosight.reports import render_document

    folder = out / TABLES
    tables = {table.name: table for table in run.document.tables()}
    for path in folder.glob("*.csv"):
        if path.stem not in tables:
            path.unlink()
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table.records())
    write_text(out / PAGE, render_document(run.document, {}, numbers_from=f"{run.folder.name} in the same folder"))


def _print(run: "ArchiveRun", out: Path) -> None:
    from rich.console import Console

    from thyrosight.reports import terminal_table

    console, document = Console(highlight=False), run.document
    console.print(f"{document.key_result}\n", markup=False)
    names = document.names()
    for name in ("refusals", "flags"):
        if name in names:
            console.print(terminal_table(document.table(name), _SHOWN[name]))
            console.print()
    for fact in (document.subtitle, *document.facts):
        console.print(fact, markup=False)
    console.print("For research use only. Not a medical device; not for diagnosis.", style="bold")
    console.print(f"Results: {run.folder}", soft_wrap=True)
    console.print(f"Summary: {out / PAGE}", soft_wrap=True)
    for one in document.unfinished:
        typer.echo(f"Not done: {one}", err=True)


_SHOWN = {"refusals": ("count", "reason"), "flags": ("flag", "count")}
"""Columns that are printed; the page has all."""
