"""`thyrosight serve`: the workstation in the browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.server import ServerSettings

app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
_DATA = Path("thyrosight-data")
Data = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="The folder of images and, by default, the database.")
]
Address = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="PostgreSQL as postgresql+pg8000://...; SQLite in --data without."),
]


@app.callback()
def serve(
    context: typer.Context,
    *,
    data: Data = _DATA,
    database: Address = None,
    host: Annotated[
        str, typer.Option("--host", help="The address it listens on; others than this machine need TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port it listens on; 0 for any.")] = 8000,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="PATH", help="The path under which a proxy shows it: /thyrosight.")
    ] = "",
    tls: Annotated[
        tuple[Path, Path] | None, typer.Option("--tls", metavar="CERT KEY", help="Certificate and key for HTTPS.")
    ] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy on this machine takes HTTPS and hands requests on.")
    ] = False,
    peers: Annotated[
        Path | None, typer.Option("--peers", metavar="FILE", help="Archives and nodes, as YAML; see the handbook.")
    ] = None,
    watch: Annotated[
        Path | None, typer.Option("--watch", metavar="DIR", help="A folder whose new files become studies.")
    ] = None,
    node: Annotated[
        Path | None, typer.Option("--node", metavar="DIR", help="The folder of a `thyrosight node`, likewise.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="BUNDLE", help="The model that judges; what comes along by default."),
    ] = None,
    finder: Annotated[
        str | None, typer.Option("--finder", metavar="BUNDLE", help="The model that looks for nodules.")
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=1, max=65535, help="Offer figures for Prometheus to this machine."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, max=16, help="Processes that run the models.")] = 1,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Also write the log to a file.")] = None,
) -> None:
    """Open the workstation in the browser: worklist, viewer, second reader and reports. For research use only.

    The first time, a link to make the first administrator is printed. Ctrl-C ends it.
    """
    if context.invoked_subcommand is not None:
        return
    from thyrosight.server import ServerSettings
    from thyrosight.server.running import run

    certificate, key = tls or (None, None)
    settings = ServerSettings(
        data=data, database=database, host=host, port=port, prefix=prefix, certificate=certificate, key=key,
        behind_proxy=behind_proxy, peers=peers, watch=watch, node=node, model=model, finder=finder, workers=workers,
        metrics_port=metrics_port,
    )  # fmt: skip
    run(settings, say=typer.echo, log=log)


@app.command("verify-audit")
def verify_audit(
    *,
    data: Data = _DATA,
    database: Address = None,
    seq: Annotated[int | None, typer.Option("--row", min=1, help="Number of a row that a report prints.")] = None,
    digest: Annotated[str, typer.Option("--hash", help="The hash that the report prints beside it.")] = "",
) -> None:
    """Go through the audit trail, and name each row that was changed or is missing; exit code 1 where one is."""
    from thyrosight.server.database import Database, Head, head, verify

    opened = Database(_settings(data, database).url)
    known = Head(seq, digest) if seq is not None else None
    with opened.read() as session:
        problems, end = verify(session, known=known), head(session)
    opened.close()
    for problem in problems:
        typer.echo(f"The audit trail was tampered with: {problem.sentence}.", err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"The audit trail is intact: {end.seq} rows, the last one with hash {end.hash}.")


@app.command("backup")
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The archive that is written (tar).")],
    *,
    data: Data = _DATA,
    database: Address = None,
) -> None:
    """Write every row and file into one archive, also while the workstation runs."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.server.backup import back_up
    from thyrosight.server.database import Database
    from thyrosight.server.studies import FileStore

    opened = Database(_settings(data, database).url)
    with progress_bars() as progress:
        done = back_up(opened, FileStore(data), out, progress=progress)
    opened.close()
    typer.echo(f"{out}: {done.rows} rows and {done.files} files; audit row {done.head.seq}, hash {done.head.hash}.")


@app.command("restore")
def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="An archive that `backup` wrote.")],
    *,
    data: Data = _DATA,
    database: Address = None,
) -> None:
    """Put a backup into a new data folder and an empty database, of the same kind as before or of the other."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.server import ServerSettings
    from thyrosight.server.backup import restore
    from thyrosight.server.database import Database
    from thyrosight.server.studies import FileStore

    FileStore(data)
    opened = Database(ServerSettings(data=data, database=database).url)
    with progress_bars() as progress:
        done = restore(archive, opened, data, progress=progress)
    opened.close()
    typer.echo(f"{data}: {done.rows} rows and {done.files} files; audit row {done.head.seq}, hash {done.head.hash}.")


def _settings(data: Path, database: str | None) -> "ServerSettings":
    from thyrosight.server import ServerSettings
    from thyrosight.server.settings import SettingsError

    settings = ServerSettings(data=data, database=database)
    if database is None and not (data / "thyrosight.sqlite").is_file():
        raise SettingsError(f"{data} holds no workstation (thyrosight.sqlite); name its folder with --data.")
    return settings
