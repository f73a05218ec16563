"""`thyrosight dicom`: showing DICOM files, and taking identifiers out of them and of pictures."""

from pathlib import Path
from typing import Annotated

import typer

from thyrosight.cli.dicom_show import show

app = typer.Typer(no_args_is_help=True)
_IN_FULL = 20
app.command()(show)


@app.callback()
def _group() -> None:
    """Work with DICOM files."""


@app.command()
def deidentify(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A file or folder of DICOM files and pictures.")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the copies go, apart from the originals.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The secret key; made if it does not exist.")],
    keep_dates: Annotated[
        str,
        typer.Option("--keep-dates", metavar="no|shifted|yes", help="Keep dates, moved per patient or as they are."),
    ] = "no",
    keep_uids: Annotated[bool, typer.Option("--keep-uids", help="Keep UIDs instead of replacing them.")] = False,
    keep_characteristics: Annotated[
        bool, typer.Option("--keep-characteristics", help="Keep sex, age (90 at most), size and weight.")
    ] = False,
    keep_device: Annotated[bool, typer.Option("--keep-device", help="Keep serial numbers and station names.")] = False,
    keep_descriptions: Annotated[
        bool, typer.Option("--keep-descriptions", help="Keep the anatomical and technical words of descriptions.")
    ] = False,
    blank: Annotated[
        str,
        typer.Option(
            "--blank",
            metavar="outside|text|nothing",
            help="outside: all around the scan, and text in it; text: only text found; nothing.",
        ),
    ] = "outside",
    contact_sheet: Annotated[
        Path | None, typer.Option("--contact-sheet", metavar="FILE.png", help="Draw before and after, to be looked at.")
    ] = None,
) -> None:
    """Copy DICOM images and pictures without identifiers in attributes and pixels; originals stay as they are.

    Follows the basic profile of DICOM PS3.15. Files that were left out are named, and the exit code is then 2. Research
    use only: a person must look at the result before it is shared.
    """
    from thyrosight.cli.progress import progress_bars
    from thyrosight.errors import ImageError
    from thyrosight.imaging.deidentify import DeidentifyOptions, deidentify

    dates = {"no": "removed", "shifted": "shifted", "yes": "kept"}.get(keep_dates)
    if dates is None or blank not in ("outside", "text", "nothing"):
        wrong = f"--keep-dates {keep_dates}: choose no, shifted or yes." if dates is None else f"--blank {blank}: "
        raise ImageError(wrong if dates is None else wrong + "choose outside, text or nothing.")
    options = DeidentifyOptions.model_validate(
        {
            "dates": dates,
            "uids": "kept" if keep_uids else "mapped",
            "patient_characteristics": keep_characteristics,
            "device": keep_device,
            "descriptions": keep_descriptions,
            "blank": blank,
        }
    )
    with progress_bars() as progress:
        report = deidentify(source, out, key_file=key, options=options, contact_sheet=contact_sheet, progress=progress)
    typer.echo(f"{report.written} files written to {out}, {report.unchanged} there already.")
    for name, words in report.blanked[:_IN_FULL]:
        typer.echo(f"  {name}: {words}")
    if len(report.blanked) > _IN_FULL:
        typer.echo(f"  and {len(report.blanked) - _IN_FULL} more: see the rows 'pixels' of {report.log.name}")
    for path, reason in report.refused:
        typer.echo(f"Not copied: {reason if str(path) in reason else f'{path}: {reason}'}", err=True)
    typer.echo(f"Every action: {report.log}")
    typer.echo(f"Keep with the key, never with the data: {report.links}")
    for sheet in report.sheets:
        typer.echo(f"Look at every picture in {sheet} before the data leave the house.")
    if not report.sheets and report.written:
        typer.echo("No contact sheet was drawn; add --contact-sheet FILE.png and look at the pictures before sharing.")
    if report.refused or not (report.written or report.unchanged):
        raise typer.Exit(2)
