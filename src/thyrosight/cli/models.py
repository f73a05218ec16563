"""`thyrosight models`: the models that come along, the networks that a recipe can name, and work on trained models."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from thyrosight.cli.models_card import card
from thyrosight.cli.models_recalibrate import recalibrate
from thyrosight.cli.models_shipped import print_shipped, shipped_rows
from thyrosight.cli.models_train import train

_SIMULATED = 8
"""Images that an exported network is compared on where none is named."""

app = typer.Typer()
app.command()(card)
app.command()(recalibrate)
app.command()(train)


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    fetch: Annotated[
        str | None, typer.Option("--fetch", metavar="NETWORK", help="Download the ImageNet weights of this network.")
    ] = None,
) -> None:
    """List the models that come along, and the networks that can be trained with their licences and weights."""
    if context.invoked_subcommand is not None:
        return
    if fetch:
        _fetch(fetch)
        return
    if as_json:
        typer.echo(json.dumps({"models": shipped_rows(), "networks": _networks()}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    print_shipped(console)
    titles = {
        "network": "network", "title": "title", "input": "input", "licence": "licence", "weights": "ImageNet weights",
    }  # fmt: skip
    table = Table(*titles.values(), box=None, pad_edge=False, title="Networks for training", title_justify="left")
    for row in _networks():
        table.add_row(*(str(row[key]) for key in titles))
    console.print(table)
    console.print("Besides: timm:NAME for any network of timm, unet_timm:NAME for a U-Net on it.")


def _fetch(name: str) -> None:
    from thyrosight.networks import find_architecture, imagenet

    found = imagenet(find_architecture(name))
    typer.echo(f"{found.path}\nfrom {found.origin.url or found.origin.name}, SHA-256 {found.origin.sha256}")


def _networks() -> list[dict[str, Any]]:
    from thyrosight.networks import architectures, imagenet_if_present

    return [
        {
            "network": name,
            "title": item.title,
            "input": item.default_size,
            "licence": item.licence,
            "source": item.source,
            "weights": _where(item.imagenet is not None, imagenet_if_present(item) is not None),
        }
        for name, item in architectures().items()
    ]


def _where(exist: bool, present: bool) -> str:
    if not exist:
        return "there are none"
    return "on this machine" if present else "not on this machine"


@app.command()
def export(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder `model` that a study wrote.")],
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE...]", help="Images to compare both on; simulated ones where none is named."),
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", metavar="FILE", help="CSV with the columns image and box, as for predict.")
    ] = None,
) -> None:
    """Write a model's network as model.onnx, which runs without PyTorch and faster on processors.

    Studies do this for the models that they write. The exported network must give the same probabilities as PyTorch on
    the images, to 0.0001; the largest difference is printed.
    """
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from thyrosight.assessing import export_model

    with ExitStack() as stack:
        if not images and boxes is None:
            boxes = _simulated(bundle, Path(stack.enter_context(TemporaryDirectory())) / "simulated")
        record = export_model(bundle, images or [], boxes=boxes)
    typer.echo(
        f"Wrote {bundle / 'model.onnx'} (ONNX opset {record.opset}, by {record.exporter}, SHA-256 {record.sha256[:12]})"
    )
    typer.echo(
        f"Compared with PyTorch on {record.images} prepared images: largest difference of a probability "
        f"{max(record.largest_difference, record.largest_difference_of_pixels):.1e}"
    )


def _simulated(bundle: Path, folder: Path) -> Path:
    """A cohort of simulated images for a model, of pairs where it reads pairs; it is a table of boxes too."""
    from thyrosight.inference import read_info
    from thyrosight.phantoms import make_elastography_cohort, make_phantom_cohort

    pair = read_info(bundle)[0].pair
    of_pairs = pair is not None and pair.second_from == "elastogram"
    return (make_elastography_cohort if of_pairs else make_phantom_cohort)(folder, n=_SIMULATED, seed=0)
