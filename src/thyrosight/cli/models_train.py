"""`thyrosight models train`: the default models made again from the public collections."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.inference import Bundle


def train(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="default-finder or default-risk.")],
    *,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Holds the collections tn5000, ddti and busi.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go; run again to go on.")],
    finder: Annotated[
        Path | None,
        typer.Option("--finder", metavar="BUNDLE", help="For default-risk; the one that comes along if left out."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change one field of the recipe, for example seed=1."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the recipe with all its fields, and train nothing.")
    ] = False,
    weights: Annotated[
        list[Path] | None,
        typer.Option("--weights", metavar="STAGE", help="Train nothing: build the bundle of stages trained elsewhere."),
    ] = None,
    packs: Annotated[Path | None, typer.Option("--packs", metavar="DIR", hidden=True)] = None,
    left_out: Annotated[Path | None, typer.Option("--left-out", metavar="FILE", hidden=True)] = None,
) -> None:
    """Make a default model again: pack the collections, train in stages, build the bundle. For research use only.

    A command that was broken off goes on after the last whole epoch when it is given again.
    """
    from thyrosight.cli.progress import progress_bars
    from thyrosight.default_models import bundle_of_runs, load_recipe, train_default_model

    recipe = load_recipe(name, settings=settings or [])
    if show:
        typer.echo(recipe.to_yaml(), nl=False)
        return
    with progress_bars() as progress:
        if weights:
            bundle = bundle_of_runs(
                recipe,
                weights,
                data,
                out,
                packs=packs,
                finder=finder,
                left_out=left_out,
                command=_command(name, settings, finder, weights),
                progress=progress,
            )
        else:
            command = _command(name, settings, finder, weights)
            bundle = train_default_model(recipe, data, out, finder=finder, command=command, progress=progress)
    _print(bundle)


def _command(name: str, settings: list[str] | None, finder: Path | None, weights: list[Path] | None) -> str:
    """The command that makes the model, without the folders of this machine."""
    words = ["thyrosight", "models", "train", name, "--data", "DATA", "--out", "OUT"]
    words += ["--finder", "FINDER"] if finder else []
    words += [word for setting in settings or [] for word in ("--set", setting)]
    words += [word for stage in weights or [] for word in ("--weights", stage.name)]
    return shlex.join(words)


def _print(bundle: "Bundle") -> None:
    """Print where the model lies and its main figure."""
    from thyrosight.cli.models_shipped import measured

    info = bundle.info
    typer.echo(f"Wrote {bundle.folder}, hash {bundle.hash}")
    masks = None if info.masks is None else info.masks.model_dump()
    typer.echo(f"Measured on frames left out: {measured(info.metrics, masks)}")
    typer.echo(info.research_use)
