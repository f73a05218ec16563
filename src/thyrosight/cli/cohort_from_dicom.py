"""`thyrosight cohort from-dicom`: DICOM files as images and a manifest, with pseudonyms."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.cohort import FromDicomResult


def from_dicom(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A DICOM file, folder, DICOMDIR, .zip, or an archive's https address."),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the images and cohort.csv.")],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Key of the pseudonyms; made beside DIR if left out.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="FILE.csv", help="Labels, by patient, study, series or object.")
    ] = None,
    frames: Annotated[int, typer.Option("--frames", min=1, help="How many frames of a loop at most.")] = 3,
    blank: Annotated[
        str, typer.Option("--blank", metavar="outside|text|nothing", help="What is blanked in the images.")
    ] = "outside",
    split_panels: Annotated[bool, typer.Option(help="Two views side by side become two images.")] = True,
    all_modalities: Annotated[
        bool, typer.Option("--all-modalities", help="Also pictures that do not call themselves ultrasound.")
    ] = False,
    match: Annotated[
        list[str] | None,
        typer.Option(
            "--match", metavar="KEYWORD=VALUE", help="For an archive: PatientID=P-1, StudyDate=20260101-20260131."
        ),
    ] = None,
) -> None:
    """Turn DICOM files into images and a manifest, with pseudonyms; every file left out is listed with its reason."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import FromDicomOptions, cohort_from_dicom
    from thyrosight.errors import CohortError

    if blank not in ("outside", "text", "nothing"):
        raise CohortError(f"--blank {blank}: choose outside, text or nothing.")
    options = FromDicomOptions.model_validate(
        {
            "frames_per_loop": frames,
            "blank": blank,
            "split_panels": split_panels,
            "all_modalities": all_modalities,
        }
    )
    with progress_bars() as progress:
        folder = Path(source)
        if source.startswith(("https://", "http://")):
            from thyrosight.cli.archive import fetched

            folder = fetched(source, match or [], out.with_name(f"{out.name}.fetched"), progress=progress)
        result = cohort_from_dicom(folder, out, key_file=key, labels=labels, options=options, progress=progress)
    _print(result)


def _print(result: "FromDicomResult") -> None:
    """Counts of the converted files of a DICOM source, and of those left out by reason."""
    from rich.markup import escape

    from thyrosight.cli.cohort_check_output import terminal

    console = terminal()
    console.print(f"{result.files} files read; {result.images} B-mode images, {result.labelled} of them labelled")
    for reason, count in sorted(result.excluded.items(), key=lambda item: -item[1]):
        console.print(f"  left out: {count} x {escape(reason)}")
    console.print(f"Manifest: {escape(str(result.manifest))}")
    console.print(
        f"Which image came from which file, and why a file gave none: {escape(str(result.links))}\n"
        f"Keep it and the key {escape(str(result.key_file))} apart from the images."
    )
    if result.unused_labels:
        rows = ", ".join(map(str, result.unused_labels[:20]))
        console.print(f"[yellow]Rows of the labels that named no image: {rows}[/yellow]")
    if result.labelled < result.images:
        console.print("Images without a label count as left out until the cell in the column label is filled.")
