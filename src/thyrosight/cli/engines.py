"""Options that say where many independent pieces of work run: studies' trials, parts of archives."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.sweeps import Engine

EngineName = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="Where trials, or parts of an archive, run: local (one by one), processes (of this machine) or ray (a "
        "cluster).",
    ),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes, with --engine processes.")]
Address = Annotated[
    str | None,
    typer.Option("--address", metavar="ADDRESS", help="Ray cluster, for example auto; without it one starts here."),
]


def engine_of(name: str, *, workers: int | None, address: str | None, cores: int = 1) -> "Engine":
    """The engine that these options name; `cores` are processor cores of each piece of work."""
    from thyrosight.errors import RecipeError
    from thyrosight.sweeps import Engine

    if name not in ("local", "processes", "ray"):
        raise RecipeError(f"--engine: expected local, processes or ray, got {name!r}.")
    if address and name != "ray":
        raise RecipeError("--address names a Ray cluster; add --engine ray.")
    if workers and name != "processes":
        raise RecipeError("--workers counts processes of this machine; add --engine processes.")
    if name == "ray":
        return Engine("ray", address=address, cpus=cores)
    if name == "processes":
        return Engine("processes", workers=workers or max(1, (os.cpu_count() or 1) // cores), cpus=cores)
    return Engine()
