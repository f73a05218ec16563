"""`thyrosight tirads`: the category of a nodule, or of every nodule in a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.tirads import CategoryResult, System


def tirads(
    *,
    system: Annotated[
        list[str] | None,
        typer.Option("--system", metavar="NAME", help="acr, k-tirads-2021, eu, ...; may be repeated. See --list."),
    ] = None,
    composition: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Solid, predominantly solid, mixed, spongiform, cystic.")
    ] = None,
    echogenicity: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Isoechoic, hypoechoic, very hypoechoic, ...")
    ] = None,
    margin: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Smooth, ill-defined, microlobulated, irregular, ...")
    ] = None,
    calcification: Annotated[
        str | None, typer.Option(metavar="WORDS", help="None, microcalcification, rim, ...; several joined by +.")
    ] = None,
    shape: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Wider than tall (parallel), taller than wide.")
    ] = None,
    extrathyroidal_extension: Annotated[str | None, typer.Option(metavar="WORDS", help="Absent or present.")] = None,
    size_mm: Annotated[str | None, typer.Option(metavar="MM", help="Largest diameter, for the advice by size.")] = None,
    table: Annotated[
        Path | None, typer.Option("--table", metavar="FILE", help="Classify every row of this CSV instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="With --table: write there, not on the screen.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=COLUMN", help="With --table: e.g. margin=Margins; may be repeated."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="With --table: its encoding, where it is not found."),
    ] = None,
    vocabulary: Annotated[
        str, typer.Option("--vocabulary", help="Whose words: any, thyrosight, ddti or inception.")
    ] = "any",
    codes: Annotated[bool, typer.Option("--codes", help="With --table: cells hold ACR points, not words.")] = False,
    list_systems: Annotated[bool, typer.Option("--list", help="List the systems with their sources.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Give the TI-RADS category of a nodule, with points, advice by size and the risk the source states.

    Features that are left out are unknown: the answer is then the range of categories that remain possible. With
    --table, features that are given stand in for cells that are empty.
    """
    from thyrosight.tirads import TiradsError, find_system, systems

    if list_systems:
        _print_systems(list(systems().values()), as_json=as_json)
        return
    if not system:
        raise TiradsError("Name a system with --system, for example --system acr; --list shows all.")
    chosen = [find_system(name) for name in system]
    described = {
        "composition": composition,
        "echogenicity": echogenicity,
        "margin": margin,
        "calcification": calcification,
        "shape": shape,
        "extrathyroidal_extension": extrathyroidal_extension,
        "size_mm": size_mm,
    }
    words = {name: text for name, text in described.items() if text is not None}
    if table is None:
        if out or column or codes or encoding:
            raise TiradsError("--out, --column, --codes and --encoding go with --table FILE.")
        _assess_one(chosen, words, vocabulary=vocabulary, as_json=as_json)
    else:
        if as_json or size_mm is not None:
            raise TiradsError("--table writes CSV and reads sizes from its column; leave out --json and --size-mm.")
        _assess_file(table, out, chosen, words, column or [], vocabulary=vocabulary, codes=codes, encoding=encoding)


def _assess_one(chosen: "list[System]", words: dict[str, str], *, vocabulary: str, as_json: bool) -> None:
    from thyrosight.tirads import assess, read_nodule

    nodule = read_nodule(words, vocabulary=vocabulary)
    results = [assess(system, nodule) for system in chosen]
    if as_json:
        records = [result.as_dict() for result in results]
        typer.echo(json.dumps(records[0] if len(records) == 1 else records, indent=2, ensure_ascii=False))
        return
    for system, result in zip(chosen, results, strict=True):
        typer.echo("\n".join([*_lines(system, result), ""]))
    typer.echo(results[0].as_dict()["research_use"])


def _lines(system: "System", result: "CategoryResult") -> list[str]:
    """A result as lines of text."""
    title = f" ({system.category(result.category).title})" if result.category else ""
    fields = [("category", result.text() + ("" if title.strip(" ()") == result.category else title))]
    if result.lowest_points is not None:
        span = f"{result.lowest_points} to {result.highest_points}"
        fields.append(("points", str(result.points) if result.points is not None else span))
    if result.risk:
        fields.append(("risk stated", f"{result.risk} %"))
    fields.append(("advice", result.recommendation()))
    if result.not_exactly_known:
        fields.append(("not exactly known", ", ".join(result.not_exactly_known)))
    fields += [("note", note) for note in result.notes]
    return [system.title, *(f"  {name:<18} {text}" for name, text in fields)]


def _print_systems(found: "list[System]", *, as_json: bool) -> None:
    if as_json:
        records = [
            {
                "system": item.key,
                "title": item.title,
                "aliases": list(item.aliases),
                "categories": [category.name for category in item.categories],
                "source": item.source,
                "checked": item.checked,
                "readings": list(item.readings),
            }
            for item in found
        ]
        typer.echo(json.dumps(records, indent=2, ensure_ascii=False))
        return
    for item in found:
        names = ", ".join(category.name for category in item.categories)
        typer.echo(f"{item.key:<16} {item.title}: {names}\n{'':<16} {item.source}")


def _assess_file(
    table: Path,
    out: Path | None,
    chosen: "list[System]",
    fill: dict[str, str],
    column: list[str],
    *,
    vocabulary: str,
    codes: bool,
    encoding: str | None,
) -> None:
    from thyrosight.cli.stats.table import StatsTable
    from thyrosight.files import csv_text, write_text
    from thyrosight.tirads import assess_table

    read = StatsTable.read(table, encoding=encoding)
    frame = read.frame
    assessed = assess_table(
        [{str(name): str(cell) for name, cell in row.items()} for row in frame.to_dict("records")],
        systems=[system.key for system in chosen],
        columns=_mapping(column),
        fill=fill,
        vocabulary=vocabulary,
        codes=codes,
        numbers=[int(number) for number in frame.index],
        source=str(table),
    )
    for name, cells in assessed.columns.items():
        frame[name] = list(cells)
    text = csv_text(frame.to_dict("records"), list(frame.columns))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
    for note in (*read.notes, *assessed.notes):
        typer.echo(note, err=True)
    if out is not None:
        typer.echo(
            f"{len(frame)} rows with their categories: {out}. For research use only, not for diagnosis.", err=True
        )


def _mapping(column: list[str]) -> dict[str, str]:
    from thyrosight.tirads import TiradsError

    mapping = {}
    for text in column:
        name, separator, own = text.partition("=")
        if not separator or not name.strip() or not own.strip():
            raise TiradsError(f"--column {text!r} should read NAME=COLUMN, for example margin=Margins.")
        mapping[name.strip()] = own.strip()
    return mapping
