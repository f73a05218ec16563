"""`thyrosight demo`: the whole way from images to a report and an assessment, in one command."""

import shlex
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.progress import Progress
    from thyrosight.studies import Result

_PHANTOMS = 400
_SEED = 11


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go; run again to resume.")] = Path(
        "demo"
    ),
    data: Annotated[
        str | None, typer.Option("--data", metavar="SOURCE", help="Real images and labels instead of phantoms.")
    ] = None,
    recipe: Annotated[str, typer.Option("--recipe", help="The recipe to run.")] = "demo",
) -> None:
    """Train, evaluate, explain, report, save the model and assess a new image: on phantoms or on your data."""
    from thyrosight.cli.phantom import cores
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cli.study import print_summary
    from thyrosight.phantoms import make_phantom_cohort
    from thyrosight.reports import write_report
    from thyrosight.studies import run_study
    from thyrosight.studies.loading import load_cohort_recipe

    folder = out / ("phantoms" if data is None else f"study-{Path(data).resolve().name}")
    command = shlex.join(["thyrosight", *sys.argv[1:]])
    took = {"start": time.perf_counter()}
    with progress_bars() as progress:
        if data is None:
            made = make_phantom_cohort(out / "cohort", n=_PHANTOMS, seed=_SEED, workers=cores(), progress=progress)
            took["simulated images"] = time.perf_counter()
        result = run_study(load_cohort_recipe(recipe), data or made, folder, progress=progress, command=command)
        took["study"] = time.perf_counter()
        report = write_report(result, folder)
        took["report"] = time.perf_counter()
        new_image = _new_image(result, folder, phantom=None if data else out / "new-image", progress=progress)
    print_summary(result, report)
    if result.model:
        _assess(new_image, Path(result.model.folder))
    _assess_without_model(new_image[0])
    took["new image"] = time.perf_counter()
    _say_what_is_next(took, report)


def _new_image(
    result: "Result", folder: Path, *, phantom: Path | None, progress: "Progress"
) -> tuple[Path, str | None, str]:
    """An image that the model has not seen, its nodule box, and where it comes from."""
    from thyrosight.cohort import nodule_box, open_cohort
    from thyrosight.phantoms import make_phantom_cohort
    from thyrosight.studies import unseen_image

    if phantom is not None:
        row = open_cohort(make_phantom_cohort(phantom, n=1, seed=_SEED + 1, progress=progress)).table.iloc[0]
        origin = "a new phantom"
    else:
        row = unseen_image(result, folder)
        origin = "an image of the test part, unseen in training"
    box = nodule_box(row)
    return Path(row["image"]), None if box is None else box.to_text(), f"{origin}, labelled {row['label']}"


def _assess(image: tuple[Path, str | None, str], bundle: Path) -> None:
    """Print the command that a user would type, and its output."""
    from thyrosight.cli.predict import predict

    path, box, origin = image
    words = ["thyrosight", "predict", str(path), "--model", str(bundle), *(["--box", box] if box else [])]
    typer.echo(f"\nThe model at work on {origin}:\n$ {shlex.join(words)}\n")
    predict(images=[str(path)], model=bundle, box=box)


def _assess_without_model(path: Path) -> None:
    """The same for the models that come along, which were trained on real images and find the nodule themselves."""
    from thyrosight.cli.predict import predict

    typer.echo("\nThe models that come along on the same image; they were trained on patients, not on phantoms:")
    typer.echo(f"$ {shlex.join(['thyrosight', 'predict', str(path)])}\n")
    predict(images=[str(path)])


def _say_what_is_next(took: "dict[str, float]", report: Path) -> None:
    """Print how long each part took, and the command for the user's own images."""
    moments = list(took.values())
    parts = [f"{name} {end - start:.0f} s" for name, (start, end) in zip([*took][1:], pairwise(moments), strict=True)]
    typer.echo(f"\nTook {moments[-1] - moments[0]:.0f} s: {', '.join(parts)}.\n")
    typer.echo(f"Next: open {report} in a browser. An image of your own, without any training:")
    typer.echo("$ thyrosight predict scan.png --overlay maps")
    typer.echo("A study on your own images, one folder per class:")
    typer.echo("$ thyrosight cohort check FOLDER")
    typer.echo("$ thyrosight study run resnet18-focal --cohort FOLDER --out runs/mine")
