"""`thyrosight models recalibrate`: a model's calibration fitted anew on one's own cases."""

from pathlib import Path
from typing import Annotated

import typer

from thyrosight.intervals import value_in_words


def recalibrate(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder `model` that a study wrote.")],
    cases: Annotated[
        str, typer.Argument(metavar="TABLE", help="Your images and labels: a table, or a folder, as for a cohort.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Of the new model; by default beside BUNDLE, named after TABLE."),
    ] = None,
    method: Annotated[str, typer.Option("--method", help="platt, temperature, beta or isotonic.")] = "platt",
    rule: Annotated[
        str | None,
        typer.Option("--rule", help="Of the threshold, e.g. sensitivity>=0.95; the model's own if left out."),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Kind of TABLE; recognised if left out.")] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="A choice of the source of TABLE.")
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
) -> None:
    """Fit a model's calibration and threshold anew on your own cases. For research use only.

    Writes a new model with the same weights, which names the old one by its hash; the old one is not changed. The cases
    must not be those that the model was trained on. Calibration is measured before, and after out of fold, with
    patients kept whole.
    """
    from rich.console import Console
    from rich.table import Table

    from thyrosight.cli.cohort import parsed_options
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import open_cohort
    from thyrosight.recalibrating import recalibrate as fit_anew
    from thyrosight.statistics import calibrator_from_dict

    cohort = open_cohort(cases, kind=kind, **parsed_options(option))
    folder = out or bundle.parent / f"{bundle.stem}-{cohort.name}"
    with progress_bars() as progress:
        found = fit_anew(bundle, cohort, out=folder, method=method, rule=rule, device=device, progress=progress)
    for refusal in found.refusals:
        typer.echo(f"Not used: {refusal.reason}", err=True)
    console = Console(highlight=False)
    table = Table("", "before", "after, out of fold", box=None, pad_edge=False)
    for name, before, after in (
        ("expected calibration error", found.before.ece, found.after.ece),
        ("slope (1 is ideal)", found.before.slope, found.after.slope),
        ("intercept in the large (0)", found.before.intercept, found.after.intercept),
    ):
        table.add_row(name, *(value_in_words(one.value, one.low, one.high) for one in (before, after)))
    console.print(f"{found.images} images, {found.malignant} malignant, {found.groups} groups of {cohort.name}")
    console.print(table)
    info = found.bundle.info
    console.print(f"New calibration: {calibrator_from_dict(info.calibration)}", markup=False, soft_wrap=True)
    point = info.operating_point
    console.print(f"Malignant from a risk of {point.threshold:.3f} ({point.rule_in_words})", markup=False)
    console.print(f"Wrote {found.bundle.folder}, hash {found.bundle.hash}", markup=False, soft_wrap=True)
    console.print(info.research_use, style="bold", markup=False)
