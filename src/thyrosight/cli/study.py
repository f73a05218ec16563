"""`thyrosight study`: list, show and run studies."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

_Recipe = Annotated[str, typer.Argument(help="Name of a shipped recipe, or your own .yaml file.")]
_Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one field of the recipe, for example training.epochs=5."),
]


@app.command("list")
def list_recipes() -> None:
    """List the shipped recipes."""
    from rich.console import Console
    from rich.table import Table

    from thyrosight.studies import load_recipe, shipped_recipes

    table = Table("recipe", "title", "networks", box=None, pad_edge=False)
    for name in shipped_recipes():
        recipe = load_recipe(name)
        table.add_row(name, recipe.title, ", ".join(network.architecture for network in recipe.networks))
    Console().print(table)


@app.command()
def show(recipe: _Recipe, settings: _Settings = None) -> None:
    """Print a recipe with every field and default written out; redirect it to a file to make your own."""
    from thyrosight.studies import load_recipe

    typer.echo(load_recipe(recipe, settings=settings or []).to_yaml(), nl=False)


@app.command()
def run(
    recipe: _Recipe,
    cohort: Annotated[str, typer.Option("--cohort", metavar="SOURCE", help="A folder or table of images and labels.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go; run again to resume.")],
    settings: _Settings = None,
    split: Annotated[
        Path | None, typer.Option("--split", metavar="FILE", help="Use this splits.json instead of drawing one.")
    ] = None,
) -> None:
    """Train, evaluate and explain the networks of a recipe on a cohort, and write a report."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.reports import write_report
    from thyrosight.studies import load_recipe, run_study

    plan = load_recipe(recipe, settings=settings or [])
    command = shlex.join(["thyrosight", *sys.argv[1:]])
    with progress_bars() as progress:
        result = run_study(plan, cohort, out, split_file=split, progress=progress, command=command)
    report = write_report(result, out)
    print_summary(result, report)


def print_summary(result: object, report: Path) -> None:
    """Print what the study found in a few lines: the mean measures of each network, then where the files are."""
    from rich.console import Console
    from rich.table import Table

    from thyrosight.studies import StudyResult

    assert isinstance(result, StudyResult)
    console = Console()
    shown = {"auc": "AUC", "balanced_accuracy": "balanced acc.", "recall": "recall", "specificity": "specificity"}
    table = Table("network", *shown.values(), box=None, pad_edge=False)
    for network in result.networks:
        cells = [network.mean[name] for name in shown]
        texts = ["-" if c.value is None else f"{c.value:.2f} ({c.low:.2f}-{c.high:.2f})" for c in cells]
        table.add_row(network.title, *texts)
    console.print(f"\n[bold]{result.title}[/bold]\n{result.source_sentence}; mean over the divisions, 95 % interval\n")
    console.print(table)
    for sentence in result.unfinished:
        console.print(f"Not done: {sentence}", style="bold")
    console.print("\nResearch use only, not for diagnosis.")
    console.print(f"Report: {report}", soft_wrap=True)
    if result.model:
        console.print(f"Model:  {result.model.folder}", soft_wrap=True)
