"""`thyrosight models`: the networks that a recipe can name."""

import json
from typing import Annotated

import typer


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    fetch: Annotated[
        str | None, typer.Option("--fetch", metavar="NETWORK", help="Download the ImageNet weights of this network.")
    ] = None,
) -> None:
    """List the networks, their input, licence and whether their ImageNet weights are on this machine."""
    from rich.console import Console
    from rich.table import Table

    from thyrosight.networks import architectures, find_architecture, imagenet, imagenet_if_present

    if fetch:
        found = imagenet(find_architecture(fetch))
        typer.echo(f"{found.path}\nfrom {found.origin.url or found.origin.name}, SHA-256 {found.origin.sha256}")
        return
    rows = [
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
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("network", "title", "input", "licence", "ImageNet weights", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(row[key]) for key in ("network", "title", "input", "licence", "weights")))
    console = Console()
    console.print(table)
    console.print("Besides: timm:NAME for any network of timm, unet_timm:NAME for a U-Net on it.", highlight=False)


def _where(exist: bool, present: bool) -> str:
    if not exist:
        return "there are none"
    return "on this machine" if present else "not on this machine"
