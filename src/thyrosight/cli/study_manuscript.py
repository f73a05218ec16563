"""`thyrosight study export` and `rerun`: a study as a manuscript, and the check that it can be computed again."""

from pathlib import Path
from typing import Annotated

import typer

from thyrosight.cli.language import Language, said
from thyrosight.counting import counted

_DIFFERS = 1
"""Exit code of a repetition that came out otherwise."""


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished study.")],
    *,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new or empty folder.")],
    language: Language = "en",
) -> None:
    """Write a study as a manuscript (Word, LaTeX), with figures for journals and all that reproduces it."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.languages import speaking
    from thyrosight.reports.manuscript import export_study

    with progress_bars(language) as progress:
        found = export_study(run, to, language=language, progress=progress)
    with speaking(language):
        typer.echo(f"{said('Manuscript')}: {found.manuscript}")
        typer.echo(f"{said('Supplement, LaTeX, figures, data dictionary and reproduction folder')}: {found.folder}")
        gaps = said(f"{counted(len(found.gaps), 'place')} in yellow for you to write, which this file lists")
        typer.echo(f"{gaps}: {found.folder / 'README.md'}")
        typer.echo(said("Research use only. Not for diagnosis."))


def rerun(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `study export` wrote.")],
    *,
    cohort: Annotated[
        Path | None, typer.Option("--cohort", metavar="SOURCE", help="Where the cohort is now, if it was moved.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the repetition; DIR/rerun where not given.")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance", min=0, help="Largest difference that counts as close; evaluation.margin by default."
        ),
    ] = None,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Compare the files with their hashes and run nothing.")
    ] = False,
) -> None:
    """Run an exported study again and say, figure by figure, whether the same came out; exit code 1 if it did not."""
    from rich.console import Console

    from thyrosight.cli.progress import progress_bars
    from thyrosight.reports import terminal_table, write_report
    from thyrosight.studies.manuscript.reproduction import check_files, reproduction_folder
    from thyrosight.studies.manuscript.rerunning import rerun as run_again

    if check_only:
        home = reproduction_folder(folder)
        stored = check_files(home)
        typer.echo(f"All {len(stored['files'])} files of {home} are as they were exported. Nothing was run.")
        return
    with progress_bars() as progress:
        found = run_again(folder, cohort=cohort, out=out, tolerance=tolerance, progress=progress)
    write_report(found.result, found.file.parent)
    console = Console()
    console.print(terminal_table(found.table()))
    console.print(f"\n{found.words()}")
    console.print(f"Figure by figure: {found.file}", soft_wrap=True)
    if not found.agrees:
        raise typer.Exit(_DIFFERS)
