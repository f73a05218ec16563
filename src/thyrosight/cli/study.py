"""`thyrosight study`: list, show, plan and run studies."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.engines import Address, EngineName, Workers, engine_of
from thyrosight.cli.language import said
from thyrosight.cli.study_manuscript import export, rerun
from thyrosight.cli.study_options import (
    CasesFile,
    LesionFile,
    OrdersFile,
    ProtocolFile,
    Readings,
    RecipeName,
    Settings,
    SplitFile,
)
from thyrosight.cli.study_plan import plan, print_dry_run

if TYPE_CHECKING:
    from thyrosight.studies import Result

app = typer.Typer(no_args_is_help=True)

_Language = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="CODE",
        help="Write the report in Chinese (zh) or Spanish (es), too, or print the plan in it.",
    ),
]

app.command()(export)
app.command()(rerun)
app.command()(plan)


@app.command("list")
def list_recipes() -> None:
    """List the shipped recipes."""
    from rich.console import Console
    from rich.table import Table

    from thyrosight.studies import load_recipe, shipped_recipes

    table = Table("recipe", "kind of study", "title", "networks", box=None, pad_edge=False)
    for name in shipped_recipes():
        recipe = load_recipe(name)
        table.add_row(name, recipe.study, recipe.title, ", ".join(recipe.network_names))
    Console().print(table)


@app.command()
def show(recipe: RecipeName, settings: Settings = None) -> None:
    """Print a recipe with every field and default written out; redirect it to a file to make your own."""
    from thyrosight.studies import load_recipe

    typer.echo(load_recipe(recipe, settings=settings or []).to_yaml(), nl=False)


@app.command()
def run(
    recipe: RecipeName,
    *,
    cohort: Annotated[
        str | None, typer.Option("--cohort", metavar="SOURCE", help="A folder or table of images and labels.")
    ] = None,
    readings: Readings = None,
    protocol: ProtocolFile = None,
    lesions: LesionFile = None,
    cases: CasesFile = None,
    orders: OrdersFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where results go; run again to resume.")
    ] = None,
    settings: Settings = None,
    split: SplitFile = None,
    engine: EngineName = "local",
    workers: Workers = None,
    address: Address = None,
    trial_cores: Annotated[
        int, typer.Option("--trial-cores", min=1, help="Processor cores of each trial, with processes or ray.")
    ] = 1,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Print what would be trained and how long it takes, and train nothing.")
    ] = False,
    language: _Language = "en",
) -> None:
    """Run the study that a recipe describes on a cohort, or on a table of readings, and write its report."""
    if readings is not None:
        files = {"--cohort": cohort, "--split": split, "--plan": plan_only or None}
        for name, given in files.items():
            if given is not None:
                raise typer.BadParameter("goes with --cohort, not with --readings.", param_hint=name)
    elif cohort is None:
        raise typer.BadParameter("name a cohort, or --readings for a reader study.", param_hint="--cohort")
    with_readings = {"--protocol": protocol, "--lesions": lesions, "--cases": cases, "--orders": orders}
    for name, given in with_readings.items():
        if given is not None and readings is None:
            raise typer.BadParameter("goes with --readings.", param_hint=name)
    if plan_only and cohort is not None:
        print_dry_run(recipe, cohort, settings=settings or [], split=split, language=language)
        return
    if out is None:
        raise typer.BadParameter("give the folder where results go.", param_hint="--out")
    from thyrosight.languages import require_language
    from thyrosight.studies import load_recipe
    from thyrosight.studies.loading import load_cohort_recipe

    require_language(language)  # before hours of training
    # A mistake in the recipe is told before PyTorch and whatever draws are loaded, which takes seconds.
    read = load_recipe(recipe, settings=settings or []) if readings is not None else None
    trained = load_cohort_recipe(recipe, settings=settings or []) if read is None else None
    from thyrosight.cli.progress import progress_bars
    from thyrosight.reports import write_report

    command = shlex.join(["thyrosight", *sys.argv[1:]])
    with progress_bars(language) as progress:
        if readings is not None:
            from thyrosight.studies import reader_report

            result = reader_report(
                readings,
                protocol,
                out=out,
                recipe=read,
                lesions=lesions,
                cases=cases,
                orders=orders,
                command=command,
                progress=progress,
            )
        else:
            from thyrosight.studies import run_study

            assert trained is not None
            where = engine_of(engine, workers=workers, address=address, cores=trial_cores)
            result = run_study(
                trained, cohort or "", out, split_file=split, progress=progress, command=command, engine=where
            )
    report = write_report(result, out)
    if language != "en":
        from thyrosight.studies.guidelines import write_checklists

        report = write_report(result, out, language=language)
        write_checklists(result, out, language=language)
    print_summary(result, report, language=language)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a study that has run.")],
    *,
    language: _Language = "en",
) -> None:
    """Write the report of a study again: with the answers in its guidelines/ folder, or in another language."""
    from thyrosight.languages import speaking
    from thyrosight.reports import write_report
    from thyrosight.studies import load_result
    from thyrosight.studies.guidelines import take_up_answers, write_checklists

    result = take_up_answers(load_result(folder), folder)
    if language != "en":
        write_checklists(result, folder, language=language)
    written = write_report(result, folder, language=language)
    with speaking(language):
        for sentence in result.unfinished:
            typer.echo(said(f"Not done: {sentence}"), err=True)
        typer.echo(f"{said('Report')}: {written}")


def print_summary(result: "Result", report: Path, *, language: str = "en") -> None:
    """Print the main results of a study in a few lines, then the paths of its files."""
    from rich.console import Console

    from thyrosight.documents import sentence
    from thyrosight.documents.translation import translated
    from thyrosight.languages import speaking
    from thyrosight.reports import terminal_table
    from thyrosight.reports.brief import plain_row

    console, document = Console(), translated(result.document, language)
    with speaking(language):
        console.print(f"\n[bold]{document.title}[/bold]", highlight=False)
        console.print(document.key_result, markup=False, highlight=False)
        if document.summary is None:
            console.print(sentence(document.source))
        else:
            table, shown = document.table(document.summary.table), document.summary.columns
            console.print(f"{sentence(f'{document.source}; {document.summary.note}')}\n")
            rows = tuple(plain_row(row, shown) for row in table.rows)
            console.print(terminal_table(table.model_copy(update={"rows": rows}), shown))
        for text in document.unfinished:
            console.print(f"{said('Not done')}: {text}", style="bold")
        console.print("\n" + said("Research use only. Not for diagnosis."))
        console.print(f"{said('Report')}: {report}", soft_wrap=True)
        if result.model:
            console.print(f"{said('Model')}: {result.model.folder}", soft_wrap=True)
