"""`thyrosight info`: versions and devices, for a bug report or a methods section."""

from typing import Annotated

import typer


def info(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show versions, processors, accelerators and where weights are looked for."""
    import json

    from thyrosight.studies import software_versions

    facts = software_versions(devices=True)
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        typer.echo(f"{name:{width}}  {value}")
