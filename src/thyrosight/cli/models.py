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

    from thyrosight.cli.progress import progress_bars
    from thyrosight.networks import architectures, fetch_weights, find_weights

    if fetch:
        with progress_bars() as progress:
            typer.echo(f"Weights: {fetch_weights(fetch, progress=progress)}")
        return
    rows = [
        {
            "network": name,
            "title": item.title,
            "input": item.default_size,
            "licence": item.licence,
            "source": item.source,
            "weights": "on this machine" if find_weights(name) else "not on this machine",
        }
        for name, item in architectures().items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("network", "title", "input", "licence", "ImageNet weights", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(row[key]) for key in ("network", "title", "input", "licence", "weights")))
    Console().print(table)
