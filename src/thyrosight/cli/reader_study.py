"""`thyrosight reader-study`: a reader study designed without a server, and its readings handed to other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.language import Language
from thyrosight.cli.reader_study_example import example

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.readings import Case, Protocol, Reader

app = typer.Typer(no_args_is_help=True, help="Design reader studies, and hand readings to other programs.")
app.command("example")(example)


@app.command("template")
def template_command(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there, not on the screen.")
    ] = None,
) -> None:
    """Write an example of a protocol to edit, with a comment for each key."""
    from thyrosight.errors import OutputError
    from thyrosight.files import write_text
    from thyrosight.readings import template

    if out is None:
        typer.echo(template(), nl=False)
        return
    if out.exists():
        raise OutputError(f"{out} is there already and may hold your protocol; choose another --out.")
    write_text(out, template())
    typer.echo(
        f"Wrote {out}. Edit it, then: thyrosight reader-study design {out} --cases TABLE --readers A,B --out DIR"
    )


@app.command("design")
def design_command(
    protocol: Annotated[Path, typer.Argument(metavar="PROTOCOL", help="The protocol, YAML or JSON (see `template`).")],
    *,
    cases: Annotated[
        Path,
        typer.Option(
            "--cases",
            metavar="TABLE",
            help="One row per case: case, truth (0, 1); cluster or patient_id, label_source and role (study, practice,"
            " attention) where there are any.",
        ),
    ],
    readers: Annotated[
        str,
        typer.Option(
            "--readers", metavar="NAMES", help="A,B,C in the order in which they joined, or a table (reader, group)."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the files.")],
    language: Language = "en",
) -> None:
    """Check a protocol, draw who reads what, and write protocol, instructions, orders and power."""
    from thyrosight.files import make_folder, write_csv, write_json, write_text
    from thyrosight.languages import require_language
    from thyrosight.readings import (
        instructions_for_readers,
        orders,
        power_or_reason,
        protocol_writing,
        read_cases,
        read_protocol,
        task_rows,
    )
    from thyrosight.reports.answers import Asked, written
    from thyrosight.reports.document import named_in
    from thyrosight.reports.study_texts import write_study_text

    require_language(language)
    plan, named = read_protocol(protocol), read_cases(cases)
    people = _readers(readers)
    sessions = orders(plan, named, people)
    power = power_or_reason(plan, named, readers=len(people), folder=protocol.parent)
    folder, origin = make_folder(out), f"{protocol.name} and {cases.name}"
    write_csv(folder / "orders.csv", task_rows(sessions))
    texts = {
        "protocol": protocol_writing(plan, named, people, sessions, power=power),
        "instructions": instructions_for_readers(plan, sessions),
    }
    written_files = [
        file.name
        for name, text in texts.items()
        for file in write_study_text(text, folder, name, numbers_from=origin, language=language)
    ]
    write_json(folder / "design.json", _record(plan, named, people, folder / "orders.csv"))
    written_files += ["orders.csv", "design.json"]
    if not isinstance(power, str):
        page = folder / named_in("power.html", language)
        write_text(page, written(power, Asked("design", group="reader-study"), "html", language=language))
        written_files.append(page.name)
    tasks = sum(len(session.tasks) for session in sessions)
    _say(plan, folder, written_files, sessions=len(sessions), tasks=tasks, power=power)


def _readers(given: str) -> "tuple[Reader, ...]":
    """Readers from a list of names, or from a table."""
    from thyrosight.errors import ReadingsError
    from thyrosight.readings import Reader, read_readers

    if Path(given).is_file() or Path(given).suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods"):
        return read_readers(Path(given))
    names = [name.strip() for name in given.split(",")]
    if not all(names):
        raise ReadingsError(f"--readers {given!r} should be names with commas between them, or a table; one is empty.")
    return tuple(Reader(name) for name in names)


def _record(
    plan: "Protocol", cases: "tuple[Case, ...]", readers: "tuple[Reader, ...]", orders: Path
) -> "dict[str, object]":
    """Record that fixes the design: the protocol with its hash, and the hash of the orders."""
    from dataclasses import asdict

    from thyrosight import __version__
    from thyrosight.files import sha256_of_file

    return {
        "protocol": plan.to_json(),
        "protocol_sha256": plan.sha256,
        "orders_sha256": sha256_of_file(orders),
        "cases": [asdict(case) for case in cases],
        "readers": [asdict(reader) for reader in readers],
        "thyrosight": __version__,
    }


def _say(plan: "Protocol", folder: Path, files: list[str], *, sessions: int, tasks: int, power: "Answer | str") -> None:
    typer.echo(f"{plan.title}: {sessions} sessions with {tasks} cases to read, protocol {plan.sha256[:12]}.")
    typer.echo(f"Power: {power if isinstance(power, str) else power.summary}")
    typer.echo(f"Wrote {', '.join(files)} to {folder}. Research use only.")


@app.command("export")
def export_command(
    readings: Annotated[Path, typer.Argument(metavar="READINGS", help="The table of readings, CSV or workbook.")],
    *,
    imrmc: Annotated[Path | None, typer.Option("--imrmc", metavar="FILE", help="For the R package iMRMC.")] = None,
    mrmcaov: Annotated[
        Path | None, typer.Option("--mrmcaov", metavar="FILE", help="For the R package MRMCaov.")
    ] = None,
    long: Annotated[
        Path | None,
        typer.Option("--long", metavar="FILE", help="Every reading, checked, with the columns of the export."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="NAME=COLUMN", help="For example arm=treatment, score=rating; may be repeated."
        ),
    ] = None,
) -> None:
    """Write readings as other programs take them; practice, attention cases and repeats stay out but of --long."""
    from thyrosight.errors import ReadingsError
    from thyrosight.files import write_text
    from thyrosight.readings import imrmc_csv, mrmcaov_csv, read_readings, write_readings

    if imrmc is None and mrmcaov is None and long is None:
        raise ReadingsError("Name a file with --imrmc, --mrmcaov or --long.")
    table = read_readings(readings, columns=_mapping(column or []))
    for path, make in ((imrmc, imrmc_csv), (mrmcaov, mrmcaov_csv)):
        if path is not None:
            found = make(table.rows)
            write_text(path, found.text)
            without = f" ({found.left_out} without a number left out)" if found.left_out else ""
            typer.echo(f"Wrote {found.readings} readings{without} to {path}.")
    if long is not None:
        write_readings(long, table.rows)
        typer.echo(f"Wrote {len(table.rows)} readings to {long}.")
    for note in table.notes:
        typer.echo(note, err=True)


def _mapping(column: list[str]) -> dict[str, str]:
    from thyrosight.errors import ReadingsError

    found = {}
    for text in column:
        name, separator, own = (part.strip() for part in text.partition("="))
        if not separator or not name or not own:
            raise ReadingsError(f"--column {text!r} should read NAME=COLUMN, for example arm=treatment.")
        found[name] = own
    return found
